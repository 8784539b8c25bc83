"""What stands above every page: which snapshot is shown, how old it is, where one can go."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask, g, request

from dashboards.labels import Language, label, section
from dashboards.live.addresses import AppAddresses
from dashboards.live.snapshots import NothingPublishedError, OpenSnapshot
from dashboards.snapshot import SnapshotError

STALE_HOURS = 36
"""A snapshot that is older is marked: the night's run did not publish."""

PLACES = {
    "figures": ("index", "rates", "transactions", "push", "sanctions", "calendar", "registers"),
    "basis": ("ledger", "rules", "definitions", "dictionary"),
    "work": ("records", "desk", "bulletin", "screen"),
}
"""The pages that the header leads to, by the label `live.<group>` of their group; each by its label `site.<name>` where it is a sheet of the site, else `live.<name>`."""

_OWN_PATHS = {"bulletin": "/desk/bulletin"}


@dataclass(frozen=True)
class Frame:
    """facts: label and text; is_stale: whether the snapshot is older than STALE_HOURS; groups: label, and of each of its places label, address, whether one is there;
    here: the label of the place where one is, empty on a page that is none."""

    facts: list[tuple[str, str]]
    is_stale: bool
    groups: list[tuple[str, list[tuple[str, str, bool]]]]
    here: str


def snapshot_of(app: Flask) -> OpenSnapshot:
    """The snapshot of this request: one and the same from its first look to its end."""
    if "snapshot" not in g:
        g.snapshot = app.extensions["gongkai_snapshots"].now()
    snapshot: OpenSnapshot = g.snapshot
    return snapshot


def frame_of(app: Flask) -> Frame:
    """The frame of the page that is being made. A reader without a snapshot still gets to where accounts and words are."""
    language: Language = g.language
    groups, here = _groups(language)
    try:
        snapshot = snapshot_of(app)
    except (NothingPublishedError, SnapshotError):
        return Frame([], False, groups, here)
    manifest = snapshot.manifest
    age, is_stale = _age(str(manifest.get("published_at") or ""), app.extensions["gongkai"].now(), language)
    facts = [
        (label("page.as_of", language), str(snapshot.frames.as_of or "—")),
        (label("page.source", language), label("punctuation.between", language).join(snapshot.frames.sources) or label("page.no_source", language)),
        (label("page.snapshot", language), snapshot.name),
        (label("live.age", language), age),
    ]
    return Frame(facts, is_stale, groups, here)


def _groups(language: Language) -> tuple[list[tuple[str, list[tuple[str, str, bool]]]], str]:
    sheets, addresses = section("site", language), AppAddresses(language)
    paths = {name: _OWN_PATHS.get(name) or addresses.page(name) for names in PLACES.values() for name in names}
    labels = {name: sheets.get(name) or label(f"live.{name}", language) for name in paths}
    # Of a page and another under it, one is at the nearer.
    at = max((name for name, path in paths.items() if _is_under(path)), key=lambda name: len(paths[name]), default="")
    groups = [(label(f"live.{group}", language), [(labels[name], paths[name], name == at) for name in names]) for group, names in PLACES.items()]
    return groups, labels.get(at, "")


def _is_under(path: str) -> bool:
    return request.path == path or (path != "/" and request.path.startswith(f"{path.rstrip('/')}/"))


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
