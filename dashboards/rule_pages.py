"""The page of a duty: its clause, its rates by county, and of every county the worst misses down to file and row."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import polars as pl

from dashboards.addresses import Addresses, anchor
from dashboards.labels import Language, label, section
from dashboards.lateness import WORST_OF_A_RULE, WORST_OF_EACH
from dashboards.list_sections import place
from dashboards.parts import Listing, Section, Table, View
from dashboards.rates import COUNTS, NOT_APPLICABLE, SMALL_NUMBER, marked_rate, totals
from dashboards.regions import ordered_regions
from dashboards.rules import rules_table

_SHOWN_COUNTS = [name for name in COUNTS if name != "exempt"]
_COLUMNS = ("region", "title", "triggered_at", "due_at", "fulfilled_at", "days_late", "missed_reason", "trigger_place", "duty_place", "obligation_id")

Rows = Sequence[Mapping[str, object]]


def rules_with_rates(view: View) -> Iterator[tuple[str, str, list[Section]]]:
    """Number, name and sections of every duty that has rates."""
    # Everything is read once for all duties: a frame for each of them would cost more than all pages together.
    clauses, misses = _clauses(view), _misses(view)
    rules = {row["rule_id"]: row for row in view.rules.select("rule_id", "name", "measure").to_dicts()}
    for rule_id, regions in _rates(view).items():
        rule = rules.get(rule_id, {"name": rule_id, "measure": "timeliness"})
        found = misses.get(rule_id, {})
        sections = [
            *clauses.get(rule_id, []),
            _by_region(regions, str(rule["measure"]), set(found), view.language),
            _worst(regions, found, view.addresses),
        ]
        yield rule_id, str(rule["name"]), sections


def _clauses(view: View) -> dict[str, list[Section]]:
    """By duty, its versions with clause and time limit."""
    versions, language = view.snapshot.rule_versions, view.language
    if versions.is_empty():
        return {}
    whole, meanings = rules_table(versions, language), section("status_meaning", language)
    found: dict[str, list[tuple]] = {}
    statuses: dict[str, list[str]] = {}
    for (rule_id, status), row in zip(versions.select("rule_id", "status").rows(), whole.rows, strict=True):
        found.setdefault(rule_id, []).append(row)
        statuses.setdefault(rule_id, []).append(meanings.get(status, str(status)))
    return {
        rule_id: [
            Section(
                "clause",
                label("rule_page.clause", language),
                listings=[
                    Listing("clause", "", " · ".join(dict.fromkeys(statuses[rule_id])), Table(whole.headings, rows, whole.numeric, whole.unbroken))
                ],
            )
        ]
        for rule_id, rows in found.items()
    }


def _rates(view: View) -> dict[str, list[dict[str, object]]]:
    """By duty, the rates of every region in the order of the regions."""
    words = section("threshold", view.language)
    rates = ordered_regions(totals(view.yearly, "rule_id", "region_code", "region")).sort("rule_id", maintain_order=True)
    shown = rates.with_columns(marked_rate().alias("marked"), pl.col("state").replace_strict(words))
    return {str(rule_id): list(rows) for rule_id, rows in groupby(shown.to_dicts(), key=lambda row: row["rule_id"])}


def _by_region(rows: Rows, measure: str, listed: set[str], language: Language) -> Section:
    names = ("region", *_SHOWN_COUNTS, "marked", "rate_low_text", "rate_high_text", "state")
    own = {name: label(f"{measure}.{name}", language) for name in ("due", "met", "missed")}
    headings = [label("column.region", language), *(own.get(name) or label(f"column.{name}", language) for name in _SHOWN_COUNTS)]
    headings += [
        label(f"{measure}.rate", language),
        label("column.rate_low", language),
        label("column.rate_high", language),
        label("column.threshold", language),
    ]
    codes = [str(row["region_code"]) for row in rows]
    missed = 1 + _SHOWN_COUNTS.index("missed")
    links = {(row, column): f"#{anchor(code)}" for row, code in enumerate(codes) if code in listed for column in (0, missed)}
    # A county without a miss is led to here.
    anchors = ["" if code in listed else anchor(code) for code in codes]
    table = Table(
        headings, [tuple(row[name] for name in names) for row in rows], frozenset(range(1, len(headings) - 1)), links=links, anchors=anchors
    )
    note = label("page.small_note", language, number=SMALL_NUMBER)
    return Section("by-region", label("page.by_region", language), listings=[Listing("rule-by-region", "", note, table)])


def _misses(view: View) -> dict[str, dict[str, list[dict[str, object]]]]:
    """By duty and region, the worst misses as they are read."""
    language = view.language
    shown = view.snapshot.lateness.worst.with_columns(
        pl.col("missed_reason").replace(section("missed_reason", language)).fill_null(NOT_APPLICABLE),
        pl.col("triggered_at", "due_at", "fulfilled_at").fill_null(NOT_APPLICABLE),
        pl.col("days_late").cast(pl.String).fill_null(NOT_APPLICABLE),
        place("trigger", language).alias("trigger_place"),
        place("duty", language).alias("duty_place"),
    )
    found: dict[str, dict[str, list[dict[str, object]]]] = {}
    for row in shown.to_dicts():
        found.setdefault(row["rule_id"], {}).setdefault(row["region_code"], []).append(row)
    return found


def _worst(regions: Rows, found: Mapping[str, Rows], addresses: Addresses) -> Section:
    """The worst misses, region by region; the first row of each is named for it."""
    names = {str(row["region_code"]): str(row["region"]) for row in regions}
    rows = [{**row, "region": names.get(code, code)} for code, misses in found.items() for row in misses]
    anchors = [anchor(code) if place == 0 else "" for code, misses in found.items() for place in range(len(misses))]
    sides = ((_COLUMNS.index("trigger_place"), "trigger_delivery"), (_COLUMNS.index("duty_place"), "duty_delivery"))
    links = {
        (number, column): addresses.delivery(delivery)
        for number, row in enumerate(rows)
        for column, side in sides
        if isinstance(delivery := row[side], int)
    }
    records = {
        (number, _COLUMNS.index("obligation_id")): record
        for number, row in enumerate(rows)
        if (record := addresses.record(str(row["obligation_id"])))
    }
    language = addresses.language
    headings = [label(f"column.{name}", language) for name in _COLUMNS]
    told = [tuple(row[name] for name in _COLUMNS) for row in rows]
    table = Table(headings, told, frozenset({5}), frozenset({2, 3, 4, 7, 8, 9}), links | records, anchors) if rows else None
    note = label("rule_page.note" if rows else "page.worst_none", language, most=WORST_OF_EACH, in_all=WORST_OF_A_RULE)
    return Section("misses", label("page.worst", language), listings=[Listing("misses", "", note, table)])
