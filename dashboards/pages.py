"""A page of the site: its header, and which parts it has in which order. Pure: from a Snapshot to a Page."""

from collections.abc import Callable, Mapping

import polars as pl

from dashboards.information_sections import information
from dashboards.issued_sections import issued
from dashboards.labels import Language, label
from dashboards.list_sections import due_soon, quality, report, rule_book, worst
from dashboards.parts import Page, Section, View
from dashboards.rate_sections import by_region, by_rule, cards, region_by_rule, trend
from dashboards.rates import NOT_APPLICABLE
from dashboards.register_sections import channels, intermediaries, registers
from dashboards.rules import named_rules
from dashboards.sanction_sections import sanctions
from dashboards.snapshot import Snapshot

SECTIONS: tuple[Callable[[View], Section | None], ...] = (
    by_region,
    by_rule,
    region_by_rule,
    trend,
    due_soon,
    worst,
    issued,
    channels,
    information,
    registers,
    intermediaries,
    sanctions,
    quality,
    report,
    rule_book,
)
"""The parts below the overview, from the top. One that gives None for a view is left out of that page."""


def years(snapshot: Snapshot) -> list[int]:
    """The years in which something was due, ascending."""
    due = snapshot.rates.filter((pl.col("period_kind") == "year") & (pl.col("due") > 0))
    return sorted(set(due["period_start"].dt.year().to_list()))


def page(snapshot: Snapshot, manifest: Mapping[str, object], *, language: Language = "zh", year: int | None = None) -> Page:
    """The page of one year, or of all periods together."""
    rates = snapshot.rates if year is None else snapshot.rates.filter(pl.col("period_start").dt.year() == year)
    view = View(
        snapshot=snapshot,
        language=language,
        year=year,
        yearly=rates.filter(pl.col("period_kind") == "year"),
        monthly=rates.filter(pl.col("period_kind") == "month"),
        rules=named_rules(snapshot.rules, language),
    )
    sections = [section for part in SECTIONS if (section := part(view))]
    return Page(language, year, _facts(snapshot, manifest, language), cards(view), sections)


def _facts(snapshot: Snapshot, manifest: Mapping[str, object], language: Language) -> list[tuple[str, str]]:
    shown = {
        "as_of": snapshot.as_of or NOT_APPLICABLE,
        "source": "、".join(snapshot.sources) or label("page.no_source", language),
        **{name: manifest.get(name, NOT_APPLICABLE) for name in ("known_at", "snapshot", "published_at", "code_version", "run_id")},
    }
    return [(label(f"page.{name}", language), str(value)) for name, value in shown.items()]
