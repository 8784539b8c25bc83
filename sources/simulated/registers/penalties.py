"""Penalties for violations of the rules of tendering."""

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.codes import credit_codes
from sources.simulated.registers.moments import dated, days_of_the_year, stamped, within_the_hour
from sources.simulated.working_week import working_days_later

_CASES = ("串通投标", "弄虚作假骗取中标", "无正当理由放弃中标", "转让中标项目")


def penalties(city: City, random: np.random.Generator, city_cases: int, county_cases: int) -> pl.DataFrame:
    """Reported on the day of the decision or the weekday after it; the counties take turns."""
    counties = [region.code for region in city.regions if region.code != city.region_code]
    codes = [city.region_code] * city_cases + [counties[case % len(counties)] for case in range(county_cases)]
    count = len(codes)
    numbers = np.arange(count)
    decided = days_of_the_year(city, count)
    reported = working_days_later(decided, random.integers(0, 2, count))
    return pl.DataFrame(
        {
            "VIOLATING_CODE": [f"WF{city.year}{number + 1:04}" for number in numbers],
            "VIOLATING_NAME": [_CASES[number % len(_CASES)] for number in numbers],
            "VIOLATING_TIME": dated(decided - 30),
            "BODY_NAME": [f"模拟建设工程有限公司第{number + 1}号" for number in numbers],
            "BODY_CODE": credit_codes("91", pl.Series(codes), numbers + 700_000),
            "AREA": codes,
            "DOCUMENT_CODE": [f"咸公管罚〔{city.year}〕{number + 1}号" for number in numbers],
            "DECISION_TIME": stamped(decided, within_the_hour(random, count, 9)),
            "REPORT_TIME": stamped(reported, within_the_hour(random, count, 15)),
            "OPERATE_DATE": stamped(reported, within_the_hour(random, count, 16)),
            **{name: ["1"] * count for name in ("VIOLATING_TYPE", "BODY_TYPE", "SCOPE", "CONFINED_ACTION")},
            **{name: ["01"] * count for name in ("BODY_ROLE", "REWARD_PUNISHMENT_BODY")},
            "VIOLATING_INSTRUCTIONS": ["模拟案件"] * count,
            "GOVERNMENT": ["公共资源交易监督管理局（模拟）"] * count,
            "PUNISHMENT_BASIS": ["招标投标法"] * count,
            "PUNISHMENT_RESULT": ["罚款"] * count,
        }
    )
