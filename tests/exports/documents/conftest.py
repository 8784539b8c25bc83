"""A published home for the documents, delivered, loaded and built for real."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from exports.publication import publish
from sources.loader import load_deliveries
from sources.simulated import simulate_sections
from tests.dbt.building import build, prepared_warehouse
from tests.exports.documents.delivered import AS_OF, write_delivery


def _publish(home: Path) -> None:
    office, city = home / "office", home / "city"
    home.mkdir()
    write_delivery(office)
    simulate_sections(300, 5, city, year=2022)
    warehouse = prepared_warehouse(home / "work" / "warehouse.duckdb")
    for folder in (office, city):
        load_deliveries(warehouse, folder, home=home, received_at=datetime(2023, 1, 25, tzinfo=UTC))
    build(warehouse, home / "scratch", as_of=AS_OF)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS quality")
    publish(home, warehouse, manifest={"as_of": AS_OF, "known_at": AS_OF, "state": "", "fingerprint": ""}, build=lambda folder: None)


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once for all workers, whichever asks first; read only."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "documents"
    with FileLock(f"{shared}.lock"):
        if not shared.exists():
            _publish(shared)
    return shared


@pytest.fixture
def own_home(shared_home: Path, tmp_path: Path) -> Path:
    """The same published snapshot in a home of one's own."""
    own = tmp_path / "home"
    shutil.copytree(shared_home / "published", own / "published", symlinks=True)
    return own
