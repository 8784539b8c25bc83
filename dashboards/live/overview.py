"""The overview: the sections of the published page, inside the app."""

from flask import Blueprint, abort, current_app, g, render_template, request
from markupsafe import Markup

from dashboards.labels import label
from dashboards.live.frame import snapshot_of
from dashboards.pages import page, years
from dashboards.periods import LATEST_YEARS

pages = Blueprint("overview", __name__)


@pages.get("/")
def overview() -> str:
    """All periods together, or one year."""
    snapshot = snapshot_of(current_app)
    latest = years(snapshot.frames)[-LATEST_YEARS:]
    asked = request.args.get("year", "")
    if asked and asked not in map(str, latest):
        abort(404)
    year = int(asked) if asked else None
    key = ("overview", g.language, year)
    if key not in snapshot.kept:
        shown = page(snapshot.frames, snapshot.manifest, language=g.language, year=year)
        snapshot.kept[key] = Markup(render_template("sections.html.j2", page=shown))
    links = [(label("page.all_periods", g.language), "/", year is None)]
    links += [(label("page.year", g.language, year=one), f"/?year={one}", one == year) for one in reversed(latest)]
    return render_template("overview.html.j2", body=snapshot.kept[key], links=links)
