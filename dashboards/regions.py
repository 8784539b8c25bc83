"""The order in which regions are read."""

import polars as pl

UNKNOWN_REGION = "000000"
"""Stands last: it is not a place."""


def ordered_regions(regions: pl.DataFrame) -> pl.DataFrame:
    """Rows with `region_code` by code, the unknown region last."""
    return regions.sort(pl.col("region_code") == UNKNOWN_REGION, "region_code")
