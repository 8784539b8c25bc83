"""Builds the dbt project into a warehouse, as the Dagster job does, for tests of the models."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

import duckdb

from dagster_project.prepared_warehouse import SETTLED, begin_with_prepared, prepare_warehouse
from dagster_project.project import DBT, models_digest, prepare_manifest
from sources.loader import load_deliveries
from tests import forked

_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


def prepared_warehouse(warehouse: Path) -> Path:
    """A warehouse as every new home begins with it, at the path given: what no data changes is built and tested; nothing is loaded."""
    prepare_manifest()
    prepare_warehouse()
    begin_with_prepared(warehouse)
    return warehouse


def _is_prepared(warehouse: Path) -> bool:
    if not warehouse.exists():
        return False
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        built = connection.execute("SELECT 1 FROM duckdb_tables() WHERE schema_name = 'meta' AND table_name = 'last_build'").fetchone()
        return bool(built and connection.execute("FROM meta.last_build WHERE built_from = ? AND as_of IS NULL", [models_digest()]).fetchone())


def build(
    warehouse: Path,
    scratch: Path,
    *,
    as_of: str,
    select: str | None = None,
    tested: bool = False,
    variables: str = "",
    project: Path = DBT,
    goes_on: bool = False,
    settled: bool = False,
) -> str:
    """Run dbt over the warehouse, its own tests only if asked, from the ground unless it ``goes_on``, and without what is ``settled`` or was prepared; returns its output, fails when a node fails.

    The file must be called ``warehouse.duckdb``: the name is in the parsed models.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    left_out = ("--exclude", SETTLED) if settled or (project == DBT and _is_prepared(warehouse)) else ()
    arguments = [
        "build",
        *(() if goes_on else ("--full-refresh",)),
        *(() if tested else _TESTS),
        *(("--select", select) if select else ()),
        *left_out,
        "--vars",
        f"{{as_of: '{as_of}', {variables}}}",
    ]
    places = {"PROJECT_DIR": project, "PROFILES_DIR": project, "TARGET_PATH": scratch / "target", "LOG_PATH": scratch / "logs"}
    environment = os.environ | {f"DBT_{name}": str(path) for name, path in places.items()}
    environment |= {"GONGKAI_WAREHOUSE": str(warehouse), "DO_NOT_TRACK": "1"}
    if project == DBT:
        # As the job does: from the models as parsed once.
        prepare_manifest()
        done = forked.dbt(arguments, environment=environment)
    else:
        program = "from dbt.cli.main import cli; cli()"
        done = subprocess.run([sys.executable, "-c", program, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def built(delivered: Path, as_of: date) -> Iterator[duckdb.DuckDBPyConnection]:
    """A delivery folder loaded on that day into a home beside it and built and tested as of it: the warehouse, to be read in Beijing time."""
    home = delivered.parent
    path = prepared_warehouse(home / "work" / "warehouse.duckdb")
    load_deliveries(path, delivered, home=home, received_at=datetime.combine(as_of, time(), UTC))
    build(path, home, as_of=as_of.isoformat(), tested=True)
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        yield connection
