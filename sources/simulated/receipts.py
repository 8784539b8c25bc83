"""The province's receipts for what a city pushed: nearly all at once, a few late, a few refused first, a few never sent."""

from datetime import datetime, time

import numpy as np
import polars as pl

from sources.definitions import datasets
from sources.simulated.city import City
from sources.simulated.working_week import DAY

DATASET = "PUSH_RECEIPT"
#: Of 10,000 records.
_NEVER_SENT, _LATE, _REFUSED_FIRST = 5, 60, 70
_ADD, _CHANGE = "1", "2"


def receipts_for(city: City, dataset: str, records: pl.DataFrame, region_codes: pl.Series, first_row: int) -> pl.DataFrame:
    """Receipts of delivered records of one data set, all text under national names; none for a data set of our own.

    ``region_codes`` are those of the records, ``first_row`` how many of the data set were written before. Nothing was pushed after the last day.
    A correction is a further push of its record.
    """
    columns = [column.national for column in datasets()[DATASET].columns]
    number = datasets()[dataset].number
    if number is None:
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    random = np.random.default_rng([city.seed, number, first_row])
    lot = pl.Series("lot", random.integers(0, 10_000, records.height))
    published = pl.col("DATA_TIMESTAMP").str.to_datetime("%Y%m%d%H%M%S").dt.epoch("s")
    late = pl.col("lot").is_between(_NEVER_SENT, _NEVER_SENT + _LATE - 1)
    refused = pl.col("lot").is_between(_NEVER_SENT + _LATE, _NEVER_SENT + _LATE + _REFUSED_FIRST - 1) & (pl.col("OPERATION") == _ADD)
    pushed = (
        records.select(PUSHED_KEY="DATA_KEY", OPERATION="DATA_TYPE", PUBLISHED_TIME="DATA_TIMESTAMP", published=published)
        .with_columns(
            lot,
            minutes=pl.Series(random.integers(2, 240, records.height)),
            hours=pl.Series(random.integers(26, 96, records.height)),
            REGION_CODE=region_codes,
            PUSHED_DATASET=pl.lit(dataset),
        )
        .filter((pl.col("lot") >= _NEVER_SENT) | (pl.col("OPERATION") != _ADD))
        .with_columns(sent=pl.col("published") + pl.when(late).then(pl.col("hours") * 3600).otherwise(pl.col("minutes") * 60))
    )
    accepted = pushed.with_columns(
        # The second attempt follows half an hour after the refusal; a correction comes after both.
        ATTEMPT=pl.when(pl.col("OPERATION") != _ADD).then(pl.lit("3")).when(refused).then(pl.lit("2")).otherwise(pl.lit("1")),
        sent=pl.col("sent") + pl.when(refused).then(1800).otherwise(0),
        STATUS=pl.lit("已接收"),
    ).with_columns(ACCEPTED_TIME=_t14(pl.col("sent") + 20))
    first = pushed.filter(refused).with_columns(
        ATTEMPT=pl.lit("1"), STATUS=pl.lit("已退回"), REFUSAL_CODE=pl.lit("schema"), REFUSAL_REASON=pl.lit("字段格式不符（模拟）")
    )
    last = (datetime.combine(city.covers_to, time()) - datetime(1970, 1, 1)).days * DAY + DAY
    receipts = pl.concat([accepted, first], how="diagonal").filter(pl.col("sent") + 20 < last).with_columns(SENT_TIME=_t14(pl.col("sent")))
    given = receipts.columns
    return receipts.select(pl.col(name) if name in given else pl.lit(None, dtype=pl.String).alias(name) for name in columns).sort(
        "PUSHED_KEY", "ATTEMPT"
    )


def _t14(seconds: pl.Expr) -> pl.Expr:
    return pl.from_epoch(seconds, "s").dt.strftime("%Y%m%d%H%M%S")
