"""The published static page: opens from a file, a stick or a web server, without network and without a server of its own."""

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path

import jinja2
import plotly.offline

from dashboards.labels import LANGUAGES, Language, label
from dashboards.pages import page, years
from dashboards.snapshot import read_snapshot

LATEST_YEARS = 10
"""Years that get a page of their own: absurd dates in a delivery must not publish a hundred pages."""


def build_site(warehouse: Path, out: Path, *, manifest: Mapping[str, object]) -> Path:
    """Writes the site of a published snapshot into the folder `out` and returns its `index.html`.

    `index.html` shows all periods, `<year>.html` one year each, `….en.html` the same in English; `site.css`, `site.js` and `plotly.min.js` lie beside
    them once. `manifest` gives run_id, as_of, snapshot, published_at and code_version; where it tells of a desk, the papers of `dashboards.desk.papers` are linked. The same snapshot and manifest give the same bytes.
    Raises SnapshotError when the warehouse cannot be read.
    """
    snapshot = read_snapshot(warehouse, as_of=_as_of(manifest), run_id=str(manifest.get("run_id") or ""))
    out.mkdir(parents=True, exist_ok=True)
    assets = files("dashboards") / "assets"
    for name in ("site.css", "site.js"):
        (out / name).write_bytes((assets / name).read_bytes())
    (out / "plotly.min.js").write_text(plotly.offline.get_plotlyjs(), encoding="utf-8")

    template = _template()
    periods: list[int | None] = [None, *reversed(years(snapshot)[-LATEST_YEARS:])]
    for language in LANGUAGES:
        links = [(_period_name(year, language), page_name(year, language)) for year in periods]
        other: Language = "en" if language == "zh" else "zh"
        for year in periods:
            html = template.render(
                page=page(snapshot, manifest, language=language, year=year),
                here=page_name(year, language),
                links=links,
                other=(label("page.other_language", language), page_name(year, other), other),
                say=lambda key, language=language: label(key, language),
                papers=f"quality/{page_name(None, language)}" if "desk" in manifest else None,
            )
            (out / page_name(year, language)).write_text(html, encoding="utf-8")
    return out / page_name(None, "zh")


def page_name(year: int | None, language: Language) -> str:
    """File name of the page of a year, or of all periods."""
    return f"{'index' if year is None else year}{'' if language == 'zh' else f'.{language}'}.html"


def _period_name(year: int | None, language: Language) -> str:
    return label("page.all_periods", language) if year is None else label("page.year", language, year=year)


def _as_of(manifest: Mapping[str, object]) -> date | None:
    as_of = manifest.get("as_of")
    return date.fromisoformat(str(as_of)[:10]) if as_of else None


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("dashboards", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = cell
    return environment.get_template("page.html.j2")


def cell(value: object) -> str:
    """A value of a table as it is printed."""
    return f"{value:,}" if isinstance(value, int) else str(value)
