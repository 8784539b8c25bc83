"""The register of what an office discloses of its own accord: each item is reviewed for secrets before it is published."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.registers.moments import days_of_the_year, stamped, within_the_hour
from sources.simulated.working_week import working_days_later

#: Weekdays from forming to publishing: in time, or surely later than twenty working days, whatever holidays lie between.
_IN_TIME, _LATE = 14, 40
_SEPARATOR = "；"


@dataclass(frozen=True)
class Items:
    """So many items of one category that go out over the same channels, ``late`` of them after the legal time; the late ones are formed before July."""

    count: int
    category: str
    channels: tuple[str, ...] = ("门户网站",)
    late: int = 0


@dataclass(frozen=True)
class DisclosedItems:
    """All items of an office."""

    office: str
    items: tuple[Items, ...]

    def records(self, city: City, random: np.random.Generator) -> dict[str, pl.DataFrame]:
        """DISCLOSURE_REGISTER."""
        groups = [group for group in self.items for _ in range(group.count)]
        count = len(groups)
        formed = np.concatenate([days_of_the_year(city, group.count) for group in self.items])
        is_late = np.concatenate([_spread_over_the_first_half(group.count, group.late) for group in self.items])
        waited = np.where(is_late, _LATE, random.integers(1, _IN_TIME + 1, count))
        reviewed = working_days_later(formed, random.integers(0, waited))
        published = working_days_later(formed, waited)
        register = pl.DataFrame(
            {
                "ITEM_CODE": [f"公开{city.year}-{number + 1:05}" for number in range(count)],
                "REGION_CODE": [city.region_code] * count,
                "OFFICE": [self.office] * count,
                "TITLE": [f"{group.category}第{number + 1}号（模拟）" for number, group in enumerate(groups)],
                "CATEGORY": [group.category for group in groups],
                "CHANNEL": [_SEPARATOR.join(group.channels) for group in groups],
                "OPENNESS": ["主动公开"] * count,
                "FORMED_TIME": stamped(formed, within_the_hour(random, count, 9)),
                "REVIEWED_TIME": stamped(reviewed, within_the_hour(random, count, 11)),
                "REVIEWER": ["审查人甲"] * count,
                "PUBLISHED_TIME": stamped(published, within_the_hour(random, count, 15)),
                "fault": pl.select(pl.when(pl.Series(is_late)).then(pl.lit("published_late"))).to_series(),
            }
        )
        return {"DISCLOSURE_REGISTER": register}


def _spread_over_the_first_half(count: int, marked: int) -> np.ndarray:
    """Flags of ``count`` rows, ``marked`` of them true."""
    flags = np.zeros(count, dtype=np.bool_)
    flags[(2 * np.arange(marked) + 1) * count // (4 * max(marked, 1))] = True
    return flags
