"""The reference schema, built by the real dbt project into databases of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from tests.dbt.building import build, prepared_warehouse


@contextmanager
def _asked(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Calendar and regions as tables of their own: the calendar is a view, and hundreds of questions would compute it hundreds of times."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{warehouse}' AS warehouse (READ_ONLY); CREATE SCHEMA reference")
        for table in ("calendar", "calendar_exceptions", "regions", "region_codes"):
            connection.execute(f"CREATE TABLE reference.{table} AS FROM warehouse.reference.{table}")
        yield connection


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """`reference.calendar` and `reference.regions` as the latest notices and codes have them."""
    with _asked(prepared_warehouse(tmp_path_factory.mktemp("reference") / "warehouse.duckdb")) as connection:
        yield connection


@pytest.fixture(scope="session")
def reference_before_the_epidemic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same with the calendar as it was known on 2020-01-20."""
    folder = tmp_path_factory.mktemp("reference_2020")
    warehouse = folder / "warehouse.duckdb"
    build(
        warehouse,
        folder,
        as_of="2018-01-25",
        select="calendar_exceptions calendar region_codes regions",
        tested=True,
        variables="calendar_as_of: '2020-01-20'",
    )
    with _asked(warehouse) as connection:
        yield connection
