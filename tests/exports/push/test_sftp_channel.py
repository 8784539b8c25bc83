"""Packages over SFTP against a real server on loopback: whole or not at all, receipts later, only known hosts."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncssh
import pytest

from exports.push.errors import ProvinceForbids, PushUsageError
from exports.push.province.intake import Intake, open_package
from exports.push.province.store import Store
from exports.push.pushing import Pushed, push
from exports.push.settings import PushSettings
from exports.push.sftp_channel import SftpChannel
from tests.exports.push.city import City

USER, PASSWORD = "centre", "geheim-42"


class _Server(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, PushSettings]]:
    """The folder that is served and how to reach it."""
    root = tmp_path / "served"
    for name in ("incoming", "receipts"):
        (root / "push" / name).mkdir(parents=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop, ready, port = asyncio.new_event_loop(), threading.Event(), []

    async def serve() -> None:
        acceptor = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[key],
            server_factory=_Server,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root)),
        )
        port.append(acceptor.get_port())
        ready.set()

    thread = threading.Thread(target=lambda: (loop.run_until_complete(serve()), loop.run_forever()), daemon=True)
    thread.start()
    assert ready.wait(10)
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port[0]} {key.export_public_key().decode()}")
    yield (
        root / "push",
        PushSettings(
            url=f"sftp://{USER}@127.0.0.1:{port[0]}/push",
            sftp_password=PASSWORD,
            sftp_known_hosts=str(known),
            patience_seconds=5,
            first_pause_seconds=0.001,
        ),
    )
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


def _push(city: City, settings: PushSettings) -> Pushed:
    return push(city.home, settings, "xml", lambda: datetime.now(UTC))


def _answer_all(folder: Path, store: Store) -> int:
    """What the province does at night: takes every package in and writes its receipt."""
    intake = Intake(store, lambda: "20180125120000")
    packages = sorted((folder / "incoming").glob("*.zip"))
    for path in packages:
        receipt = intake.judge(open_package(path.read_bytes()))
        (folder / "receipts" / f"{path.stem}.json").write_text(json.dumps(receipt), encoding="utf-8")
        path.unlink()
    return len(packages)


@pytest.mark.thorough
def test_packages_are_uploaded_whole_and_settled_by_the_receipts_of_later_pushes(
    city: City, served: tuple[Path, PushSettings], tmp_path: Path
) -> None:
    folder, settings = served
    store = Store(tmp_path / "province.sqlite")
    city.simulate(8)
    city.publish()
    first = _push(city, settings)
    assert not list(folder.rglob("*.part"))
    assert first.settled.accepted == 0
    assert first.status.under_way + first.status.waiting == first.status.left_behind > 0
    # Children go when the province has said that the parents are there.
    assert _answer_all(folder, store) > 1
    second = _push(city, settings)
    assert second.settled.accepted > 0
    while _answer_all(folder, store):
        last = _push(city, settings)
    assert last.status.left_behind == 0
    assert last.status.at_province == store.count() == first.filling.additions
    store.close()


def test_a_wrong_password_an_unknown_host_and_a_password_in_the_address_are_told(served: tuple[Path, PushSettings], tmp_path: Path) -> None:
    from dataclasses import replace

    _, settings = served
    assert SftpChannel(settings).is_well()
    with pytest.raises(ProvinceForbids, match="SFTP_PASSWORD") as caught:
        SftpChannel(replace(settings, sftp_password="wrong-43"))._connected()
    assert "wrong-43" not in str(caught.value)
    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(ProvinceForbids, match="no known host"):
        SftpChannel(replace(settings, sftp_known_hosts=str(empty)))._connected()
    with pytest.raises(PushUsageError, match="GONGKAI_PUSH_SFTP_PASSWORD"):
        SftpChannel(replace(settings, url="sftp://a:b@127.0.0.1/x"))
