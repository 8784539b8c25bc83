"""``gongkai push`` and ``gongkai province``: what they print and how they end."""

import os
import sys
import time
from datetime import datetime
from pathlib import Path

from dagster_project.errors import UsageError
from dagster_project.home import Home
from dagster_project.run import Outcome
from exports.push.errors import PushUsageError
from exports.push.filling import Filling
from exports.push.outbox import open_outbox
from exports.push.packages import Format
from exports.push.settings import PushSettings
from exports.push.status import Status, reasons
from sources.clock import BEIJING

_STATES = {
    "at_province": "在省 at the province",
    "queued": "待发 queued",
    "under_way": "在途 under way",
    "waiting": "待上级 waiting for a parent",
    "refused": "退回 refused",
    "parked": "搁置 parked",
    "blocked": "阻断 blocked",
    "anomalies": "回执异常 anomalies",
    "differences": "不一致 differences",
}


def _now() -> datetime:
    return datetime.now(BEIJING)


def _settings(url: str | None) -> PushSettings:
    try:
        return PushSettings.from_environment(os.environ, url=url)
    except PushUsageError as error:
        raise UsageError(str(error)) from error


def push_snapshot(home: Home, url: str | None, form: Format) -> Outcome:
    """Push, and say what was settled; PUBLISHED when the province has everything that it should."""
    from exports.push.pushing import push

    pushed = push(home.path, _settings(url), form, _now)
    _tell_filling(pushed.filling)
    settled = pushed.settled
    _say(f"发送 sent       {settled.accepted:,} accepted · {settled.refused:,} refused · {settled.parked:,} parked · {settled.again:,} tried again")
    if pushed.receipts:
        _say(f"回执 receipts   {pushed.receipts}")
    return _tell_status(home, pushed.status)


def show_status(home: Home) -> Outcome:
    """Say how the outbox stands, without looking at the snapshot or the province."""
    from exports.push.status import status

    with open_outbox(home.path) as connection:
        stands = status(connection)
    return _tell_status(home, stands)


def dry_run(home: Home) -> Outcome:
    """Fill the outbox and say what would be sent."""
    from exports.push.pushing import look

    filling, stands = look(home.path, _settings(None))
    _tell_filling(filling)
    _tell_status(home, stands)
    return Outcome.PUBLISHED


def write_to(home: Home, out: Path, form: Format) -> Outcome:
    """Write packages into a folder."""
    from exports.push.pushing import snapshot_of
    from exports.push.writing import write_packages

    packages = write_packages(snapshot_of(home.path), out, form, _settings(None))
    _say(f"{out} · {len(packages)} packages · {sum(package.records for package in packages):,} records")
    return Outcome.PUBLISHED


def reconcile_with(home: Home, url: str | None) -> Outcome:
    """Compare with the province; PUBLISHED when both have the same."""
    from exports.push.pushing import compare

    found = compare(home.path, _settings(url))
    _say(f"核对 reconciled  {found.agreed:,} agree · {found.not_received:,} not received · {found.not_sent:,} not sent · {found.differing:,} differ")
    if found.is_clean:
        return Outcome.PUBLISHED
    _say(f"明细 list        {home.path / 'push' / 'push.duckdb'} · outbox.differences")
    return Outcome.NOT_PUBLISHED


def take_over_from(home: Home, url: str | None) -> Outcome:
    """Take over what the province has already into an outbox that was lost."""
    from exports.push.pushing import take_over

    taken = take_over(home.path, _settings(url))
    _say(f"接管 adopted     {taken.adopted:,} records are at the province already · {taken.unknown:,} there are not in the snapshot")
    return Outcome.PUBLISHED


def run_province(store: Path, port: int, **faults: float) -> Outcome:
    """Serve the demonstration province until it is interrupted. Its token is GONGKAI_PROVINCE_TOKEN, when that is set."""
    from exports.push.province.faults import Faults
    from exports.push.province.server import Province

    province = Province(store, port=port, faults=Faults(**faults), token=os.environ.get("GONGKAI_PROVINCE_TOKEN") or None)  # type: ignore[arg-type]
    province.start()
    _say(f"省平台（演示）province  {province.url} · {store} · {province.store.count():,} records · Ctrl-C ends it")
    sys.stdout.flush()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        province.stop()
    return Outcome.PUBLISHED


def _tell_filling(filling: Filling) -> None:
    new = "" if filling.is_new else " (looked at before)"
    _say(f"快照 snapshot   {filling.snapshot}{new} · {filling.additions:,} to add · {filling.changes:,} to change · {filling.deletions:,} to delete")


def _tell_status(home: Home, stands: Status) -> Outcome:
    _say("状态 status     " + " · ".join(f"{label} {getattr(stands, name):,}" for name, label in _STATES.items()))
    if not stands.left_behind:
        return Outcome.PUBLISHED
    with open_outbox(home.path) as connection:
        for state, dataset, code, reason, records in reasons(connection):
            _say(f"  {records:>8,}  {_STATES[state].split()[0]} {dataset} {code}: {reason}")
    return Outcome.NOT_PUBLISHED


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
