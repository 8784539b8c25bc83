"""What stands above every page: which snapshot is shown, how old it is, where one can go."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask, g, request

from dashboards.labels import Language, label
from dashboards.live.snapshots import NothingPublishedError, OpenSnapshot
from dashboards.snapshot import SnapshotError

STALE_HOURS = 36
"""A snapshot that is older is marked: the night's run did not publish."""

PLACES = (("overview", "/"), ("rates", "/rates/"), ("records", "/records"), ("desk", "/desk"))
"""The pages that the header leads to, by their label `live.<name>`."""


@dataclass(frozen=True)
class Frame:
    """facts: label and text; is_stale: whether the snapshot is older than STALE_HOURS; places: label, address, whether one is there."""

    facts: list[tuple[str, str]]
    is_stale: bool
    places: list[tuple[str, str, bool]]


def snapshot_of(app: Flask) -> OpenSnapshot:
    """The snapshot of this request: one and the same from its first look to its end."""
    if "snapshot" not in g:
        g.snapshot = app.extensions["gongkai_snapshots"].now()
    snapshot: OpenSnapshot = g.snapshot
    return snapshot


def frame_of(app: Flask) -> Frame:
    """The frame of the page that is being made. A reader without a snapshot still gets to where accounts and words are."""
    language: Language = g.language
    places = [(label(f"live.{name}", language), address, _is_at(address)) for name, address in PLACES]
    try:
        snapshot = snapshot_of(app)
    except (NothingPublishedError, SnapshotError):
        return Frame([], False, places)
    manifest = snapshot.manifest
    age, is_stale = _age(str(manifest.get("published_at") or ""), app.extensions["gongkai"].now(), language)
    facts = [
        (label("page.as_of", language), str(snapshot.frames.as_of or "—")),
        (label("page.source", language), "、".join(snapshot.frames.sources) or label("page.no_source", language)),
        (label("page.snapshot", language), snapshot.name),
        (label("live.age", language), age),
    ]
    return Frame(facts, is_stale, places)


def _is_at(address: str) -> bool:
    return request.path == address if address == "/" else request.path.startswith(address.rstrip("/"))


def _age(published_at: str, now: datetime, language: Language) -> tuple[str, bool]:
    try:
        published = datetime.fromisoformat(published_at)
    except ValueError:
        return "—", False
    hours = max(0.0, (now - published).total_seconds() / 3600)
    if hours < 1:
        text = label("live.minutes_ago", language, count=int(hours * 60))
    elif hours < 48:
        text = label("live.hours_ago", language, count=int(hours))
    else:
        text = label("live.days_ago", language, count=int(hours // 24))
    return text, hours > STALE_HOURS
