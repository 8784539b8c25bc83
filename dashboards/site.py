"""The published static pages: they open from a file, a stick or a web server, without network and without a server of their own."""

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path

from dashboards.addresses import SiteAddresses, page_name, rule_page
from dashboards.labels import LANGUAGES, Language, label, other_language
from dashboards.pages import SHEETS, rule_sheets, sheet_page, view_of, ways, years
from dashboards.parts import Page
from dashboards.periods import LATEST_YEARS
from dashboards.plotly_script import plotly_script
from dashboards.rendering import environment
from dashboards.screen import screen
from dashboards.snapshot import read_snapshot

ASSETS = ("site.css", "site.js", "screen.css", "screen.js")

REFRESH_SECONDS = 3600
"""How often the big screen looks whether a new snapshot stands under its address."""


def build_site(warehouse: Path, out: Path, *, manifest: Mapping[str, object]) -> Path:
    """Writes the site of a published snapshot into the folder `out` and returns its `index.html`, the overview.

    Every page of `pages.SHEETS` is `<name>.html`, of one year `<name>-<year>.html`; `rules/<rule>.html` is the page of a duty, `screen.html` the big screen;
    `….en.html` the same in English. Style, scripts and `plotly.min.js` lie beside them once.
    `manifest` gives run_id, as_of, snapshot, published_at and code_version; where it tells of a desk, the papers of `dashboards.desk.papers` are linked. The same snapshot and manifest give the same bytes.
    Raises SnapshotError when the warehouse cannot be read.
    """
    snapshot = read_snapshot(warehouse, as_of=_as_of(manifest), run_id=str(manifest.get("run_id") or ""))
    (out / "rules").mkdir(parents=True, exist_ok=True)
    assets = files("dashboards") / "assets"
    for name in ASSETS:
        (out / name).write_bytes((assets / name).read_bytes())
    (out / "plotly.min.js").write_text(plotly_script(), encoding="utf-8")

    site = _Writer(out, "desk" in manifest)
    periods: list[int | None] = [None, *reversed(years(snapshot)[-LATEST_YEARS:])]
    for language in LANGUAGES:
        views = {year: view_of(snapshot, manifest, SiteAddresses(language), year) for year in periods}
        for sheet in SHEETS:
            shown = periods if sheet.by_year else [None]
            links = [(_period_name(year, language), page_name(sheet.name, language, year)) for year in shown]
            for year in shown:
                site.write(
                    sheet_page(sheet, views[year]),
                    page_name(sheet.name, language, year),
                    page_name(sheet.name, other_language(language), year),
                    links,
                )
        for rule_id, made in rule_sheets(view_of(snapshot, manifest, SiteAddresses(language, root="../"))):
            site.write(made, rule_page(rule_id, language), rule_page(rule_id, other_language(language)), [])
        site.write_screen(screen(views[None]), language)
    return out / page_name("index", "zh")


class _Writer:
    """Renders pages into a folder."""

    def __init__(self, out: Path, has_papers: bool) -> None:
        self.out = out
        self.environment = environment()
        self.has_papers = has_papers

    def write(self, page: Page, here: str, other: str, periods: list[tuple[str, str]]) -> None:
        """A page into the file `here`; `other` is the same in the other language, `periods` the name and file of each of its periods."""
        language = page.language
        html = self.environment.get_template("page.html.j2").render(
            page=page,
            here=here,
            periods=periods if len(periods) > 1 else [],
            ways=ways(language, page.root, has_papers=self.has_papers),
            screen=f"{page.root}{page_name('screen', language)}",
            other=(label("page.other_language", language), f"{page.root}{other}", other_language(language)),
            say=lambda key: label(key, language),
        )
        (self.out / here).write_text(html, encoding="utf-8")

    def write_screen(self, shown: object, language: Language) -> None:
        """The big screen."""
        html = self.environment.get_template("screen.html.j2").render(
            screen=shown, root="", refresh_seconds=REFRESH_SECONDS, say=lambda key, **values: label(key, language, **values)
        )
        (self.out / page_name("screen", language)).write_text(html, encoding="utf-8")


def _period_name(year: int | None, language: Language) -> str:
    return label("page.all_periods", language) if year is None else label("page.year", language, year=year)


def _as_of(manifest: Mapping[str, object]) -> date | None:
    as_of = manifest.get("as_of")
    return date.fromisoformat(str(as_of)[:10]) if as_of else None
