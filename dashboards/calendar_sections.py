"""The page of what falls due and of what is overdue."""

from datetime import timedelta

import polars as pl

from dashboards import figures
from dashboards.labels import label
from dashboards.lateness import CALENDAR_DAYS, OVERDUE_ROWS
from dashboards.list_sections import shown_obligations
from dashboards.parts import Chart, Listing, Section, Table, View
from dashboards.rates import NOT_APPLICABLE

_SPANS = ((0, 3), (4, 7), (8, 14), (15, 30), (31, CALENDAR_DAYS))
"""Days after the cut-off, first and last of each column."""


def overdue(view: View) -> Section:
    """Duties that fell due and are still open, by county and one by one, the longest first."""
    told, language = view.snapshot.lateness, view.language
    if not told.overdue_total:
        return Section(
            "overdue", label("calendar.overdue", language), listings=[Listing("overdue", "", label("action.overdue_none", language), None)]
        )
    by_region = Table(
        [label(f"column.{name}", language) for name in ("region", "overdue", "longest")],
        told.overdue.select("region", "overdue", "longest").rows(),
        frozenset({1, 2}),
    )
    rows = view.snapshot.overdue
    shown = shown_obligations(rows, language).select(
        "title", "region", "rule", "clause", "due_at", pl.col("days_late").cast(pl.String).fill_null(NOT_APPLICABLE), "source"
    )
    listed = Table([label(f"column.{name}", language) for name in shown.columns], shown.rows(), frozenset({5}), frozenset({4}))
    note = label("calendar.overdue_note", language, total=f"{told.overdue_total:,}", shown=min(rows.height, OVERDUE_ROWS))
    return Section(
        "overdue",
        label("calendar.overdue", language),
        listings=[
            Listing("overdue-by-region", label("calendar.overdue_by_region", language), "", by_region),
            Listing("overdue", label("calendar.overdue_list", language), note, listed, is_alarming=True),
        ],
    )


def days_ahead(view: View) -> Section:
    """How many duties fall due on which day, and by duty within which days."""
    snapshot, language = view.snapshot, view.language
    rows = snapshot.lateness.calendar
    days = rows.group_by("due_on").agg(pl.col("duties").sum()).sort("due_on").rename({"due_on": "day", "duties": "count"})
    lines = days.select(pl.col("day").cast(pl.String), "count").rows()
    chart = Chart(
        id="due-by-day",
        title=label("calendar.by_day", language),
        note=label("calendar.by_day_note", language, days=CALENDAR_DAYS, total=f"{days['count'].sum():,}"),
        figure=figures.day_counts(days, label("column.count", language)).to_json(),
        height=figures.MONTHS_HEIGHT,
        table=Table([label("column.due_on", language), label("column.count", language)], lines, frozenset({1})),
    )
    if rows.is_empty() or snapshot.as_of is None:
        return Section("calendar", label("calendar.ahead", language), [chart])
    spans = [
        pl.col("duties")
        .filter(pl.col("due_on").is_between(snapshot.as_of + timedelta(days=first), snapshot.as_of + timedelta(days=last)))
        .sum()
        .alias(f"{first}")
        for first, last in _SPANS
    ]
    by_rule = rows.group_by("rule_id").agg(*spans, pl.col("duties").sum().alias("total")).sort("total", "rule_id", descending=[True, False])
    named = by_rule.join(view.rules.select("rule_id", "name", "clause"), on="rule_id", how="left", maintain_order="left")
    shown = named.select(
        pl.col("name").fill_null(pl.col("rule_id")), pl.col("clause").fill_null(NOT_APPLICABLE), *(f"{first}" for first, _ in _SPANS), "total"
    )
    headings = [label(f"column.{name}", language) for name in ("rule", "clause")]
    headings += [label("calendar.span", language, first=first, last=last) for first, last in _SPANS] + [label("column.total", language)]
    table = Table(headings, shown.rows(), frozenset(range(2, len(headings))))
    return Section(
        "calendar",
        label("calendar.ahead", language),
        [chart],
        [Listing("due-by-rule", label("calendar.by_rule", language), label("calendar.by_rule_note", language, as_of=snapshot.as_of), table)],
    )
