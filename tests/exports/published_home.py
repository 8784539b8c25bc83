"""Homes with a published snapshot, made of deliveries without Dagster: loaded, built and published, without an audit: its tables are empty."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path

import duckdb

from exports.publication import publish
from quality.audit import TABLES
from sources.loader import load_deliveries
from tests.dbt.building import build, prepared_warehouse


def publish_deliveries(home: Path, folders: Iterable[Path], as_of: str) -> None:
    """Load the folders, received on the day told, build all models as of it and publish."""
    warehouse = prepared_warehouse(home / "work" / "warehouse.duckdb")
    received_at = datetime.combine(date.fromisoformat(as_of), time(), UTC)
    for folder in folders:
        load_deliveries(warehouse, folder, home=home, received_at=received_at)
    build(warehouse, home / "scratch", as_of=as_of)
    with duckdb.connect(str(warehouse)) as connection:
        for table in TABLES:
            connection.execute(table)
    publish(home, warehouse, manifest={"as_of": as_of, "known_at": as_of, "state": "", "fingerprint": ""}, build=lambda folder: None)
