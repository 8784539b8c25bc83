"""Sections whose tender led to nothing: announced like the others, and then failed, ended or revoked. They come after all other sections and share no draw with them."""

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.parties import Parties
from sources.simulated.sections import Chunk, invent_sections
from sources.simulated.working_week import DAY, clock, day_number, working_days_later

#: What becomes of ten of them, in the numbers of the standard: 1 failed, 2 opening ended, 3 notice revoked, 9 other.
_TYPES = (1, 1, 1, 2, 1, 1, 3, 1, 1, 9)
_REVOKED = 3
#: Of the stages of a section, those that come before its tender can fail.
_REACHED = ("created_at", "notice_at", "sale_ended_at", "deadline_at", "publicity_ended_at")
#: So many more are drawn than are wanted: most are construction, and their reports approved by the last day.
_DRAWN = 3


def invent_failed_tenders(city: City, parties: Parties) -> Chunk:
    """A chunk of ``city.failed_tenders`` sections of construction, at most, with the columns ``exception_type`` and ``exception_at``; nothing is planted in them."""
    drawn = invent_sections(city, parties, city.sections or 0, city.failed_tenders * _DRAWN, 517)
    rows = drawn.construction
    types = np.resize(np.array(_TYPES), rows.height)
    noticed, due = (rows[name].fill_null(0).to_numpy() // DAY for name in ("notice_at", "deadline_at"))
    approved = working_days_later(np.where(types == _REVOKED, noticed, due), np.where(types == _REVOKED, 5, 2))
    later = [name for name in rows.columns if name.endswith("_at") and name not in _REACHED]
    planted = [name for name, kind in rows.schema.items() if kind == pl.Boolean]
    failed = rows.with_columns(
        *(pl.lit(None, dtype=rows.schema[name]).alias(name) for name in later),
        *(pl.lit(False).alias(name) for name in planted),
        fault=pl.lit(None, dtype=pl.String),
        exception_type=pl.Series(types.astype(np.int64)),
        exception_at=pl.Series(approved * DAY + clock(15)),
    ).filter(pl.col("notice_at").is_not_null() & (pl.col("exception_at") < (day_number(city.covers_to) + 1) * DAY))
    return Chunk(failed.head(city.failed_tenders), drawn.procurement.clear(), drawn.land.clear())
