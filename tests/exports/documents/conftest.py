"""A published home for the documents, delivered, loaded and built for real."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from exports.documents.catalogue import DOCUMENTS
from exports.documents.writing import Asked, write_documents
from sources.simulated.cities import made_up_city
from sources.simulated.delivery import write_city
from sources.simulated.registers.property_transactions import PropertyTransactions
from tests.exports.documents.delivered import AS_OF, write_delivery
from tests.exports.published_home import publish_deliveries
from tests.made_once import made_once


def _publish(home: Path) -> None:
    office, city = home / "office", home / "city"
    home.mkdir()
    write_delivery(office)
    # With failed tenders, receipts of the push, bidders since summer, and transfers of state property.
    further = {"failed_tenders": 24, "pushes": True, "opening_details_from": date(2022, 5, 20), "registers": (PropertyTransactions(24, 8),)}
    write_city(replace(made_up_city(300, 5, 2022, faults=True), **further), city)
    publish_deliveries(home, (office, city), AS_OF)


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once for all workers, whichever asks first; read only."""
    return made_once(tmp_path_factory, "documents", _publish)


@pytest.fixture(scope="session")
def everything(shared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every document of 2022: written once for all workers, read only."""
    return made_once(tmp_path_factory, "everything", lambda out: write_documents(shared_home, DOCUMENTS, Asked(2022), out))


@pytest.fixture
def own_home(shared_home: Path, tmp_path: Path) -> Path:
    """The same published snapshot in a home of one's own."""
    own = tmp_path / "home"
    shutil.copytree(shared_home / "published", own / "published", symlinks=True)
    return own
