"""A small published city and a province to push it to."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exports.push.province.faults import Faults
from exports.push.province.server import Province
from exports.push.settings import PushSettings
from tests.exports.push.city import City


@pytest.fixture
def city(tmp_path: Path) -> City:
    """An empty city."""
    return City(tmp_path)


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    """A province that behaves well until it is told otherwise."""
    server = Province(tmp_path / "province.sqlite", faults=Faults()).start()
    yield server
    server.stop()


@pytest.fixture
def settings(province: Province) -> PushSettings:
    """How to reach it: small packages, little patience."""
    return PushSettings(url=province.url, records_per_package=100, patience_seconds=10, timeout_seconds=5, first_pause_seconds=0.001)


@pytest.fixture
def at_province(province: Province) -> Callable[[str], dict[str, dict[str, str]]]:
    """The province's records of a data set by key."""

    def records(dataset: str) -> dict[str, dict[str, str]]:
        return {row["DATA_KEY"]: dict(province.store.content(dataset, row["DATA_KEY"])) for row in province.store.page(dataset, "", 100_000)}

    return records
