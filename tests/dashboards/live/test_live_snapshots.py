"""The app shows the snapshot that is published, and the next one without a restart."""

import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboards.live.snapshots import NothingPublishedError, Snapshots
from tests.dashboards.live.conftest import Clock, SignIn
from tests.dashboards.live.published import publish

pytestmark = pytest.mark.thorough


def _until(holds: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.02)
    assert holds()  # type: ignore[operator]


def test_a_new_snapshot_is_shown_without_a_restart(tmp_path: Path) -> None:
    first = publish(tmp_path, "2018-01-24-aaaaaaaa")
    current = tmp_path / "published" / "current"
    snapshots = Snapshots(current.resolve, lambda folder: {"as_of": "2018-01-25"})
    held = snapshots.now()
    assert held.folder == first and snapshots.now() is held
    second = publish(tmp_path, "2018-01-25-bbbbbbbb")
    assert snapshots.now().folder in {first, second}, "nobody waits for the new one"
    _until(lambda: snapshots.now().folder == second)
    with held.reading() as connection:
        assert connection.execute("SELECT count(*) > 0 FROM marts.obligations").fetchall() == [(True,)], "what began on the old one ends on it"


def test_a_snapshot_that_cannot_be_read_leaves_the_old_one(tmp_path: Path) -> None:
    first = publish(tmp_path, "2018-01-24-aaaaaaaa")
    current = tmp_path / "published" / "current"
    snapshots = Snapshots(current.resolve, lambda folder: {"as_of": "2018-01-25"})
    snapshots.now()
    broken = tmp_path / "published" / "2018-01-25-broken"
    broken.mkdir()
    (broken / "warehouse.duckdb").write_bytes(b"no warehouse")
    current.unlink()
    current.symlink_to(broken.name)
    for _ in range(50):
        assert snapshots.now().folder == first
        time.sleep(0.005)
    third = publish(tmp_path, "2018-01-26-cccccccc")
    _until(lambda: snapshots.now().folder == third)


def test_nothing_published_is_said() -> None:
    with pytest.raises(NothingPublishedError):
        Snapshots(lambda: None, lambda folder: {}).now()


def test_the_header_tells_snapshot_day_and_age(sign_in: SignIn, clock: Clock) -> None:
    client: FlaskClient = sign_in("looker")
    page = client.get("/records").text
    assert "2018-01-25-aaaaaaaa" in page and "2 小时前" in page and "咸宁市公共资源交易中心" in page and "stale" not in page
    clock.forward(hours=35)
    page = client.get("/records").text
    assert "37 小时前" in page and "超过 36 小时未更新" in page
    clock.forward(days=3)
    assert "4 天前" in client.get("/records").text
