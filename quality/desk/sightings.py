"""What each audit saw of the findings, as files that outlive the working warehouse: ``HOME/desk/sightings/<sha256>.parquet``, named by the log.

A file has one row for each finding that was opened, closed or opened again (``event``; with what it is of, as far as it was opened), and one row for
each check that was asked (``event`` = asked). What did not change is not repeated.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from quality.desk.errors import LogAltered

FOLDER = "sightings"
#: What a finding is of: kept when it is opened, so that it can be told when the data passes and no audit finds it any more.
DESCRIPTION = {
    "check_id": "VARCHAR", "kind": "VARCHAR", "label": "VARCHAR", "dimension": "VARCHAR", "severity": "VARCHAR", "dataset": "VARCHAR",
    "record_key": "VARCHAR", "column_name": "VARCHAR", "value": "VARCHAR", "reason": "VARCHAR", "rule_id": "VARCHAR", "region_code": "VARCHAR",
    "source_file": "VARCHAR", "source_row": "BIGINT",
}  # fmt: skip
COLUMNS = {"event": "VARCHAR", "finding_id": "VARCHAR"} | DESCRIPTION


def sighting_file(folder: Path, sha256: str) -> Path:
    """The file of a sighting, in the desk's folder."""
    return folder / FOLDER / f"{sha256}.parquet"


def checked_files(folder: Path, sightings: Iterable[Mapping[str, Any]]) -> list[tuple[int, Path]]:
    """Entry number and file of every sighting of the log. Raises LogAltered for a file that is missing or not as it was written."""
    found = []
    for sighting in sightings:
        path = sighting_file(folder, sighting["sha256"])
        if not path.is_file():
            raise LogAltered(sighting["number"], f"its file {path.name} is missing")
        if digest(path) != sighting["sha256"]:
            raise LogAltered(sighting["number"], f"its file {path.name} was changed")
        found.append((int(sighting["number"]), path))
    return found


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def keep(connection: duckdb.DuckDBPyConnection, rows: str, folder: Path) -> str:
    """Write the relation ``rows`` (COLUMNS) as the file of a sighting and return its SHA-256. Written whole or not at all; written again it is the same."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    writing = folder / FOLDER / f".writing-{os.getpid()}"
    quoted = str(writing).replace("'", "''")
    connection.execute(f"COPY (SELECT {', '.join(COLUMNS)} FROM {rows} ORDER BY event, finding_id, check_id) TO '{quoted}' (FORMAT parquet)")
    with writing.open("rb") as stream:
        os.fsync(stream.fileno())
    sha256 = digest(writing)
    writing.rename(sighting_file(folder, sha256))
    return sha256
