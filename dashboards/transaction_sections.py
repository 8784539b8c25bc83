"""The page of transactions: counts, amounts, savings, added value; by kind, county and month."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from dashboards import figures
from dashboards.amounts import change, chart_unit, share, ten_thousand_yuan, yuan
from dashboards.labels import Language, label, section
from dashboards.parts import Card, Chart, Listing, Section, Table, View
from dashboards.periods import earlier, latest_month
from dashboards.rates import NOT_APPLICABLE
from dashboards.regions import ordered_regions
from dashboards.transactions import COUNTS

SAVING_TYPES = ("construction", "procurement")
"""Types whose award lies below the estimate when the tender saves; of the others the award exceeds the starting price."""

MONTHS = 24
"""Months that are drawn, the latest."""


def trade_totals(view: View) -> Section:
    """The sums of the period, and by kind of transaction."""
    language, rows = view.language, _concluded(view)
    kinds = rows.group_by("transaction_type").agg(pl.col(COUNTS).sum())
    order = list(section("transaction_type"))
    kinds = kinds.sort(pl.col("transaction_type").replace_strict(order, range(len(order)), default=len(order)), "transaction_type")
    whole = _sums(rows)
    names = section("transaction_type", language)
    lines = [_line(names.get(kind["transaction_type"], kind["transaction_type"]), kind, kind["transaction_type"], whole) for kind in kinds.to_dicts()]
    if lines:
        lines.append(_total_line(label("column.total", language), _by_saving(rows)[""], whole))
    drawn = kinds.select(
        name=pl.col("transaction_type").replace(names),
        short=pl.col("transaction_type").replace(names),
        count=pl.col("award_fen") // 1_000_000,
        text=pl.Series([f"{kind['concluded']:,} · {yuan(kind['award_fen'], language)}" for kind in kinds.to_dicts()], dtype=pl.String),
    )
    table = Table(_headings("transaction_type", language), lines, frozenset(range(1, 11)))
    chart = Chart(
        id="trade-by-kind",
        title=label("trade.by_kind", language),
        note=label(
            "trade.totals_note",
            language,
            concluded=f"{whole['concluded']:,}",
            amount=yuan(whole["award_fen"], language),
            with_amount=f"{whole['with_amount']:,}",
        ),
        figure=figures.count_bars(drawn, label("trade.amount_unit", language)).to_json(),
        height=figures.bar_height(drawn.height),
        table=table,
        least_width=460,
    )
    return Section(
        "trade-totals",
        label("trade.totals", language),
        [chart],
        [Listing("trade-table", "", label("trade.formulas", language), table if lines else None)],
    )


def trade_months(view: View) -> Section:
    """Counts and amounts month by month beside the year before."""
    language = view.language
    months = month_rows(view)
    charts = []
    for measure in ("concluded", "award_fen"):
        drawn, table = months_drawn(months, measure, language, view)
        charts.append(
            Chart(
                id=f"trade-{'count' if measure == 'concluded' else 'amount'}-by-month",
                title=label(f"trade.{measure}_by_month", language),
                note=months_note(months, measure, language),
                figure=drawn,
                height=figures.MONTHS_HEIGHT,
                table=table,
                least_width=520,
            )
        )
    return Section("trade-months", label("trade.months", language), charts)


def trade_regions(view: View) -> Section:
    """Counts, amounts and savings by county."""
    language, rows = view.language, _concluded(view)
    whole = _sums(rows)
    regions = ordered_regions(rows.group_by("region_code").agg(pl.col("region").first(), pl.col(COUNTS).sum()))
    drawn = regions.sort("award_fen", descending=True).select(
        name=pl.col("region"),
        short=figures.shortened(pl.col("region")),
        count=pl.col("award_fen") // 1_000_000,
        text=pl.format("{} · {}", pl.col("concluded"), pl.col("award_fen").map_elements(lambda fen: yuan(fen, language), return_dtype=pl.String)),
    )
    found = _by_saving(rows, "region_code")
    lines = [_total_line(region["region"], found[region["region_code"]], whole) for region in regions.to_dicts()]
    if lines:
        lines.append(_total_line(label("column.total", language), _by_saving(rows)[""], whole))
    chart = Chart(
        id="trade-by-region",
        title=label("trade.by_region", language),
        note=label("trade.by_region_note", language),
        figure=figures.count_bars(drawn, label("trade.amount_unit", language)).to_json(),
        height=figures.bar_height(drawn.height),
        table=Table(_headings("region", language), lines, frozenset(range(1, 11))),
        least_width=460,
    )
    return Section("trade-regions", label("trade.regions", language), [chart])


def trade_process(view: View) -> Section | None:
    """What began and has no result yet; what the delivered data cannot tell."""
    if view.year is not None:
        return None
    language, begun = view.language, view.snapshot.transactions.begun
    missing = label("missing.missing", language)
    names = section("transaction_type", language)
    rows = [
        (names.get(row["transaction_type"], row["transaction_type"]), row["begun"], row["without_result"], missing, missing)
        for row in begun.to_dicts()
    ]
    headings = [label(f"column.{name}", language) for name in ("transaction_type", "begun", "without_result", "failed", "bidders")]
    table = Table(headings, rows, frozenset({1, 2, 3, 4})) if rows else None
    listing = Listing("trade-process", "", label("trade.process_note", language, as_of=view.snapshot.as_of or NOT_APPLICABLE), table)
    return Section("trade-process", label("trade.process", language), listings=[listing])


def _concluded(view: View) -> pl.DataFrame:
    rows = view.snapshot.transactions.concluded
    return rows if view.year is None else rows.filter(pl.col("month").dt.year() == view.year)


def _sums(rows: pl.DataFrame) -> dict[str, int]:
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
        "compared",
    )
    return [label(f"column.{subject}", language), *(label(f"column.{name}", language) for name in columns)]


def _line(name: str, sums: dict[str, int], kind: str, whole: dict[str, int]) -> tuple:
    """A line of the table, of one kind of transaction: it either saves or adds."""
    saving = sums["compared_estimate_fen"] - sums["compared_award_fen"]
    told = _saved(sums) if kind in SAVING_TYPES else (NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE)
    added = (NOT_APPLICABLE, NOT_APPLICABLE) if kind in SAVING_TYPES else (ten_thousand_yuan(-saving), share(-saving, sums["compared_estimate_fen"]))
    return (
        name,
        sums["concluded"],
        sums["with_amount"],
        ten_thousand_yuan(sums["award_fen"]),
        share(sums["award_fen"], whole["award_fen"]),
        *told,
        *added,
        sums["compared"],
    )


Sums = dict[str, int]
_NOTHING: Sums = dict.fromkeys(COUNTS, 0)


def _by_saving(rows: pl.DataFrame, key: str = "") -> dict[str, tuple[Sums, Sums]]:
    """The sums of the kinds that save and of the others, by key; of all rows together under an empty key."""
    named = rows.with_columns(key=pl.col(key) if key else pl.lit(""), saves=pl.col("transaction_type").is_in(SAVING_TYPES))
    found: dict[str, tuple[Sums, Sums]] = {} if key else {"": (_NOTHING, _NOTHING)}
    for row in named.group_by("key", "saves").agg(pl.col(COUNTS).sum()).to_dicts():
        saving, adding = found.get(row["key"], (_NOTHING, _NOTHING))
        found[row["key"]] = (row, adding) if row["saves"] else (saving, row)
    return found


def _total_line(name: str, sums: tuple[Sums, Sums], whole: Sums) -> tuple:
    """A line of the table over several kinds: savings of those that save, added value of the others."""
    saving, adding = sums
    both = {count: saving[count] + adding[count] for count in COUNTS}
    added = adding["compared_award_fen"] - adding["compared_estimate_fen"]
    told = _saved(saving) if saving["compared"] else (NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE)
    gained = (ten_thousand_yuan(added), share(added, adding["compared_estimate_fen"])) if adding["compared"] else (NOT_APPLICABLE, NOT_APPLICABLE)
    return (
        name,
        both["concluded"],
        both["with_amount"],
        ten_thousand_yuan(both["award_fen"]),
        share(both["award_fen"], whole["award_fen"]),
        *told,
        *gained,
        both["compared"],
    )


def _saved(sums: dict[str, int]) -> tuple[str, str, str]:
    saving = sums["compared_estimate_fen"] - sums["compared_award_fen"]
    return ten_thousand_yuan(saving), share(saving, sums["compared_estimate_fen"]), share(saving, sums["compared_award_fen"])


def month_rows(view: View, last: date | None = None) -> dict[date, tuple[int, int]]:
    """Per month, from the first that is known to that of the cut-off, how many transactions were concluded and their amount; zero where none was."""
    told, as_of = view.snapshot.transactions, last or view.snapshot.as_of
    sums = told.concluded.group_by("month").agg(pl.col("concluded", "award_fen").sum())
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
    return {month: found.get(month, (0, 0)) for month in months}


def compared(now: int, before: int | None, language: Language) -> str:
    """The change against another period; 暂缺 where nothing is known of that."""
    return label("missing.missing", language) if before is None else change(now, before)


def months_drawn(
    months: dict[date, tuple[int, int]], measure: str, language: Language, view: View, shown_months: int = MONTHS, height: int = figures.MONTHS_HEIGHT
) -> tuple[str, Table]:
    """The figure and the table of one measure (`concluded` or `award_fen`) month by month."""
    at = 0 if measure == "concluded" else 1
    shown = [month for month in months if view.year is None or month.year == view.year][-shown_months:]

    def before(month: date, count: int) -> int | None:
        there = months.get(earlier(month, count))
        return None if there is None else there[at]

    def said(value: int | None) -> str | None:
        return None if value is None else f"{value:,}" if at == 0 else ten_thousand_yuan(value)

    unit = 1 if at == 0 else chart_unit(_largest(months), language)[1]
    rows = [(month, months[month][at] / unit, said(months[month][at]), _scaled(before(month, 12), unit), said(before(month, 12))) for month in shown]
    drawn = pl.DataFrame(
        rows, {"month": pl.Date, "value": pl.Float64, "value_text": pl.String, "before": pl.Float64, "before_text": pl.String}, orient="row"
    )
    if at == 1:
        drawn = drawn.with_columns(pl.col("value", "before").round(2), value_text=pl.col("value").round(1).cast(pl.String))
    names = (label("trade.this_year", language), label("trade.year_before", language))
    whole = latest_month(view.snapshot.as_of) if view.snapshot.as_of else None
    lines = [
        (
            f"{month:%Y-%m}{'' if whole is None or month <= whole else '*'}",
            said(months[month][at]),
            compared(months[month][at], before(month, 12), language),
            compared(months[month][at], before(month, 1), language),
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


def months_note(months: dict[date, tuple[int, int]], measure: str, language: Language) -> str:
    """What is drawn by month, and in which unit."""
    note = label("trade.months_note", language)
    if measure == "concluded":
        return note
    return f"{label('trade.unit', language, unit=chart_unit(_largest(months), language)[0])} {note}"


def _largest(months: dict[date, tuple[int, int]]) -> int:
    return max((award for _, award in months.values()), default=0)


def _scaled(value: int | None, unit: int) -> float | None:
    return None if value is None else value / unit


def trade_cards(view: View) -> Sequence[Card]:
    """The sums of the period as cards."""
    language, rows = view.language, _concluded(view)
    whole = _sums(rows)
    saving, adding = _by_saving(rows)[""]
    saved = saving["compared_estimate_fen"] - saving["compared_award_fen"]
    added = adding["compared_award_fen"] - adding["compared_estimate_fen"]
    of_estimate, of_award = share(saved, saving["compared_estimate_fen"]), share(saved, saving["compared_award_fen"])
    return [
        Card(
            label("trade.concluded", language),
            f"{whole['concluded']:,}",
            [label("trade.card_concluded", language, with_amount=f"{whole['with_amount']:,}")],
            id="concluded",
        ),
        Card(label("trade.amount", language), yuan(whole["award_fen"], language), [label("trade.card_amount", language)], id="award-amount"),
        Card(
            label("column.savings", language).split("（")[0].split(" (")[0],
            yuan(saved, language) if saving["compared"] else NOT_APPLICABLE,
            [label("trade.card_savings", language, of_estimate=of_estimate, of_award=of_award)],
            id="savings",
        ),
        Card(
            label("column.added_value", language).split("（")[0].split(" (")[0],
            yuan(added, language) if adding["compared"] else NOT_APPLICABLE,
            [label("trade.card_added", language, share=share(added, adding["compared_estimate_fen"]))],
            id="added-value",
        ),
    ]
