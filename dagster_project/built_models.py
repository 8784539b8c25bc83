"""From which models the working warehouse was last built to the end; it says so itself, so a warehouse put in its place says its own."""

from pathlib import Path

import duckdb

_TABLE = "meta.models"


def begin_build(warehouse: Path) -> str | None:
    """The digest remembered by the last whole build, which is forgotten with the last audit: a build that is killed is done again from the ground."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS {_TABLE} (built_from VARCHAR)")
        remembered = connection.execute(f"SELECT built_from FROM {_TABLE}").fetchone()
        connection.execute(f"DELETE FROM {_TABLE}")
        # What was found true of the tables that stood here says nothing of those that will.
        connection.execute("DROP TABLE IF EXISTS quality.checks")
    return str(remembered[0]) if remembered else None


def end_build(warehouse: Path, digest: str) -> None:
    """Remember that everything was built from models of this digest."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"INSERT INTO {_TABLE} VALUES (?)", [digest])
