"""When things happen in an office, over whole columns: weekdays of the year, and instants as they are delivered."""

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.working_week import Integers, clock, day_number, forward, yyyymmdd


def days_of_the_year(city: City, count: int) -> Integers:
    """So many weekdays in order, spread over the year up to the end of November, so that what follows is still of the year."""
    first = day_number(city.covers_from)
    return forward(first + 9 + np.arange(count) * 320 // max(count, 1))


def within_the_hour(random: np.random.Generator, count: int, hour: int) -> Integers:
    """Seconds since midnight, each somewhere in the hour given."""
    return clock(hour) + random.integers(0, 3600, count)


def stamped(days: Integers, seconds: Integers) -> pl.Series:
    """Days and seconds since midnight as yyyyMMddHHmmss."""
    return pl.Series(yyyymmdd(days) * 1_000_000 + seconds // 3600 * 10_000 + seconds % 3600 // 60 * 100 + seconds % 60).cast(pl.String)


def dated(days: Integers) -> pl.Series:
    """Days as yyyyMMdd."""
    return pl.Series(yyyymmdd(days)).cast(pl.String)
