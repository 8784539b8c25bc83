"""The pages of the site: which there are, and which parts each has in which order. Pure: from a Snapshot to Pages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from dashboards.addresses import Addresses, page_name
from dashboards.calendar_sections import days_ahead, overdue
from dashboards.definitions import all_definitions, data_dictionary, places_of
from dashboards.information_sections import information
from dashboards.issued_sections import issued
from dashboards.labels import Language, label
from dashboards.list_sections import deliveries, due_soon, formulas, quality, report, rule_book, worst
from dashboards.overview import indicator_cards
from dashboards.overview_sections import counties, known_month, last_months, needing_action
from dashboards.parts import Card, Listing, Page, Section, View
from dashboards.periods import minute, years_due
from dashboards.push_sections import push_by_dataset, push_by_region, push_heat_map, push_missing, push_summary, push_trend
from dashboards.rate_sections import by_region, by_rule, cards, days_late, region_by_rule, trend
from dashboards.rates import NOT_APPLICABLE
from dashboards.register_sections import channels, intermediaries, registers
from dashboards.rule_pages import rules_with_rates
from dashboards.rules import named_rules
from dashboards.sanction_sections import sanctions
from dashboards.snapshot import Snapshot
from dashboards.transaction_sections import trade_cards, trade_months, trade_process, trade_regions, trade_totals

Part = Callable[[View], Section | None]

SECTIONS: tuple[Part, ...] = (by_region, by_rule, region_by_rule, trend, days_late, worst, formulas)
"""The parts of the page of disclosure and timeliness below its numbers, from the top. One that gives None for a view is left out of that page."""


@dataclass(frozen=True)
class Sheet:
    """A page of the site: its name, its parts, the numbers above them with the sentence below those, and whether every year has one of its own."""

    name: str
    sections: Sequence[Part | Callable[[View], list[Section]]]
    cards: Callable[[View], Sequence[Card]] = lambda view: ()
    cards_note: Callable[[View], str] = lambda view: ""
    by_year: bool = False


def _threshold_note(view: View) -> str:
    return label("page.threshold_note", view.language)


def _trade_note(view: View) -> str:
    return label("trade.cards_note", view.language)


SHEETS: tuple[Sheet, ...] = (
    Sheet("index", (needing_action, last_months, counties), indicator_cards, known_month),
    Sheet("rates", SECTIONS, cards, _threshold_note, by_year=True),
    Sheet("transactions", (trade_totals, trade_months, trade_regions, trade_process), trade_cards, _trade_note, by_year=True),
    Sheet("push", (push_summary, push_by_region, push_by_dataset, push_heat_map, push_trend, push_missing)),
    Sheet("sanctions", (sanctions,)),
    Sheet("calendar", (overdue, days_ahead, due_soon)),
    Sheet("registers", (channels, information, registers, intermediaries), by_year=True),
    Sheet("ledger", (quality, deliveries, issued, report)),
    Sheet("rules", (rule_book,)),
    Sheet("definitions", (all_definitions,)),
    Sheet("dictionary", (data_dictionary,)),
)
"""The pages in the order of the way between them; `index` is the overview."""


def years(snapshot: Snapshot) -> list[int]:
    """The years in which something was due, ascending."""
    return years_due(snapshot.rates)


def view_of(snapshot: Snapshot, manifest: Mapping[str, object], addresses: Addresses, year: int | None = None) -> View:
    """What the parts of a page of one year are made from, or of all periods together; it leads where `addresses` say, in their language."""
    rates = snapshot.rates if year is None else snapshot.rates.filter(pl.col("period_start").dt.year() == year)
    return View(
        snapshot=snapshot,
        language=addresses.language,
        year=year,
        yearly=rates.filter(pl.col("period_kind") == "year"),
        monthly=rates.filter(pl.col("period_kind") == "month"),
        rules=named_rules(snapshot.rules, addresses.language),
        manifest=manifest,
        addresses=addresses,
    )


def sheet_page(sheet: Sheet, view: View) -> Page:
    """A page of the site."""
    sections: list[Section] = []
    for part in sheet.sections:
        made = part(view)
        sections += made if isinstance(made, list) else [made] if made else []
    if not sections:
        nothing = Listing("nothing", "", label("page.no_data", view.language), None)
        sections = [Section("nothing", label(f"site.{sheet.name}", view.language), listings=[nothing])]
    return _completed(
        Page(view.language, view.year, facts(view.snapshot, view.manifest, view.language), list(sheet.cards(view)), sections, sheet.name),
        view.addresses,
        sheet.cards_note(view),
        label(f"site.{sheet.name}", view.language),
    )


def rule_sheets(view: View) -> Iterator[tuple[str, Page]]:
    """Number and page of every duty that has rates."""
    told = facts(view.snapshot, view.manifest, view.language)
    for rule_id, name, sections in rules_with_rates(view):
        yield rule_id, _completed(Page(view.language, None, told, [], sections, "rule"), view.addresses, "", name)


def _completed(made: Page, addresses: Addresses, cards_note: str, title: str) -> Page:
    charts = [chart.id for section in made.sections for chart in section.charts]
    listings = [listing.id for section in made.sections for listing in section.listings]
    parts = ["month-note", *(card.id for card in made.cards), *charts, *listings]
    return replace(
        made,
        root=addresses.root,
        title=title,
        cards_title=label("site.numbers", made.language),
        cards_note=cards_note,
        definitions={} if made.name in {"definitions", "dictionary"} else places_of(parts, addresses),
    )


def facts(snapshot: Snapshot, manifest: Mapping[str, object], language: Language) -> list[tuple[str, str]]:
    """What the header of every page says of the snapshot."""
    shown = {
        "as_of": snapshot.as_of or NOT_APPLICABLE,
        "source": label("punctuation.between", language).join(snapshot.sources) or label("page.no_source", language),
        **{name: manifest.get(name, NOT_APPLICABLE) for name in ("known_at", "snapshot", "published_at", "code_version", "run_id")},
        "published_at": minute(manifest.get("published_at")),
    }
    return [(label(f"page.{name}", language), str(value)) for name, value in shown.items()]


def ways(language: Language, root: str = "", *, has_papers: bool = False) -> list[tuple[str, str, str]]:
    """Name, label and address of every page of the site, and of the papers of the desk where there are any."""
    sheets = [(sheet.name, label(f"site.{sheet.name}", language), f"{root}{page_name(sheet.name, language)}") for sheet in SHEETS]
    papers = [("quality", label("quality.bulletin", language), f"{root}quality/{page_name('index', language)}")]
    return sheets + (papers if has_papers else [])
