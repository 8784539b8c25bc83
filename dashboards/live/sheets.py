"""The pages of the published site inside the app: every sheet and the page of every duty, made by the same functions from the snapshot of the moment, and the big screen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask import Blueprint, abort, current_app, g, render_template, request
from markupsafe import Markup

from dashboards.labels import Language, label
from dashboards.live.addresses import PICKED, AppAddresses
from dashboards.live.frame import snapshot_of
from dashboards.live.selection import months_of
from dashboards.live.snapshots import OpenSnapshot
from dashboards.pages import SHEETS, Sheet, rule_sheets, sheet_page, view_of, years
from dashboards.parts import Page, View
from dashboards.periods import LATEST_YEARS
from dashboards.screen import screen

pages = Blueprint("sheets", __name__)
Made = TypeVar("Made")
_SHEETS = {sheet.name: sheet for sheet in SHEETS}

PRINTED = f"{PICKED}all"
"""The sheet of the rates: all charts of a period together, beside the page on which they are picked one by one."""

REFRESH_SECONDS = 300
"""How often the big screen asks whether a new snapshot was published: a few rounds of its slides."""


@dataclass(frozen=True)
class _Shown:
    """A page as it is sent: its name, its title, whether anything on it is drawn, and what stands under the title."""

    name: str
    title: str
    is_drawn: bool
    body: Markup


def path_of(sheet: Sheet, addresses: AppAddresses) -> str:
    """Where the sheet is served."""
    return PRINTED if sheet.name == "rates" else addresses.page(sheet.name)


def _view(snapshot: OpenSnapshot, language: Language, year: int | None = None) -> View:
    months = months_of(snapshot.frames.rates) or [""]
    return view_of(snapshot.frames, snapshot.manifest, AppAddresses(language, months[0], months[-1]), year)


def _shown(page: Page) -> _Shown:
    is_drawn = any(section.charts for section in page.sections)
    return _Shown(page.name, page.title, is_drawn, Markup(render_template("sections.html.j2", page=page)))


def _kept(snapshot: OpenSnapshot, key: tuple, make: Callable[[], Made]) -> Made:
    """What was made of the snapshot under this key, or is made now."""
    if key not in snapshot.kept:
        snapshot.kept[key] = make()
    made: Made = snapshot.kept[key]
    return made


def show(name: str) -> str:
    """The sheet of this name: of all periods, or where there is one of each year, of one."""
    snapshot, sheet = snapshot_of(current_app), _SHEETS[name]
    latest = years(snapshot.frames)[-LATEST_YEARS:] if sheet.by_year else []
    asked = request.args.get("year", "")
    if asked and asked not in map(str, latest):
        abort(404)
    year = int(asked) if asked else None
    shown = _kept(snapshot, ("sheet", sheet.name, g.language, year), lambda: _shown(sheet_page(sheet, _view(snapshot, g.language, year))))
    periods = [(label("page.all_periods", g.language), request.path, year is None)]
    periods += [(label("page.year", g.language, year=one), f"{request.path}?year={one}", one == year) for one in reversed(latest)]
    return render_template("sheet.html.j2", shown=shown, periods=periods if latest else [])


for _sheet in SHEETS:
    pages.add_url_rule(path_of(_sheet, AppAddresses("zh")), _sheet.name, show, defaults={"name": _sheet.name})


@pages.get("/rules/<rule_id>")
def rule(rule_id: str) -> str:
    """The page of a duty that has rates."""
    snapshot = snapshot_of(current_app)
    duties: Mapping[str, Page] = _kept(snapshot, ("duties", g.language), lambda: dict(rule_sheets(_view(snapshot, g.language))))
    if rule_id not in duties:
        abort(404)
    shown = _kept(snapshot, ("duty", rule_id, g.language), lambda: _shown(duties[rule_id]))
    return render_template("sheet.html.j2", shown=shown, periods=[])


@pages.get("/screen")
def big_screen() -> str:
    """The big screen of the snapshot of the moment."""
    snapshot = snapshot_of(current_app)
    shown = _kept(snapshot, ("screen", g.language), lambda: screen(_view(snapshot, g.language)))
    return render_template("screen.html.j2", screen=shown, root="/assets/", refresh_seconds=REFRESH_SECONDS)
