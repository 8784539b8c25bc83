"""The five numbers of the overview with their changes, and the three things that need action. The screen shows the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from dashboards.amounts import Number, points, yuan
from dashboards.labels import label
from dashboards.parts import Card, View
from dashboards.periods import earlier, latest_month, year_with_a_page
from dashboards.push_sections import kept_of_judged
from dashboards.rates import BELOW, MEASURES, SMALL_MARK, SMALL_NUMBER, rate_text, threshold_state, totals
from dashboards.snapshot import DUE_SOON_DAYS
from dashboards.transaction_sections import compared, month_rows

SOON_DAYS = 3
"""Days within which what falls due is urgent."""


@dataclass(frozen=True)
class Indicator:
    """One of the five numbers: its value in the month, the change against the year before and the month before, and what the year says so far.
    state: a threshold state, or empty."""

    id: str
    title: str
    value: str
    year_on_year: str
    month_on_month: str
    so_far: str
    state: str = ""
    link: str = ""


@dataclass(frozen=True)
class Action:
    """Something that needs action: how many, what, in which words, and where it is listed. is_open: whether there is anything to do."""

    id: str
    title: str
    count: str
    words: str
    link: str
    is_open: bool


def month_of(view: View) -> date | None:
    """The month that the overview tells of: the last one that is over."""
    return latest_month(view.snapshot.as_of) if view.snapshot.as_of else None


def indicators(view: View) -> list[Indicator]:
    """Disclosure rate, timeliness rate, concluded transactions, their amount, timeliness of the push."""
    month = month_of(view)
    if month is None:
        return []
    rates = [_rate(view, measure, month, _duties(view, measure)) for measure in MEASURES]
    months = month_rows(view)
    trade = [_trade(view, month, months, place) for place in (0, 1)]
    return [*rates, *trade, _rate(view, "push", month, _pushed(view))]


Counts = tuple[int, int, int]
"""Of some months: met, decided and due."""


def _summed(rows: pl.DataFrame) -> Callable[[date, date], Counts]:
    """The sums of a span of months, out of rows with `period_start`, `met`, `missed` and `due`."""
    sums = rows.group_by("period_start").agg(pl.col("met", "missed", "due").sum())
    months = {month: (met, met + missed, due) for month, met, missed, due in sums.rows()}

    def of(first: date, last: date) -> Counts:
        found = [counts for month, counts in months.items() if first <= month <= last]
        return sum(one[0] for one in found), sum(one[1] for one in found), sum(one[2] for one in found)

    return of


def _duties(view: View, measure: str) -> Callable[[date, date], Counts]:
    return _summed(view.snapshot.rates.filter((pl.col("measure") == measure) & (pl.col("period_kind") == "month")))


def _pushed(view: View) -> Callable[[date, date], Counts]:
    return _summed(kept_of_judged(view.snapshot.push.monthly, "timeliness"))


def _rate(view: View, name: str, month: date, counts: Callable[[date, date], Counts]) -> Indicator:
    language = view.language
    met, judged, due = counts(month, month)
    missing = label("missing.missing", language)

    def against(months: int) -> str:
        then = counts(earlier(month, months), earlier(month, months))
        return points((met, judged), then[:2], language) if judged and then[1] else missing

    so_far = counts(month.replace(month=1), month)
    state = _state(met, judged, due)
    return Indicator(
        id=f"{name}-rate",
        title=label(f"overview.{name}", language),
        value=(rate_text(met, judged) + (SMALL_MARK if judged < SMALL_NUMBER else "")) if judged else missing,
        year_on_year=against(12),
        month_on_month=against(1),
        so_far=label("overview.rate_so_far", language, year=month.year, rate=rate_text(*so_far[:2]), met=f"{so_far[0]:,}", judged=f"{so_far[1]:,}")
        if so_far[1]
        else missing,
        state=state,
        link=view.addresses.page("push" if name == "push" else "rates"),
    )


def _state(met: int, judged: int, due: int) -> str:
    """The threshold state of counts, as `rates.threshold_state` finds it; nothing where nothing was due."""
    counts = pl.DataFrame({"met": [met], "due": [due], "undecidable": [due - judged]})
    return str(counts.select(threshold_state()).item()) if due else ""


def _trade(view: View, month: date, months: dict[date, tuple[int, Decimal]], place: int) -> Indicator:
    language = view.language
    now = months.get(month)
    missing = label("missing.missing", language)

    def said(value: Number) -> str:
        return f"{value:,}" if place == 0 else yuan(value, language)

    def against(count: int) -> str:
        then = months.get(earlier(month, count))
        return missing if now is None else compared(now[place], None if then is None else then[place], language)

    year = sum(values[place] for day, values in months.items() if day.year == month.year and day <= month)
    return Indicator(
        id="concluded" if place == 0 else "award-amount",
        title=label("overview.concluded" if place == 0 else "overview.amount", language),
        value=missing if now is None else said(now[place]),
        year_on_year=against(12),
        month_on_month=against(1),
        so_far=label("overview.so_far", language, year=month.year, value=said(year)) if months else missing,
        link=view.addresses.page("transactions"),
    )


def indicator_cards(view: View) -> list[Card]:
    """The five numbers as cards."""
    language = view.language
    return [
        Card(
            title=one.title,
            value=one.value,
            details=[
                f"{label('column.year_on_year', language)} {one.year_on_year}",
                f"{label('column.month_on_month', language)} {one.month_on_month}",
                one.so_far,
            ],
            state=f"five {one.state}".strip(),
            verdict=label(f"threshold.{one.state}", language) if one.state else "",
            id=one.id,
            link=one.link,
        )
        for one in indicators(view)
    ]


def actions(view: View) -> list[Action]:
    """What is overdue, what lies below 98 %, what falls due."""
    return [_overdue(view), _below(view), _due_soon(view)]


def _overdue(view: View) -> Action:
    told, language = view.snapshot.lateness, view.language
    link = f"{view.addresses.page('calendar')}#overdue"
    title = label("action.overdue", language)
    if not told.overdue_total:
        return Action("overdue", title, "0", label("action.overdue_none", language), link, False)
    worst = told.overdue.row(0, named=True)
    words = label(
        "action.overdue_words",
        language,
        region=worst["region"],
        overdue=f"{worst['overdue']:,}",
        longest=f"{max(told.overdue['longest'].to_list()):,}",
    )
    return Action("overdue", title, f"{told.overdue_total:,}", words, link, True)


def _below(view: View) -> Action:
    """Counties whose timeliness of the year so far lies below the threshold whatever the undecidable turn out to be."""
    language, month = view.language, month_of(view)
    link = view.addresses.regions("timeliness", year_with_a_page(view.snapshot.rates, month.year if month else None))
    title = label("action.below", language)
    rows = view.snapshot.rates.filter((pl.col("measure") == "timeliness") & (pl.col("period_kind") == "month"))
    if month:
        rows = rows.filter(pl.col("period_start").is_between(month.replace(month=1), month))
    regions = totals(rows, "region_code", "region").filter(pl.col("due") > 0)
    below = regions.filter(pl.col("state") == BELOW).sort("rate", "region_code")
    if below.is_empty():
        return Action("below", title, "0", label("action.below_none", language, regions=regions.height), link, False)
    worst = below.row(0, named=True)
    words = label(
        "action.below_words",
        language,
        regions=regions.height,
        region=worst["region"],
        rate=worst["rate_text"],
        met=f"{worst['met']:,}",
        judged=f"{worst['judged']:,}",
    )
    return Action("below", title, f"{below.height:,}", words, link, True)


def _due_soon(view: View) -> Action:
    snapshot, language = view.snapshot, view.language
    link = f"{view.addresses.page('calendar')}#due-soon"
    title = label("action.due_soon", language, days=DUE_SOON_DAYS)
    if not snapshot.due_soon_total or snapshot.as_of is None:
        return Action("due-soon", title, "0", label("action.due_soon_none", language), link, False)
    last = snapshot.as_of + timedelta(days=SOON_DAYS)
    calendar = snapshot.lateness.calendar
    urgent = calendar.filter(pl.col("due_on") <= last)["duties"].sum()
    words = label("action.due_soon_words", language, days=SOON_DAYS, urgent=f"{urgent:,}", first=calendar["due_on"].min())
    return Action("due-soon", title, f"{snapshot.due_soon_total:,}", words, link, True)
