"""The part of a page on issued periods: what was issued, and what would be counted otherwise since. It belongs to the page of all periods."""

import polars as pl

from dashboards.labels import Language, label, section
from dashboards.list_sections import place
from dashboards.parts import Listing, Section, Table, View
from dashboards.rates import NOT_APPLICABLE
from dashboards.rules import rule_name
from dashboards.snapshot import Snapshot


def issued(view: View) -> Section | None:
    """The editions, and the differences from the current ones; nothing where no period was issued."""
    if view.year is not None or view.snapshot.statements.is_empty():
        return None
    listings = [_statements(view.snapshot, view.language), _differences(view.snapshot, view.language)]
    return Section("issued", label("issued.title", view.language), listings=listings)


def _statements(snapshot: Snapshot, language: Language) -> Listing:
    shown = snapshot.statements.select(
        *("period", "edition", "issued_on", "as_of", "obligations"),
        *(pl.col(name).cast(pl.String).fill_null(NOT_APPLICABLE) for name in ("changes", "reason")),
    )
    headings = [label(f"issued.{name}", language) for name in shown.columns]
    table = Table(headings, shown.rows(), frozenset({1, 4, 5}), frozenset({0, 2, 3}))
    return Listing("issued-statements", label("issued.statements", language), label("issued.statements_note", language), table)


def _differences(snapshot: Snapshot, language: Language) -> Listing:
    title, rows = label("issued.differences", language), snapshot.differences
    if rows.is_empty():
        return Listing("issued-differences", title, label("issued.differences_none", language), None)
    outcomes = section("verdict", language) | section("missed_reason", language)
    before, after = (pl.col(f"counted_{side}").replace(outcomes).fill_null(label("issued.not_counted", language)) for side in ("before", "after"))
    shown = rows.select(
        *("period", "obligation_id", "region"),
        rule_name(language).alias("rule"),
        pl.format("{} → {}", before, after).alias("counted"),
        pl.col("reason").replace_strict(section("issued_reason", language)).alias("cause"),
        place("evidence", language).alias("evidence"),
    )
    named = {"obligation_id": "ask.obligation", "region": "column.region", "rule": "column.rule"}
    headings = [label(named.get(name, f"issued.{name}"), language) for name in shown.columns]
    note = label("issued.differences_note", language, total=f"{snapshot.differences_total:,}", shown=rows.height)
    return Listing("issued-differences", title, note, Table(headings, shown.rows(), unbroken=frozenset({0})))
