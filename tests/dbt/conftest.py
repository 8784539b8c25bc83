"""The reference schema, built by the real dbt project into databases of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[2] / "dbt"
SELECTION = ["calendar_exceptions", "calendar", "region_codes", "regions"]


def _built(folder: Path, *variables: str) -> Path:
    warehouse = folder / "warehouse.duckdb"
    command = [sys.executable, "-m", "dbt.cli.main", "build", "--quiet", "--select", *SELECTION, *variables]
    places = {"--project-dir": PROJECT, "--profiles-dir": PROJECT, "--target-path": folder / "target", "--log-path": folder / "logs"}
    command += [part for option, path in places.items() for part in (option, str(path))]
    environment = os.environ | {"GONGKAI_WAREHOUSE": str(warehouse), "DO_NOT_TRACK": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
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
    with duckdb.connect(_built(folder, "--vars", "{calendar_as_of: '2020-01-20'}"), read_only=True) as connection:
        yield connection
