"""Requests for information: each is answered within the fourteen weekdays after it came, so in time whatever holidays lie between."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.registers.moments import days_of_the_year, stamped, within_the_hour
from sources.simulated.working_week import Integers, working_days_later

_SUBJECTS = ("评标报告", "中标结果", "保证金收退", "代理机构名录", "场地安排")


@dataclass(frozen=True)
class Requests:
    """``count`` requests to an office; their forms and outcomes are given out in turn."""

    count: int
    office: str
    forms: tuple[str, ...] = ("网络", "信函", "当面", "传真")
    outcomes: tuple[str, ...] = ("同意公开", "属于已主动公开范围", "同意公开")

    def records(self, city: City, random: np.random.Generator) -> dict[str, pl.DataFrame]:
        """INFORMATION_REQUEST."""
        count, numbers = self.count, range(self.count)
        received = days_of_the_year(city, count)
        answered = working_days_later(received, random.integers(1, 15, count))

        def at(days: Integers, hour: int) -> pl.Series:
            return stamped(days, within_the_hour(random, count, hour))

        requests = pl.DataFrame(
            {
                "REQUEST_NUMBER": [f"依申请{city.year}-{number + 1:04}" for number in numbers],
                "REGION_CODE": [city.region_code] * count,
                "OFFICE": [self.office] * count,
                "TITLE": [f"{_SUBJECTS[number % len(_SUBJECTS)]}相关信息" for number in numbers],
                "FORM": [self.forms[number % len(self.forms)] for number in numbers],
                "APPLICANT_KIND": ["自然人" if number % 3 else "商业企业" for number in numbers],
                "RECEIVED_TIME": at(received, 9),
                "ACCEPTED_TIME": at(received, 14),
                "ANSWERED_TIME": at(answered, 15),
                "OUTCOME": [self.outcomes[number % len(self.outcomes)] for number in numbers],
                "FEE": ["0"] * count,
            }
        )
        return {"INFORMATION_REQUEST": requests}
