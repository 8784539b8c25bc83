"""The page of transactions: counts, amounts, savings, added value, failed tenders and bidders; by kind, county and month."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from dashboards import figures
from dashboards.amounts import Number, average, change, chart_unit, share, ten_thousand_yuan, yuan
from dashboards.labels import Language, label, section
from dashboards.parts import Card, Chart, Listing, Section, Table, View
from dashboards.periods import earlier, latest_month
from dashboards.rates import NOT_APPLICABLE
from dashboards.regions import ordered_regions
from dashboards.transactions import COUNTS, PROCESS

MONTHS = 24
"""Months that are drawn, the latest."""

Sums = Mapping[str, Number]
"""Additive columns of `transactions.Transactions` by name."""


def trade_totals(view: View) -> Section:
    """The sums of the period, and by kind of transaction."""
    language, rows = view.language, _concluded(view)
    kinds = _ordered_kinds(rows.group_by("transaction_type").agg(pl.col(COUNTS).sum()))
    whole = _sums(rows)
    names = section("transaction_type", language)
    lines = [_line(names.get(kind["transaction_type"], kind["transaction_type"]), kind, whole) for kind in kinds.to_dicts()]
    if lines:
        lines.append(_line(label("column.total", language), whole, whole))
    unit, size = chart_unit(max(kinds["award_yuan"], default=0), language)
    drawn = kinds.select(
        name=pl.col("transaction_type").replace(names),
        short=pl.col("transaction_type").replace(names),
        count=_scaled_all(kinds["award_yuan"], size),
        text=pl.Series([f"{kind['concluded']:,} · {yuan(kind['award_yuan'], language)}" for kind in kinds.to_dicts()], dtype=pl.String),
    )
    table = Table(_headings("transaction_type", language), lines, frozenset(range(1, 12)))
    chart = Chart(
        id="trade-by-kind",
        title=label("trade.by_kind", language),
        note=" ".join(
            (
                label("trade.unit", language, unit=unit),
                label(
                    "trade.totals_note",
                    language,
                    concluded=f"{whole['concluded']:,}",
                    amount=yuan(whole["award_yuan"], language),
                    with_amount=f"{whole['with_amount']:,}",
                ),
            )
        ),
        figure=figures.count_bars(drawn, label("trade.amount_unit", language, unit=unit)).to_json(),
        height=figures.bar_height(drawn.height),
        table=table,
        least_width=figures.least_width(drawn["short"]),
        is_listed=True,
    )
    return Section("trade-totals", label("trade.totals", language), [chart], [Listing("trade-table", "", label("trade.formulas", language), None)])


def trade_months(view: View) -> Section:
    """Counts and amounts month by month beside the year before."""
    language = view.language
    months = month_rows(view)
    charts = []
    for measure in MEASURES:
        told = measured(months, measure)
        drawn, table = months_drawn(told, measure, language, view)
        charts.append(
            Chart(
                id=f"trade-{'count' if measure == 'concluded' else 'amount'}-by-month",
                title=label(f"trade.{measure}_by_month", language),
                note=months_note(told, measure, language),
                figure=drawn,
                height=figures.MONTHS_HEIGHT,
                table=table,
                least_width=340,
            )
        )
    return Section("trade-months", label("trade.months", language), charts)


def trade_regions(view: View) -> Section:
    """Counts, amounts and savings by county."""
    language, rows = view.language, _concluded(view)
    whole = _sums(rows)
    regions = ordered_regions(rows.group_by("region_code").agg(pl.col("region").first(), pl.col(COUNTS).sum()))
    largest = regions.sort("award_yuan", descending=True)
    unit, size = chart_unit(max(largest["award_yuan"], default=0), language)
    drawn = largest.select(
        name=pl.col("region"),
        short=figures.shortened(pl.col("region")),
        count=_scaled_all(largest["award_yuan"], size),
        text=pl.Series([f"{region['concluded']:,} · {yuan(region['award_yuan'], language)}" for region in largest.to_dicts()], dtype=pl.String),
    )
    lines = [_line(region["region"], region, whole) for region in regions.to_dicts()]
    if lines:
        lines.append(_line(label("column.total", language), whole, whole))
    chart = Chart(
        id="trade-by-region",
        title=label("trade.by_region", language),
        note=f"{label('trade.unit', language, unit=unit)} {label('trade.by_region_note', language)}",
        figure=figures.count_bars(drawn, label("trade.amount_unit", language, unit=unit)).to_json(),
        height=figures.bar_height(drawn.height),
        table=Table(_headings("region", language), lines, frozenset(range(1, 12))),
        least_width=figures.least_width(drawn["short"]),
    )
    return Section("trade-regions", label("trade.regions", language), [chart])


def trade_process(view: View) -> Section:
    """What began and has no result yet, failed tenders and bidders a section: by kind, county and month."""
    language, told = view.language, view.snapshot.transactions
    rows, names, missing = _of_the_year(view, told.process), section("transaction_type", language), label("missing.missing", language)
    kinds = _ordered_kinds(rows.group_by("transaction_type").agg(pl.col(PROCESS).sum())).to_dicts()
    regions = ordered_regions(rows.group_by("region_code").agg(pl.col("region").first(), pl.col(PROCESS).sum())).to_dicts()
    whole = {name: sum(kind[name] for kind in kinds) for name in PROCESS}

    def line(name: str, sums: Sums, kind: str | None = None) -> tuple:
        is_told = kind in told.failures_known or (kind is None and bool(told.failures_known))
        failed = (f"{sums['failed']:,}", f"{sums['otherwise_ended']:,}") if is_told else (missing, missing)
        return (name, f"{sums['begun']:,}", f"{sums['without_result']:,}", *failed, *_bidders(sums, missing))

    def table(subject: str, lines: list[tuple]) -> Table | None:
        if not lines:
            return None
        return Table(_process_headings(subject, language), [*lines, line(label("column.total", language), whole)], frozenset(range(1, 8)))

    note = label("trade.process_note", language, as_of=view.snapshot.as_of or NOT_APPLICABLE)
    by_kind = [line(names.get(kind["transaction_type"], kind["transaction_type"]), kind, kind["transaction_type"]) for kind in kinds]
    listings = [
        Listing("trade-process", label("trade.totals", language), note, table("transaction_type", by_kind)),
        Listing(
            "trade-process-by-region",
            label("trade.regions", language),
            label("trade.process_by_region", language),
            table("region", [line(one["region"], one) for one in regions]),
        ),
        _bidders_by_month(view, rows),
    ]
    return Section("trade-process", label("trade.process", language), [_failed_by_month(view)] if told.failures_known else [], listings)


def _failed_by_month(view: View) -> Chart:
    """Failed tenders month by month with their changes."""
    language = view.language
    counted = dict(view.snapshot.transactions.process.group_by("month").agg(pl.col("failed").sum()).rows())
    drawn, table = months_drawn({month: counted.get(month, 0) for month in month_rows(view)}, "failed", language, view)
    return Chart(
        id="trade-failed-by-month",
        title=label("trade.failed_by_month", language),
        note=label("trade.failed_note", language),
        figure=drawn,
        height=figures.MONTHS_HEIGHT,
        table=table,
        least_width=340,
    )


def _bidders_by_month(view: View, rows: pl.DataFrame) -> Listing:
    """Bidders a section of the months whose openings tell of them."""
    language = view.language
    missing = label("missing.missing", language)
    months = (
        rows.filter(pl.col("bid_sections") > 0, pl.col("month").is_not_null())
        .group_by("month")
        .agg(pl.col("bid_sections", "bidders").sum())
        .sort("month")
    )
    lines = [(f"{month['month']:%Y-%m}", *_bidders(month, missing)) for month in months.to_dicts()]
    headings = [label(f"column.{name}", language) for name in ("month", "bid_sections", "bidders", "average_bidders")]
    table = Table(headings, lines[-MONTHS:], frozenset({1, 2, 3})) if lines else None
    return Listing(
        "trade-bidders-by-month",
        label("trade.bidders_by_month", language),
        label("trade.bidders_note" if lines else "trade.no_bidders", language),
        table,
    )


def _bidders(sums: Sums, missing: str) -> tuple[str, str, str]:
    """Sections whose bidders are known, these, and how many a section; 暂缺 where none was delivered."""
    count = sums["bid_sections"]
    return (f"{count:,}", f"{sums['bidders']:,}", average(sums["bidders"], int(count))) if count else (missing, missing, missing)


def _process_headings(subject: str, language: Language) -> list[str]:
    columns = ("begun", "without_result", "failed", "otherwise_ended", "bid_sections", "bidders", "average_bidders")
    return [label(f"column.{subject}", language), *(label(f"column.{name}", language) for name in columns)]


def _concluded(view: View) -> pl.DataFrame:
    return _of_the_year(view, view.snapshot.transactions.concluded)


def _of_the_year(view: View, rows: pl.DataFrame) -> pl.DataFrame:
    return rows if view.year is None else rows.filter(pl.col("month").dt.year() == view.year)


def _ordered_kinds(kinds: pl.DataFrame) -> pl.DataFrame:
    """One row a kind of transaction, in the order of the labels."""
    order = list(section("transaction_type"))
    return kinds.sort(pl.col("transaction_type").replace_strict(order, range(len(order)), default=len(order)), "transaction_type")


def _scaled_all(amounts: pl.Series, unit: int) -> pl.Series:
    """The lengths of bars in a unit of the axis."""
    return pl.Series([float(amount / unit) for amount in amounts], dtype=pl.Float64)


def _sums(rows: pl.DataFrame) -> Sums:
    """The counts of all rows together."""
    return rows.select(pl.col(COUNTS).sum()).row(0, named=True)


def _headings(subject: str, language: Language) -> list[str]:
    columns = (
        "concluded",
        "with_amount",
        "award_amount",
        "amount_share",
        "savings",
        "savings_of_estimate",
        "savings_of_award",
        "added_value",
        "added_share",
        "not_comparable",
        "compared",
    )
    return [label(f"column.{subject}", language), *(label(f"column.{name}", language) for name in columns)]


def _line(name: str, sums: Sums, whole: Sums) -> tuple:
    """A line of the table. Nothing is saved where there is nothing to compare, and nothing added."""
    nothing = (NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE)
    saved = sums["saved_yuan"]
    told = (ten_thousand_yuan(saved), share(saved, sums["saved_estimate_yuan"]), share(saved, sums["saved_award_yuan"]))
    added = (ten_thousand_yuan(sums["added_yuan"]), share(sums["added_yuan"], sums["added_base_yuan"]))
    return (
        name,
        sums["concluded"],
        sums["with_amount"],
        ten_thousand_yuan(sums["award_yuan"]),
        share(sums["award_yuan"], whole["award_yuan"]),
        *(told if sums["saving"] else nothing),
        *(added if sums["adding"] else nothing[:2]),
        sums["not_comparable"] if sums["adding"] + sums["not_comparable"] else NOT_APPLICABLE,
        sums["saving"] + sums["adding"],
    )


MEASURES = ("concluded", "award_yuan")
"""What `month_rows` tells of each month, in this order."""


def month_rows(view: View, last: date | None = None) -> dict[date, tuple[int, Decimal]]:
    """Per month, from the first that is known to that of the cut-off, how many transactions were concluded and their amount; zero where none was."""
    told, as_of = view.snapshot.transactions, last or view.snapshot.as_of
    sums = told.concluded.group_by("month").agg(pl.col(MEASURES).sum())
    found = {month: (concluded, award) for month, concluded, award in sums.rows()}
    if not found or told.first_month is None:
        return {}
    # Nothing later than the cut-off is a month of these: a notice dated 2099 is a slip.
    latest = as_of.replace(day=1) if as_of else max(found)
    # An absurd date of a delivery must not make a thousand empty months.
    first = max(min(told.first_month, *found), earlier(latest, 12 * 40))
    months = []
    while first <= latest:
        months.append(first)
        first = earlier(first, -1)
    return {month: found.get(month, (0, Decimal(0))) for month in months}


def compared(now: Number, before: Number | None, language: Language) -> str:
    """The change against another period; 暂缺 where nothing is known of that."""
    return label("missing.missing", language) if before is None else change(now, before)


def measured(months: Mapping[date, tuple[int, Decimal]], measure: str) -> dict[date, Number]:
    """One measure of every month of `month_rows`."""
    return {month: told[MEASURES.index(measure)] for month, told in months.items()}


def _shown_months(months: Mapping[date, Number], view: View, count: int = MONTHS) -> list[date]:
    return [month for month in months if view.year is None or month.year == view.year][-count:]


def months_drawn(
    months: Mapping[date, Number], measure: str, language: Language, view: View, shown_months: int = MONTHS, height: int = figures.MONTHS_HEIGHT
) -> tuple[str, Table]:
    """The figure and the table of one measure month by month: amounts of yuan (`award_yuan`), or counts."""
    is_amount = measure == "award_yuan"
    shown = _shown_months(months, view, shown_months)

    def before(month: date, count: int) -> Number | None:
        return months.get(earlier(month, count))

    def said(value: Number | None) -> str | None:
        return None if value is None else ten_thousand_yuan(value) if is_amount else f"{value:,}"

    unit = chart_unit(max(months.values(), default=0), language)[1] if is_amount else 1
    rows = [(month, float(months[month] / unit), said(months[month]), _scaled(before(month, 12), unit), said(before(month, 12))) for month in shown]
    drawn = pl.DataFrame(
        rows, {"month": pl.Date, "value": pl.Float64, "value_text": pl.String, "before": pl.Float64, "before_text": pl.String}, orient="row"
    )
    if is_amount:
        drawn = drawn.with_columns(pl.col("value", "before").round(2), value_text=pl.col("value").round(1).cast(pl.String))
    names = (label("trade.this_year", language), label("trade.year_before", language))
    whole = latest_month(view.snapshot.as_of) if view.snapshot.as_of else None
    lines = [
        (
            f"{month:%Y-%m}{'' if whole is None or month <= whole else '*'}",
            said(months[month]),
            compared(months[month], before(month, 12), language),
            compared(months[month], before(month, 1), language),
        )
        for month in shown
    ]
    headings = [
        label("column.month", language),
        label(f"trade.{measure}", language),
        label("column.year_on_year", language),
        label("column.month_on_month", language),
    ]
    return figures.year_on_year(drawn, names, height).to_json(), Table(headings, lines, frozenset({1, 2, 3}))


def months_note(months: Mapping[date, Number], measure: str, language: Language) -> str:
    """What is drawn by month, and in which unit."""
    note = label("trade.months_note", language)
    if measure != "award_yuan":
        return note
    return f"{label('trade.unit', language, unit=chart_unit(max(months.values(), default=0), language)[0])} {note}"


def _scaled(value: Number | None, unit: int) -> float | None:
    return None if value is None else float(value / unit)


def trade_cards(view: View) -> Sequence[Card]:
    """The sums of the period as cards."""
    language, rows = view.language, _concluded(view)
    whole = _sums(rows)
    of_estimate, of_award = (share(whole["saved_yuan"], whole[f"saved_{base}_yuan"]) for base in ("estimate", "award"))
    return [
        Card(
            label("trade.concluded", language),
            f"{whole['concluded']:,}",
            [label("trade.card_concluded", language, with_amount=f"{whole['with_amount']:,}")],
            id="concluded",
        ),
        Card(label("trade.amount", language), yuan(whole["award_yuan"], language), [label("trade.card_amount", language)], id="award-amount"),
        Card(
            label("column.savings", language).split("（")[0].split(" (")[0],
            yuan(whole["saved_yuan"], language) if whole["saving"] else NOT_APPLICABLE,
            [label("trade.card_savings", language, of_estimate=of_estimate, of_award=of_award)],
            id="savings",
        ),
        Card(
            label("column.added_value", language).split("（")[0].split(" (")[0],
            yuan(whole["added_yuan"], language) if whole["adding"] else NOT_APPLICABLE,
            [
                label("trade.card_added", language, share=share(whole["added_yuan"], whole["added_base_yuan"])),
                *([label("trade.card_not_comparable", language, count=f"{whole['not_comparable']:,}")] if whole["not_comparable"] else []),
            ],
            id="added-value",
        ),
    ]
