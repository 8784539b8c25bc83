"""Consultations about government information."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.registers.moments import days_of_the_year, stamped, within_the_hour

_TOPICS = ("办事指南", "进场交易流程", "收费依据", "审批时限", "信息查阅")


@dataclass(frozen=True)
class Consultations:
    """So many a channel; the channels are mixed over the year."""

    by_channel: Mapping[str, int]

    def records(self, city: City, random: np.random.Generator) -> dict[str, pl.DataFrame]:
        """CONSULTATION."""
        channels = random.permutation([channel for channel, count in self.by_channel.items() for _ in range(count)]).tolist()
        count = len(channels)
        consultations = pl.DataFrame(
            {
                "CONSULTATION_CODE": [f"咨询{city.year}-{number + 1:04}" for number in range(count)],
                "REGION_CODE": [city.region_code] * count,
                "CHANNEL": channels,
                "CONSULTED_TIME": stamped(days_of_the_year(city, count), within_the_hour(random, count, 10)),
                "TOPIC": [_TOPICS[number % len(_TOPICS)] for number in range(count)],
            }
        )
        return {"CONSULTATION": consultations}
