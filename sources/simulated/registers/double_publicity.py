"""Permits and penalties under double publicity: each is to be published within seven working days of the decision."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.codes import credit_codes
from sources.simulated.registers.moments import days_of_the_year, stamped, within_the_hour
from sources.simulated.working_week import working_days_later

#: Weekdays from the decision to its publication: in time, or surely late, whatever holidays lie between.
_IN_TIME, _LATE = 4, 20
_TITLES = {
    "许可": ("建设工程规划许可", "公共场所卫生许可", "食品经营许可", "占道施工许可"),
    "处罚": ("违法建设处罚", "占道经营处罚", "渣土运输处罚", "逾期申报处罚"),
}


@dataclass(frozen=True)
class Decisions:
    """What a department decided of one kind (许可, 处罚): ``published`` of them, ``late`` of those after the legal time, and ``unpublished`` further ones."""

    department: str
    kind: str
    published: int
    late: int = 0
    unpublished: int = 0


@dataclass(frozen=True)
class DoublePublicity:
    """The decisions of all departments, about bodies that are registered in ``home``, a region with a code of GB/T 2260."""

    decisions: tuple[Decisions, ...]
    home: str

    def records(self, city: City, random: np.random.Generator) -> dict[str, pl.DataFrame]:
        """PERMIT_PENALTY."""
        parts = [_decided(city, random, decisions) for decisions in self.decisions]
        records = pl.concat(parts)
        serials = np.arange(records.height) + 600_000
        bodies = [f"模拟商贸有限公司第{number + 1}号" for number in range(records.height)]
        homes = pl.Series([self.home] * records.height)
        return {"PERMIT_PENALTY": records.with_columns(BODY_NAME=pl.Series(bodies), BODY_CODE=credit_codes("91", homes, serials))}


def _decided(city: City, random: np.random.Generator, decisions: Decisions) -> pl.DataFrame:
    count = decisions.published + decisions.unpublished
    decided = days_of_the_year(city, count)
    # Somewhere in the year, none beside another: the unpublished, then the late.
    marks = np.full(count, None, dtype=object)
    marked = [*["never_publicised"] * decisions.unpublished, *["publicised_late"] * decisions.late]
    marks[(2 * np.arange(len(marked)) + 1) * count // (2 * max(len(marked), 1))] = marked
    faults = pl.Series(marks.tolist(), dtype=pl.String)
    waited = np.where((faults == "publicised_late").fill_null(False).to_numpy(), _LATE, random.integers(0, _IN_TIME + 1, count))
    published = stamped(working_days_later(decided, waited), within_the_hour(random, count, 16))
    titles = _TITLES[decisions.kind]
    return pl.DataFrame(
        {
            "DOCUMENT_NUMBER": [f"{decisions.department}{decisions.kind}〔{city.year}〕{number + 1}号" for number in range(count)],
            "REGION_CODE": [city.region_code] * count,
            "KIND": [decisions.kind] * count,
            "TITLE": [titles[number % len(titles)] for number in range(count)],
            "AUTHORITY": [decisions.department] * count,
            "DECIDED_TIME": stamped(decided, within_the_hour(random, count, 9)),
            "PUBLISHED_TIME": pl.select(pl.when(pl.Series(faults).eq_missing("never_publicised")).then(None).otherwise(published)).to_series(),
            "fault": faults,
        }
    )
