"""What the office itself registers in a published city's year: requests for information, penalties, commitments, as many as its report counts."""

import numpy as np
import polars as pl

from sources.definitions import datasets
from sources.simulated.cities import City
from sources.simulated.codes import credit_codes
from sources.simulated.sanctions import ledger_records
from sources.simulated.working_week import Integers, clock, day_number, forward, working_days_later, yyyymmdd

_FORMS = ("网络申请", "信函申请", "当面申请", "传真申请")
_OUTCOMES = ("同意公开", "属于已主动公开范围", "同意公开")
_SUBJECTS = ("评标报告", "中标结果", "保证金收退", "代理机构名录", "场地安排")
_CASES = ("串通投标", "弄虚作假骗取中标", "无正当理由放弃中标", "转让中标项目")


def office_records(city: City) -> dict[str, pl.DataFrame]:
    """The records by data set, all text under national names; nothing for a city whose report is not known."""
    if city.office is None:
        return {}
    random = np.random.default_rng(city.seed + 1)
    requests = _requests(city, random, city.office.requests)
    violations = _violations(city, random, city.office.city_cases, city.office.county_cases)
    made = {"INFORMATION_REQUEST": requests, "VIOLATING_LAWS_RULES_INFO": violations, **ledger_records(city, violations)}
    return {name: _as_delivered(name, records) for name, records in made.items()}


def _requests(city: City, random: np.random.Generator, count: int) -> pl.DataFrame:
    """Every one is answered within the fourteen weekdays after it came, so in time whatever holidays lie between."""
    numbers = np.arange(count)
    received = _days(city, numbers, count)
    answered = working_days_later(received, random.integers(1, 15, count))
    return pl.DataFrame(
        {
            "REQUEST_NUMBER": [f"依申请{city.year}-{number + 1:04}" for number in numbers],
            "REGION_CODE": [city.region_code] * count,
            "OFFICE": ["市政务办"] * count,
            "TITLE": [f"{_SUBJECTS[number % len(_SUBJECTS)]}相关信息" for number in numbers],
            "FORM": [_FORMS[number % len(_FORMS)] for number in numbers],
            "APPLICANT_KIND": ["公民" if number % 3 else "法人或其他组织" for number in numbers],
            "RECEIVED_TIME": _t14(received, random, 9),
            "ACCEPTED_TIME": _t14(received, random, 14),
            "ANSWERED_TIME": _t14(answered, random, 15),
            "OUTCOME": [_OUTCOMES[number % len(_OUTCOMES)] for number in numbers],
            "FEE": ["0"] * count,
        }
    )


def _violations(city: City, random: np.random.Generator, city_cases: int, county_cases: int) -> pl.DataFrame:
    """Reported on the day of the decision or the weekday after it; the counties take turns."""
    counties = [region.code for region in city.regions if region.code != city.region_code]
    codes = [city.region_code] * city_cases + [counties[case % len(counties)] for case in range(county_cases)]
    count = len(codes)
    numbers = np.arange(count)
    decided = _days(city, numbers, count)
    reported = working_days_later(decided, random.integers(0, 2, count))
    return pl.DataFrame(
        {
            "VIOLATING_CODE": [f"WF{city.year}{number + 1:04}" for number in numbers],
            "VIOLATING_NAME": [_CASES[number % len(_CASES)] for number in numbers],
            "VIOLATING_TIME": pl.Series(yyyymmdd(decided - 30)).cast(pl.String),
            "BODY_NAME": [f"模拟建设工程有限公司第{number + 1}号" for number in numbers],
            "BODY_CODE": credit_codes("91", pl.Series(codes), numbers + 700_000),
            "AREA": codes,
            "DOCUMENT_CODE": [f"咸公管罚〔{city.year}〕{number + 1}号" for number in numbers],
            "DECISION_TIME": _t14(decided, random, 9),
            "REPORT_TIME": _t14(reported, random, 15),
            "OPERATE_DATE": _t14(reported, random, 16),
            **{name: ["1"] * count for name in ("VIOLATING_TYPE", "BODY_TYPE", "SCOPE", "CONFINED_ACTION")},
            **{name: ["01"] * count for name in ("BODY_ROLE", "REWARD_PUNISHMENT_BODY")},
            "VIOLATING_INSTRUCTIONS": ["模拟案件"] * count,
            "GOVERNMENT": ["公共资源交易监督管理局（模拟）"] * count,
            "PUNISHMENT_BASIS": ["招标投标法"] * count,
            "PUNISHMENT_RESULT": ["罚款"] * count,
        }
    )


def _days(city: City, numbers: Integers, count: int) -> Integers:
    """Weekdays spread over the year up to the end of November, so that what follows is still of the year."""
    first = day_number(city.covers_from)
    return forward(first + 9 + numbers * 320 // max(count, 1))


def _t14(days: Integers, random: np.random.Generator, hour: int) -> pl.Series:
    """An instant in the hour given, as yyyyMMddHHmmss."""
    seconds = clock(hour) + random.integers(0, 3600, len(days))
    return pl.Series(yyyymmdd(days) * 1_000_000 + seconds // 3600 * 10_000 + seconds % 3600 // 60 * 100 + seconds % 60).cast(pl.String)


def _as_delivered(dataset: str, made: pl.DataFrame) -> pl.DataFrame:
    """The columns given, in the order of the definition; KeyError for one that it does not have."""
    national = [column.national for column in datasets()[dataset].columns]
    if odd := set(made.columns) - set(national):
        raise KeyError(f"{dataset}: {', '.join(sorted(odd))} unknown")
    return made.select(name for name in national if name in made.columns)
