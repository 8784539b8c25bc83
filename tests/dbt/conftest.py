"""The reference schema, built by the real dbt project into databases of their own."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.dbt.building import build


def _built(folder: Path, variables: str = "") -> Path:
    warehouse = folder / "warehouse.duckdb"
    build(warehouse, folder, as_of="2018-01-25", select="calendar_exceptions calendar region_codes regions", tested=True, variables=variables)
    return warehouse


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """`reference.calendar` and `reference.regions` as the latest notices and codes have them."""
    with duckdb.connect(_built(tmp_path_factory.mktemp("reference")), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def reference_before_the_epidemic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same with the calendar as it was known on 2020-01-20."""
    folder = tmp_path_factory.mktemp("reference_2020")
    with duckdb.connect(_built(folder, "calendar_as_of: '2020-01-20'"), read_only=True) as connection:
        yield connection
