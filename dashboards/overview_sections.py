"""The overview on one sheet: what needs action, the last months, the counties side by side, the way to the other pages."""

import polars as pl

from dashboards import figures
from dashboards.amounts import yuan
from dashboards.labels import label
from dashboards.overview import actions, month_of
from dashboards.parts import Chart, Listing, Section, Table, View
from dashboards.periods import earlier, year_with_a_page
from dashboards.push_sections import push_rates
from dashboards.rate_sections import trend_chart
from dashboards.rates import MEASURES, NOT_APPLICABLE, marked_rate, totals
from dashboards.regions import ordered_regions
from dashboards.transaction_sections import measured, month_rows, months_drawn, months_note

SHEET_MONTHS = 12
"""Months that the sheet draws."""

SHEET_REGIONS = 12
"""Counties that the sheet lists: more do not fit on it."""

CHART_HEIGHT = 216


def needing_action(view: View) -> Section:
    """The three things that need action, each with its list."""
    language = view.language
    told = actions(view)
    rows = [(label("overview.to_do" if one.is_open else "overview.nothing_to_do", language), one.title, one.count, one.words) for one in told]
    headings = [*(label(f"column.{name}", language) for name in ("state", "action", "count", "action_words"))]
    links = {(place, 1): one.link for place, one in enumerate(told)} | {(place, 2): one.link for place, one in enumerate(told)}
    return Section(
        "actions",
        label("overview.actions", language),
        listings=[Listing("actions", "", "", Table(headings, rows, frozenset({2}), frozenset({0, 1}), links))],
    )


def last_months(view: View) -> Section:
    """Both rates and the amounts of the last months."""
    language = view.language
    trend = trend_chart(view, SHEET_MONTHS, CHART_HEIGHT)
    months = measured(month_rows(view), "award_yuan")
    drawn, table = months_drawn(months, "award_yuan", language, view, SHEET_MONTHS, CHART_HEIGHT)
    amounts = Chart(
        "trade-amount-by-month", label("trade.award_yuan_by_month", language), months_note(months, "award_yuan", language), drawn, CHART_HEIGHT, table
    )
    return Section("last-months", label("overview.last_months", language), [trend, amounts])


def counties(view: View) -> Section:
    """The counties side by side: of the year that the month lies in, the rates, the transactions, the push, what is overdue."""
    language, month, snapshot = view.language, month_of(view), view.snapshot
    if month is None:
        return Section("counties", label("overview.counties", language), listings=[Listing("counties", "", label("page.no_data", language), None)])
    first = month.replace(month=1)
    rates = snapshot.rates.filter((pl.col("period_kind") == "month") & pl.col("period_start").is_between(first, month))
    regions = totals(rates, "region_code", "region").select("region_code", "region", "missed", "due")
    for measure in MEASURES:
        of = totals(rates.filter(pl.col("measure") == measure), "region_code").select(
            "region_code", marked_rate().alias(measure), pl.col("rate").alias(f"{measure}_rate")
        )
        regions = regions.join(of, on="region_code", how="left", maintain_order="left")
    concluded = snapshot.transactions.concluded.filter(pl.col("month").is_between(first, month))
    trade = concluded.group_by("region_code").agg(pl.col("region").first().alias("trade_region"), pl.col("concluded", "award_yuan").sum())
    regions = regions.join(trade, on="region_code", how="full", coalesce=True, maintain_order="left_right").with_columns(
        pl.col("region").fill_null(pl.col("trade_region"))
    )
    pushed = push_rates(snapshot.push.monthly.filter(pl.col("period_start").is_between(first, month)), "region_code")["timeliness"]
    regions = regions.join(pushed.select("region_code", marked_rate().alias("push")), on="region_code", how="left", maintain_order="left")
    regions = regions.join(snapshot.lateness.overdue.select("region_code", "overdue"), on="region_code", how="left", maintain_order="left")
    shown = ordered_regions(regions)
    if shown.height > SHEET_REGIONS:
        shown = regions.sort(["timeliness_rate", "missed", "region_code"], descending=[False, True, False], nulls_last=True).head(SHEET_REGIONS)
    missing = label("missing.missing", language)
    amounts = [yuan(amount, language) for amount in shown["award_yuan"]]
    told = shown.select(
        # A long name would push the table onto a second sheet.
        figures.shortened(pl.col("region")),
        pl.col("disclosure", "timeliness").fill_null(NOT_APPLICABLE),
        pl.col("missed", "overdue", "concluded").fill_null(0),
        pl.Series("award", amounts, dtype=pl.String),
        pl.col("push").fill_null(missing if snapshot.push.monthly.is_empty() else NOT_APPLICABLE),
    )
    headings = [
        label("column.region", language),
        *(label(f"{measure}.rate", language) for measure in MEASURES),
        label("timeliness.missed", language),
        label("column.overdue", language),
        label("trade.concluded", language),
        label("trade.amount", language),
        label("overview.push", language),
    ]
    year = year_with_a_page(snapshot.rates, month.year)
    links = {
        (place, column): view.addresses.region(measure, code, year)
        for column, measure in enumerate(MEASURES, start=1)
        for place, (code, rate) in enumerate(shown.select("region_code", measure).rows())
        if rate is not None and rate != NOT_APPLICABLE
    }
    note = label(
        "overview.counties_note" if regions.height <= SHEET_REGIONS else "overview.counties_worst",
        language,
        first=f"{first:%Y-%m}",
        month=f"{month:%Y-%m}",
        regions=regions.height,
        shown=shown.height,
    )
    return Section(
        "counties",
        label("overview.counties", language),
        listings=[Listing("counties", "", note, Table(headings, told.rows(), frozenset(range(1, 8)), links=links))],
    )


def known_month(view: View) -> str:
    """The sentence under the five numbers: of which month they are, and what they are compared with."""
    month = month_of(view)
    if month is None:
        return label("page.no_data", view.language)
    return label(
        "overview.note", view.language, month=f"{month:%Y-%m}", before=f"{earlier(month, 1):%Y-%m}", year_before=f"{earlier(month, 12):%Y-%m}"
    )
