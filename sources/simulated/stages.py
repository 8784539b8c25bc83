"""When things happen: the stages of construction, procurement and land transactions, and the lapses and faults planted among them.

Every frame has one row a section or land announcement. Instants (``…_at``) are seconds of local time, what lies behind ``last_day`` is null:
it has not happened yet. Columns named after a rule (``T-08``) say whether that duty was planted to be missed.
"""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sources.simulated.working_week import (
    DAY,
    Integers,
    backward,
    clock,
    day_number,
    forward,
    in_holiday_season,
    weekday,
    working_days_later,
    yyyymmdd,
)

Flags = NDArray[np.bool_]
#: Integers between two bounds, both included, one for each row.
Draw = Callable[[int, int], Integers]


def construction_stages(draw: Draw, started: Integers, lapses: Integers, last_day: int, fault_kinds: Sequence[str]) -> pl.DataFrame:
    """Stages of tendered sections. ``started`` are weekdays, ``lapses`` the lapses of 1,000 duties; ``fault_kinds`` go each to one finished section."""

    def lapse() -> Flags:
        return draw(0, 999) < lapses

    created = _at(started, draw, clock(8, 30), clock(17, 29))
    notice = forward(started + draw(1, 4))
    notice_at = _at(notice, draw, clock(8, 30), clock(17, 29))
    sale_ended = forward(notice + draw(5, 9))
    deadline = forward(notice + draw(20, 28))
    deadline_at = deadline * DAY + clock(9) + 1800 * draw(0, 2)
    clarified, clarified_late = draw(1, 3) == 1, lapse()
    clarification = np.where(clarified_late, forward(deadline - draw(5, 12)), backward(deadline - draw(15, 17)))
    clarified_late &= clarified & (clarification <= last_day)

    evaluated = forward(deadline + draw(0, 1))
    received = forward(evaluated + draw(0, 1))
    # From Thursday the second day is a Saturday, and Monday may be too late when the Sunday is a working day.
    publicity = forward(received + np.minimum(draw(0, 2), np.where(weekday(received) == 3, 1, 2)))
    late_publicity = forward(received + draw(7, 9))
    publicity_late = lapse() & ~in_holiday_season(received) & (late_publicity <= last_day)
    publicity = np.where(publicity_late, late_publicity, publicity)
    publicity_ended = publicity + draw(3, 6)
    publicity_ended = np.where(forward(publicity_ended) - publicity > 6, backward(publicity_ended), forward(publicity_ended))
    too_short = lapse() & (publicity <= last_day)
    publicity_ended = np.where(too_short, publicity + 2, publicity_ended)

    award = forward(publicity_ended + draw(0, 3))
    same_day = award == publicity_ended
    determined_at = np.where(same_day, _at(award, draw, clock(17), clock(17, 9)), _at(award, draw, clock(9), clock(9, 59)))
    award_at = np.where(same_day, _at(award, draw, clock(17, 10), clock(17, 29)), _at(award, draw, clock(10), clock(11, 29)))
    letter = forward(award + np.maximum(draw(0, 1), same_day))
    letter_at = _at(letter, draw, clock(14), clock(16, 59))
    # A due day moves at most nine days, over the autumn holidays.
    late_contract = forward(letter + draw(40, 60))
    contract_late = lapse() & (late_contract <= last_day)
    quick_contract = forward(letter + draw(3, 7))
    contract = np.where(contract_late, late_contract, forward(letter + draw(3, 25)))

    clean = ~(clarified_late | publicity_late | too_short | contract_late)
    faults = _spread(fault_kinds, np.flatnonzero(clean & (contract <= last_day)), len(started))
    clarified |= faults == "withdrawal"
    award_first = faults == "award_before_publicity"
    award_at = np.where(award_first, backward(publicity - 1) * DAY + award_at % DAY, award_at)
    contract = np.where(award_first, quick_contract, contract)
    report_after_publicity = faults == "publicity_before_report"
    received = np.where(report_after_publicity, forward(publicity + 1), received)

    known = {
        "created_at": created,
        "notice_at": notice_at,
        "clarified_at": np.where(clarified, _at(clarification, draw, clock(9), clock(16, 59)), _NEVER),
        "opened_at": deadline_at,
        "evaluated_at": _at(evaluated, draw, clock(14), clock(14, 59)),
        "received_at": _at(received, draw, clock(15), clock(15, 59)),
        "publicity_at": _at(publicity, draw, clock(16), clock(16, 59)),
        "determined_at": determined_at,
        "award_at": award_at,
        "letter_at": letter_at,
        "signed_at": _at(contract, draw, clock(9), clock(16, 29)),
        "submitted_at": _at(contract, draw, clock(16, 30), clock(17, 29)),
    }
    return (
        pl.DataFrame(known)
        .select(_until(last_day))
        .with_columns(
            sale_ended_at=pl.Series(sale_ended * DAY + clock(17)),
            deadline_at=pl.Series(deadline_at),
            publicity_ended_at=pl.Series(publicity_ended * DAY + clock(17)),
            fault=pl.Series(faults.tolist(), dtype=pl.String),
            **{
                "T-04": pl.Series(clarified_late),
                "T-07": pl.Series(publicity_late),
                "T-08": pl.Series(too_short),
                "T-10": pl.Series(contract_late),
            },
        )
    )


def procurement_stages(draw: Draw, started: Integers, lapses: Integers, last_day: int) -> pl.DataFrame:
    """Stages of government procurement. Results and contracts appear on the day or the next weekday, near holidays on the day.

    The award letter goes out with the result, and a notice stays for as many working days as the law says.
    """

    def lapse() -> Flags:
        return draw(0, 999) < lapses

    notice = forward(started + draw(1, 4))
    closing = forward(notice + draw(20, 28))
    evaluated = forward(closing + draw(0, 1))
    received = forward(evaluated + draw(0, 1))
    determined = forward(received + draw(0, 2))
    result, result_late = _published(draw, determined, lapse(), last_day)
    contract = forward(result + draw(3, 25))
    publication, publication_late = _published(draw, contract, lapse(), last_day)
    known = {
        "notice_at": _at(notice, draw, clock(8, 30), clock(17, 29)),
        "evaluated_at": _at(evaluated, draw, clock(14), clock(14, 29)),
        "received_at": _at(received, draw, clock(14, 30), clock(15, 29)),
        "determined_at": _at(determined, draw, clock(15, 30), clock(16, 29)),
        "result_at": _at(result, draw, clock(16, 30), clock(17, 29)),
        "signed_at": _at(contract, draw, clock(9), clock(15, 59)),
        "published_at": _at(publication, draw, clock(16), clock(17, 29)),
    }
    closing_at = closing * DAY + clock(9) + 1800 * draw(0, 2)
    notice_ended, notice_short = _lasting(notice, 5, 3, lapse() & (notice >= _ORDER_87), last_day)
    provision_ended, provision_short = _lasting(notice, 5, 3, lapse(), last_day)
    result_ended, result_short = _lasting(result, 1, 0, lapse() & (result >= _ORDER_87), last_day)
    return (
        pl.DataFrame({**known, "letter_at": known["result_at"]})
        .select(_until(last_day))
        .with_columns(
            closing_at=pl.Series(closing_at),
            notice_ended_at=pl.Series(notice_ended * DAY + clock(17, 30)),
            provision_ended_at=pl.Series(provision_ended * DAY + clock(17, 30)),
            result_notice_ended_at=pl.Series(result_ended * DAY + clock(17, 30)),
            **{
                "P-08": pl.Series(result_late),
                "P-11": pl.Series(publication_late),
                "P-01": pl.Series(notice_short),
                "P-02": pl.Series(provision_short),
                "P-09": pl.Series(result_short),
            },
        )
    )


def land_stages(draw: Draw, started: Integers, lapses: Integers, last_day: int) -> pl.DataFrame:
    """Stages of land offered by listing; the notice knows only its day."""
    notice_late = (draw(0, 999) < lapses) & (started <= last_day)
    listing = forward(started + np.where(notice_late, draw(10, 16), draw(20, 25)))
    ended = forward(listing + draw(10, 15))
    known = {"notice_at": started * DAY, "result_at": _at(working_days_later(ended, draw(1, 6)), draw, clock(9), clock(16, 59))}
    return (
        pl.DataFrame(known)
        .select(_until(last_day))
        .with_columns(
            listing_at=pl.Series(listing * DAY + clock(9)),
            listing_ended_at=pl.Series(ended * DAY + clock(16)),
            **{"L-01": pl.Series(notice_late)},
        )
    )


#: The day from which 财政部令第87号 says how long a notice stays.
_ORDER_87 = day_number(date(2017, 10, 1))
_NEVER = np.iinfo(np.int64).max


def _at(days: Integers, draw: Draw, first: int, last: int) -> Integers:
    return days * DAY + draw(first, last)


def _until(last_day: int) -> pl.Expr:
    """What happened later is not known."""
    return pl.when(pl.all() < (last_day + 1) * DAY).then(pl.all())


def _published(draw: Draw, done: Integers, lapse: Flags, last_day: int) -> tuple[Integers, Flags]:
    late = working_days_later(done, draw(5, 9))
    near_holiday = in_holiday_season(done)
    is_late = lapse & ~near_holiday & (late <= last_day)
    return np.where(is_late, late, working_days_later(done, np.where(near_holiday, 0, draw(0, 1)))), is_late


def _lasting(begun: Integers, amount: int, too_few: int, lapse: Flags, last_day: int) -> tuple[Integers, Flags]:
    """The last day of a period of ``amount`` working days, longer where a holiday may lie in it; a lapse makes it ``too_few``."""
    ended = working_days_later(begun, np.full_like(begun, amount))
    year, year_after = yyyymmdd(begun) // 10_000, yyyymmdd(ended + 3) // 10_000
    near_holiday = in_holiday_season(begun) | in_holiday_season(ended) | (year != year_after) | (yyyymmdd(begun) % 10_000 <= 103)
    is_short = lapse & ~near_holiday & (begun <= last_day)
    weekdays = np.where(is_short, too_few, np.where(near_holiday, amount + 8, amount))
    return working_days_later(begun, weekdays), is_short


def _spread(kinds: Sequence[str], rows: Integers, count: int) -> NDArray[np.object_]:
    """Each kind at one of the rows, evenly spaced; fewer when there are not so many rows."""
    placed = np.full(count, None, dtype=object)
    used = min(len(kinds), len(rows))
    if used:
        placed[rows[np.arange(used) * len(rows) // used]] = np.array(kinds[:used], dtype=object)
    return placed
