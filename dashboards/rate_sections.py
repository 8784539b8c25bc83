"""The parts of a page that show rates: the overview and the charts, each with the table behind it."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from dashboards import figures
from dashboards.addresses import anchor
from dashboards.labels import Language, label, section
from dashboards.parts import Card, Chart, Section, Table, View
from dashboards.rates import COUNTS, MEASURES, NOT_APPLICABLE, SMALL_NUMBER, marked_rate, totals
from dashboards.regions import ordered_regions
from dashboards.rules import ordered_rules

TREND_MONTHS = 36
"""Months of the trend: three years side by side can still be read."""


def cards(view: View) -> list[Card]:
    """The overview: both rates with numerator, denominator, bounds and the threshold; what was missed, pending, undecidable; rows received."""
    rates, snapshot, language = view.yearly, view.snapshot, view.language
    shown = []
    for measure in MEASURES:
        row = totals(rates.filter(pl.col("measure") == measure)).row(0, named=True)
        bounds = label("card.bounds", language, undecidable=f"{row['undecidable']:,}", low=row["rate_low_text"], high=row["rate_high_text"])
        shown.append(
            Card(
                title=label(f"{measure}.rate", language),
                value=row["rate_text"],
                details=[
                    label("card.of", language, met=f"{row['met']:,}", judged=f"{row['judged']:,}"),
                    bounds if row["undecidable"] else label("card.exact" if row["due"] else "card.none", language),
                ],
                state=row["state"],
                verdict=label(f"threshold.{row['state']}", language),
                id=f"{measure}-rate",
            )
        )
    all_counts = {name: f"{count:,}" for name, count in totals(rates).select(COUNTS).row(0, named=True).items()}
    ledger = {name: f"{count:,}" for name, count in snapshot.ledger.items()}
    undated = [label("card.undated", language, count=f"{snapshot.undated:,}")] if snapshot.undated and view.year is None else []

    def counted(name: str, *more: str) -> Card:
        return Card(label(f"card.{name}", language), all_counts[name], [label(f"card.{name}_detail", language, **all_counts), *more], id=name)

    return [
        *shown,
        counted("missed"),
        counted("pending"),
        counted("undecidable", *undated),
        Card(label("card.rows", language), ledger["received"], [label("card.rows_detail", language, **ledger)], id="rows"),
    ]


def by_region(view: View) -> Section:
    """Both rates by region, worst first."""
    charts = []
    for measure in MEASURES:
        ranked = ranked_regions(view, measure)
        # The row of the county among the duties, on the same page.
        leads = [f"#{measure}-{anchor(code)}" for code in ranked["region_code"]]
        charts.append(bars(ranked, measure, "region", view.language, leads))
    return Section("by-region", label("page.by_region", view.language), charts)


def by_rule(view: View) -> Section:
    """Both rates by duty, worst first."""
    charts = []
    for measure in MEASURES:
        ranked = ranked_rules(view, measure)
        leads = [view.addresses.rule(rule_id) for rule_id in ranked["rule_id"]]
        charts.append(bars(ranked, measure, "rule", view.language, leads))
    return Section("by-rule", label("page.by_rule", view.language), charts)


def ranked_regions(view: View, measure: str) -> pl.DataFrame:
    """One row per region with the columns of `rates.with_rates` and its name, worst first."""
    named = totals(of_measure(view.yearly, measure), "region_code", "region")
    return worst_first(named.with_columns(name=pl.col("region"), short=figures.shortened(pl.col("region"))))


def ranked_rules(view: View, measure: str) -> pl.DataFrame:
    """One row per duty with the columns of `rates.with_rates`, its name and clause, worst first."""
    named = totals(of_measure(view.yearly, measure), "rule_id").join(
        view.rules.select("rule_id", "name", "short", "clause"), on="rule_id", how="left"
    )
    return worst_first(named.with_columns(pl.col("name", "short").fill_null(pl.col("rule_id"))))


def of_measure(rates: pl.DataFrame, measure: str) -> pl.DataFrame:
    """The rows of one measure."""
    return rates.filter(pl.col("measure") == measure)


def worst_first(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `name` and the columns of `rates.with_rates` in the order of a ranking; what has no rate stands last."""
    return rows.sort(["rate", "missed", "name"], descending=[False, True, False], nulls_last=True)


def bars(ranked: pl.DataFrame, measure: str, subject: str, language: Language, leads: Sequence[str] = ()) -> Chart:
    """Rates of regions or duties as bars, from the top; the rows of the table are those of the frame, in its order. leads: where each of them leads."""
    table = _rates_table(ranked, measure, subject, language)
    return Chart(
        id=f"{measure}-by-{subject}",
        title=f"{label(f'{measure}.rate', language)} · {label(f'page.by_{subject}', language)}",
        note=f"{label('page.bar_note', language)} {label('page.small_note', language, number=SMALL_NUMBER)}",
        figure=figures.rate_bars(ranked, language).to_json(),
        height=figures.rate_bars_height(ranked),
        table=replace(table, links={(row, 0): lead for row, lead in enumerate(leads)}),
        least_width=figures.least_width(ranked["short"]),
    )


COUNTED = ("due", "met", "missed", "late", "absent", "too_short", "pending", "undecidable", "exempt")
"""The counts of the table behind bars, in its order after the name and the clause."""


def _rates_table(rows: pl.DataFrame, measure: str, subject: str, language: Language) -> Table:
    has_clause = "clause" in rows.columns
    columns = ["name", *(["clause"] if has_clause else []), *COUNTED]
    texts = ["rate_text", "rate_low_text", "rate_high_text"]
    own = {name: label(f"{measure}.{name}", language) for name in ("due", "met", "missed")}
    headings = [label(f"column.{subject}", language)] + ([label("column.clause", language)] if has_clause else [])
    headings += [own.get(name) or label(f"column.{name}", language) for name in columns[len(headings) :]]
    headings += [
        label(f"{measure}.rate", language),
        label("column.rate_low", language),
        label("column.rate_high", language),
        label("column.threshold", language),
    ]
    shown = rows.with_columns(rate_text=marked_rate()).select(*columns, *texts, pl.col("state").replace_strict(section("threshold", language)))
    first = 2 if has_clause else 1
    return Table(headings, shown.rows(), frozenset(range(first, len(headings) - 1)))


def region_by_rule(view: View) -> Section:
    """One heat map per measure: regions down, duties across."""
    return Section(
        "heat-map", label("page.heat_map", view.language), [heat_map(view, measure, *heat_map_axes(view, measure)) for measure in MEASURES]
    )


def heat_map_axes(view: View, measure: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The regions of a heat map from the top, with `name` and `short`, and its duties from the left, as `rules.named_rules` gives them."""
    rates = of_measure(view.yearly, measure)
    regions = rates.select("region_code", name=pl.col("region"), short=figures.shortened(pl.col("region"))).unique()
    return ordered_regions(regions), ordered_rules(view.rules.filter(pl.col("rule_id").is_in(rates["rule_id"].unique().to_list())))


def heat_map(view: View, measure: str, regions: pl.DataFrame, rules: pl.DataFrame) -> Chart:
    """The rates of every region and duty; the rows of the table are the regions, its columns after the first the duties."""
    language = view.language
    cells = totals(of_measure(view.yearly, measure), "region_code", "region", "rule_id")
    table = _cross_table(cells, regions, rules, language)
    columns = {rule_id: column for column, rule_id in enumerate(rules["rule_id"], start=1)}
    places = {code: row for row, code in enumerate(regions["region_code"])}
    # Of hundreds of regions only those cells lead that have a miss to lead to: the address is most of a cell.
    is_leading = pl.col("judged") > (0 if regions.height <= figures.LARGEST_ANNOTATED else pl.col("met"))
    links = {
        (places[code], columns[rule_id]): view.addresses.records(measure, rule_id, code, view.year)
        for code, rule_id in cells.filter(is_leading).select("region_code", "rule_id").rows()
        if rule_id in columns
    }
    table = replace(table, links=links, anchors=[f"{measure}-{anchor(code)}" for code in regions["region_code"]])
    return Chart(
        id=f"{measure}-heat-map",
        title=f"{label(f'{measure}.rate', language)} · {label('page.heat_map', language)}",
        note=f"{label('page.heat_note', language)} {label('page.small_note', language, number=SMALL_NUMBER)}",
        figure=figures.heat_map(cells.drop("region"), regions, rules.with_columns(short=pl.col("stacked"))).to_json(),
        height=figures.heat_map_height(regions.height),
        table=table,
        least_width=220 + 84 * rules.height,
    )


def _cross_table(cells: pl.DataFrame, regions: pl.DataFrame, rules: pl.DataFrame, language: Language) -> Table:
    texts = cells.select("region_code", "rule_id", pl.format("{} ({}/{})", marked_rate(), "met", "judged").alias("text"))
    wide = regions.join(texts.pivot(on="rule_id", index="region_code", values="text"), on="region_code", how="left", maintain_order="left")
    names = rules["rule_id"].to_list()
    rows = wide.select("name", *(pl.col(name).fill_null(NOT_APPLICABLE) for name in names)).rows()
    return Table([label("column.region", language), *rules["name"].to_list()], rows, frozenset(range(1, len(names) + 1)))


def trend(view: View) -> Section:
    """Both rates month by month."""
    return Section("trend", label("page.trend", view.language), [trend_chart(view)])


def trend_chart(view: View, shown_months: int = TREND_MONTHS, height: int = figures.TREND_HEIGHT) -> Chart:
    """Both rates of the latest months, at most `shown_months`."""
    language = view.language
    sums = totals(view.monthly, "measure", "period_start").filter(pl.col("due") > 0)
    latest = sums.select(pl.col("period_start").unique().sort().tail(shown_months))["period_start"]
    months = sums.filter(pl.col("period_start").is_in(latest.implode()))
    table = Table(
        [label("column.month", language), label("column.rule", language)]
        + [label(f"column.{name}", language) for name in ("undecidable", "pending")]
        + [
            f"{label('timeliness.met', language)}/{label('timeliness.due', language)}",
            label("workbook.rate", language),
            label("column.rate_low", language),
            label("column.rate_high", language),
        ],
        months.sort("period_start", "measure")
        .select(
            pl.col("period_start").dt.strftime("%Y-%m"),
            pl.col("measure").replace_strict({measure: label(f"{measure}.rate", language) for measure in MEASURES}),
            "undecidable",
            "pending",
            pl.format("{}/{}", "met", "due"),
            "rate_text",
            "rate_low_text",
            "rate_high_text",
        )
        .rows(),
        frozenset(range(2, 8)),
    )
    return Chart(
        id="trend",
        title=label("page.trend", language),
        note=label("page.trend_note", language, months=latest.len()) if latest.len() else "",
        figure=figures.trend_lines(months, language, height).to_json(),
        height=height,
        table=table,
    )


DAY_RANGES = ((1, 1), (2, 3), (4, 7), (8, 14), (15, 30), (31, 60), (61, 120), (121, None))
"""Whole days late, first and last of each bar."""


def days_late(view: View) -> Section:
    """How late the late ones were, by measure."""
    language, rows = view.language, view.snapshot.lateness.days_late
    rows = rows if view.year is None else rows.filter(pl.col("year") == view.year)
    charts = []
    for measure in MEASURES:
        title = f"{label(f'measure.{measure}', language)} · {label('page.days_late', language)}"
        charts.append(days_late_chart(days_late_counts(of_measure(rows, measure)), f"{measure}-days-late", title, "page.days_late_note", language))
    return Section("days-late", label("page.days_late", language), charts)


def days_late_counts(late: pl.DataFrame) -> list[int]:
    """How many duties were late by the days of each of DAY_RANGES, from rows of `days_late` and `duties`."""
    rows = late.select("days_late", "duties").drop_nulls().rows()
    return [sum(duties for days, duties in rows if first <= days <= (last or days)) for first, last in DAY_RANGES]


def days_late_chart(counts: Sequence[int], identity: str, title: str, note: str, language: Language) -> Chart:
    """One bar for each of DAY_RANGES with its count; `note` is the key of the label beneath the title, which tells their total."""
    names = [_days(first, last, language) for first, last in DAY_RANGES]
    drawn = pl.DataFrame({"name": names, "short": names, "count": counts, "text": [f"{count:,}" for count in counts]})
    return Chart(
        id=identity,
        title=title,
        note=label(note, language, total=f"{sum(counts):,}"),
        figure=figures.count_bars(drawn, label("column.count", language)).to_json(),
        height=figures.bar_height(drawn.height),
        table=Table([label("column.days_late", language), label("column.count", language)], drawn.select("name", "count").rows(), frozenset({1})),
    )


def _days(first: int, last: int | None, language: Language) -> str:
    if last is None:
        return label("live.days_from", language, first=first)
    return label("live.days_one", language, first=first) if first == last else label("live.days_range", language, first=first, last=last)
