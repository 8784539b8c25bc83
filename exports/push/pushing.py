"""One push from beginning to end: settle what is open, fill the outbox from the snapshot, send, write the receipts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from exports.publication import current_snapshot
from exports.push.adoption import Adoption, adopt
from exports.push.answers import Settled
from exports.push.channel import Channel
from exports.push.errors import PushError, PushUsageError
from exports.push.filling import Filling, fill
from exports.push.http_channel import HttpChannel
from exports.push.outbox import open_outbox, packages_folder
from exports.push.packages import Format, Package
from exports.push.receipts import write_receipts
from exports.push.reconciliation import Reconciliation, reconcile
from exports.push.sending import Sender
from exports.push.settings import PushSettings
from exports.push.sftp_channel import SftpChannel
from exports.push.status import Status, status


@dataclass(frozen=True)
class Pushed:
    """What one push did, and how the outbox stands after it."""

    filling: Filling
    settled: Settled
    status: Status
    receipts: Path | None


def snapshot_of(home: Path) -> Path:
    """The current snapshot. Raises PushUsageError when nothing was published yet."""
    snapshot = current_snapshot(home)
    if snapshot is None:
        raise PushUsageError(f"{home}: nothing was published yet; run `gongkai run` first")
    return snapshot


def open_channel(settings: PushSettings) -> Channel:
    """The way to the address in the settings. Raises PushUsageError for an address that is none."""
    if not settings.url:
        raise PushUsageError("no province is configured; name it with --to URL or GONGKAI_PUSH_URL")
    return SftpChannel(settings) if settings.url.startswith("sftp://") else HttpChannel(settings)


def push(
    home: Path,
    settings: PushSettings,
    form: Format,
    now: Callable[[], datetime],
    report: Callable[[Package, Settled], None] = lambda _, __: None,
) -> Pushed:
    """Push the current snapshot. Receipts are written also when the push has to end half-way."""
    snapshot = snapshot_of(home)
    channel = open_channel(settings)
    try:
        with open_outbox(home) as connection:
            sender = Sender(connection, packages_folder(home), channel, settings, report)
            try:
                settled = sender.resume()
                filling = fill(connection, snapshot, settings)
                settled.add(sender.send_all(form))
            except PushError:
                write_receipts(connection, home, now())
                raise
            return Pushed(filling, settled, status(connection), write_receipts(connection, home, now()))
    finally:
        channel.close()


def look(home: Path, settings: PushSettings) -> tuple[Filling, Status]:
    """Fill the outbox and say how it stands; nothing is packed or sent."""
    snapshot = snapshot_of(home)
    with open_outbox(home) as connection:
        return fill(connection, snapshot, settings), status(connection)


def compare(home: Path, settings: PushSettings) -> Reconciliation:
    """Compare with what the province says it has. Raises PushUsageError over SFTP, which cannot be asked."""
    snapshot = snapshot_of(home)
    with _asked(settings) as channel, open_outbox(home) as connection:
        return reconcile(connection, channel, snapshot)


def take_over(home: Path, settings: PushSettings) -> Adoption:
    """Enter what the province has already into an outbox that knows nothing. Raises PushUsageError when it does, and over SFTP, which cannot be asked."""
    snapshot = snapshot_of(home)
    with _asked(settings) as channel, open_outbox(home) as connection:
        return adopt(connection, channel, snapshot)


@contextmanager
def _asked(settings: PushSettings) -> Iterator[HttpChannel]:
    channel = open_channel(settings)
    try:
        if not isinstance(channel, HttpChannel):
            raise PushUsageError("only a province reached over HTTP can be asked what it has")
        yield channel
    finally:
        channel.close()
