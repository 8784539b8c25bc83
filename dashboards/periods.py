"""The years and months that figures are told for: which years have pages, the last month that is over, and those it is compared with."""

from datetime import date, datetime, timedelta

import polars as pl

from sources.clock import BEIJING

LATEST_YEARS = 10
"""Years that get a page of their own: absurd dates in a delivery must not publish a hundred pages."""


def years_due(rates: pl.DataFrame) -> list[int]:
    """The years in which something was due, ascending, out of the rates of a snapshot."""
    due = rates.filter((pl.col("period_kind") == "year") & (pl.col("due") > 0))
    return sorted(set(due["period_start"].dt.year().to_list()))


def year_with_a_page(rates: pl.DataFrame, year: int | None) -> int | None:
    """The year where it has a page of its own, else None: the page of all periods tells of it."""
    return year if year in years_due(rates)[-LATEST_YEARS:] else None


def latest_month(as_of: date) -> date:
    """The first day of the last month that was over at the end of `as_of`."""
    following = as_of + timedelta(days=1)
    return earlier(following.replace(day=1), 1)


def earlier(month: date, months: int) -> date:
    """The first day of the month so many months before."""
    count = month.year * 12 + month.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def minute(moment: object) -> str:
    """A moment as it is read, in Beijing to the minute: `2018-01-25 08:00`; what is none stays as it is."""
    try:
        return f"{datetime.fromisoformat(str(moment)).astimezone(BEIJING):%Y-%m-%d %H:%M}"
    except ValueError:
        return str(moment or "—")
