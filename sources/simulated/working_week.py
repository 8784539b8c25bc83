"""Days and hours of offices, as integers over whole columns: days since 1970-01-01, instants in seconds of local time.

Only the plain week is known here. Around statutory holidays the simulated offices act at once, so that no calendar is needed.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

#: First and last month and day of the seasons in which the State Council has placed holidays.
_HOLIDAY_SEASONS = ((120, 228), (330, 408), (426, 507), (525, 625), (910, 1010))
DAY = 86_400


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def clock(hour: int, minute: int = 0) -> int:
    """Seconds since midnight."""
    return hour * 3600 + minute * 60


def weekday(days: Integers) -> Integers:
    """Monday is 0."""
    return (days + 3) % 7


def forward(days: Integers) -> Integers:
    """The day itself, or the Monday after a weekend."""
    return days + np.choose(weekday(days), [0, 0, 0, 0, 0, 2, 1])


def backward(days: Integers) -> Integers:
    """The day itself, or the Friday before a weekend."""
    return days - np.choose(weekday(days), [0, 0, 0, 0, 0, 1, 2])


def working_days_later(days: Integers, amounts: Integers) -> Integers:
    """So many weekdays after a weekday."""
    return days + amounts + 2 * ((weekday(days) + amounts) // 5)


def in_holiday_season(days: Integers) -> NDArray[np.bool_]:
    """Whether a statutory holiday may be near, in any year."""
    month_and_day = yyyymmdd(days) % 10_000
    found = np.zeros(len(days), dtype=bool)
    for first, last in _HOLIDAY_SEASONS:
        found |= (month_and_day >= first) & (month_and_day <= last)
    return found


def yyyymmdd(days: Integers) -> Integers:
    """20170131 for 2017-01-31."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    number = months.astype(np.int64)
    return (number // 12 + 1970) * 10_000 + (number % 12 + 1) * 100 + (dates - months).astype(np.int64) + 1
