"""A published home for the documents, delivered, loaded and built for real."""

import shutil
from pathlib import Path

import pytest

from sources.simulated import simulate_sections
from tests.exports.documents.delivered import AS_OF, write_delivery
from tests.exports.published_home import made_once, publish_deliveries


def _publish(home: Path) -> None:
    office, city = home / "office", home / "city"
    home.mkdir()
    write_delivery(office)
    simulate_sections(300, 5, city, year=2022)
    publish_deliveries(home, (office, city), AS_OF)


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once for all workers, whichever asks first; read only."""
    return made_once(tmp_path_factory, "documents", _publish)


@pytest.fixture
def own_home(shared_home: Path, tmp_path: Path) -> Path:
    """The same published snapshot in a home of one's own."""
    own = tmp_path / "home"
    shutil.copytree(shared_home / "published", own / "published", symlinks=True)
    return own
