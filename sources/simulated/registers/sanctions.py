"""Penalties and the bad-behaviour ledger that follows them."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.registers.ledger import ledger
from sources.simulated.registers.penalties import penalties


@dataclass(frozen=True)
class Sanctions:
    """Penalties of the city and of its counties, with the point notices and blacklist entries that follow, and ``commitments`` of later suppliers."""

    city_cases: int
    county_cases: int
    commitments: int

    def records(self, city: City, random: np.random.Generator) -> dict[str, pl.DataFrame]:
        """VIOLATING_LAWS_RULES_INFO, POINT_NOTICE, BLACK_LIST, WITHDRAW_BLACK_LIST, CREDIT_COMMITMENT."""
        violations = penalties(city, random, self.city_cases, self.county_cases)
        return {"VIOLATING_LAWS_RULES_INFO": violations, **ledger(city, violations, self.commitments)}
