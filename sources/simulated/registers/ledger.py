"""The bad-behaviour ledger of a published city's year: point notices, the blacklist, commitments. It follows the year's penalties.

What was invented, because no report tells it: which clause costs how many points, who did it again, who appealed.
"""

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.parties import invent_parties
from sources.simulated.registers.moments import stamped
from sources.simulated.registers.nothing import without_records
from sources.simulated.sections import invent_sections
from sources.simulated.working_week import DAY, Integers, backward, clock, day_number, forward, working_days_later, yyyymmdd

#: Clause and points by act, as the sender states them; the point table of the models is an illustration of the same clauses.
_CLAUSES = {
    "串通投标": ("示例-01", 8),
    "弄虚作假骗取中标": ("示例-02", 8),
    "转让中标项目": ("示例-03", 6),
    "无正当理由放弃中标": ("示例-04", 4),
    "未按期订立合同": ("示例-05", 2),
    "未按要求公开信息": ("示例-06", 1),
}
#: Notices beyond one for each penalty: whose penalty came before (its place in the year), the act, and what became of the appeal.
_FURTHER = (
    (1, "无正当理由放弃中标", "未申诉"),
    (5, "无正当理由放弃中标", "维持"),
    (9, "无正当理由放弃中标", "申诉中"),
    (7, "未按期订立合同", "未申诉"),
    (11, "未按要求公开信息", "未申诉"),
    (13, "未按期订立合同", "撤销"),
    (15, "未按要求公开信息", "未申诉"),
)
#: The first of them brought their bodies onto the blacklist.
_BLACKLISTED = 2
_DAYS_BETWEEN, _DAYS_TO_THE_LISTING = 60, 5
_AUTHORITY = "公共资源交易监督管理局（模拟）"


def ledger(city: City, violations: pl.DataFrame, commitments: int) -> dict[str, pl.DataFrame]:
    """The records by data set under national names, after the ``violations`` of the same year; no entry was revoked in it."""
    notices = _notices(city, violations)
    return {
        "POINT_NOTICE": notices.drop("day"),
        "BLACK_LIST": _entries(city, notices[violations.height :].head(_BLACKLISTED)),
        "WITHDRAW_BLACK_LIST": without_records("WITHDRAW_BLACK_LIST"),
        "CREDIT_COMMITMENT": _commitments(city, commitments),
    }


def _notices(city: City, violations: pl.DataFrame) -> pl.DataFrame:
    """One for every penalty, then the further ones; ``day`` is the day of issue. Every third leaves its last day to the point table."""
    cases = np.concatenate([np.arange(violations.height), np.array([case for case, _, _ in _FURTHER], dtype=np.int64)])
    again = np.arange(len(cases)) >= violations.height
    acts = [*violations["VIOLATING_NAME"], *(act for _, act, _ in _FURTHER)]
    decided = pl.Series(violations["DECISION_TIME"].str.slice(0, 8).str.to_date("%Y%m%d")).cast(pl.Int32).cast(pl.Int64).to_numpy()
    issued = working_days_later(forward(decided[cases] + np.where(again, _DAYS_BETWEEN, 0)), 1 + cases % 7)
    told = np.arange(len(cases)) % 3 != 2
    of_a_penalty = violations[cases.tolist()]
    return pl.DataFrame(
        {
            "NOTICE_NUMBER": [f"咸公管量〔{city.year}〕{number + 1}号" for number in range(len(cases))],
            "REGION_CODE": of_a_penalty["AREA"],
            "VIOLATION_CODE": [None if repeated else code for code, repeated in zip(of_a_penalty["VIOLATING_CODE"], again, strict=True)],
            "BODY_NAME": of_a_penalty["BODY_NAME"],
            "BODY_CODE": of_a_penalty["BODY_CODE"],
            "CLAUSE": [_CLAUSES[act][0] for act in acts],
            "POINTS": [str(_CLAUSES[act][1]) for act in acts],
            "ISSUED_TIME": _at(issued, 10),
            "EXPIRES_DATE": pl.select(pl.when(pl.Series(told)).then(pl.Series(yyyymmdd(issued) + 1_0000).cast(pl.String))).to_series(),
            "APPEAL_STATE": ["未申诉"] * violations.height + [appeal for _, _, appeal in _FURTHER],
            "day": issued,
        }
    )


def _entries(city: City, notices: pl.DataFrame) -> pl.DataFrame:
    """The bodies of the notices come onto the blacklist some days later."""
    listed = working_days_later(notices["day"].to_numpy(), np.full(notices.height, _DAYS_TO_THE_LISTING))
    count = notices.height
    return pl.DataFrame(
        {
            "BLACKLIST_CODE": [f"HB{city.year}{number + 1:04}" for number in range(count)],
            "BODY_NAME": notices["BODY_NAME"],
            "BODY_CODE": notices["BODY_CODE"],
            "BODY_TYPE": ["1"] * count,
            "BODY_ROLE": ["01"] * count,
            "RECORD_REASON": ["不良行为量化记分累计达到列入标准（模拟）"] * count,
            "RECORD_DATE": _at(listed, 11),
            "GOVERNMENT": [_AUTHORITY] * count,
            "DOCUMENT_CODE": [f"咸公管黑〔{city.year}〕{number + 1}号" for number in range(count)],
            "REVOCATION_STATUS": ["0"] * count,
            "CONFINED_ACTION": ["1"] * count,
            "SCOPE": ["1"] * count,
        }
    )


def _commitments(city: City, count: int) -> pl.DataFrame:
    """Signed by later suppliers in the days before bids were due, spread over the sections whose bids were due within the year."""
    parties = invent_parties(city.regions)
    tendered = invent_sections(city, parties, 0, city.sections or 0, 0).construction
    year_ends = day_number(city.covers_from.replace(year=city.year + 1))
    tendered = tendered.filter(pl.col("opened_at").is_not_null() & (pl.col("deadline_at") < year_ends * DAY)).sort("deadline_at", "serial")
    chosen = tendered[(np.arange(count) * tendered.height // max(count, 1)).tolist()]
    suppliers = parties.suppliers[chosen["supplier"].to_list()]
    signed = backward(chosen["deadline_at"].to_numpy() // DAY - 1 - np.arange(count) % 4)
    return pl.DataFrame(
        {
            "BODY_NAME": suppliers["name"],
            "BODY_CODE": suppliers["code"],
            "REGION_CODE": chosen["region_code"],
            "SECTION_CODE": chosen["section_code"],
            "SIGNED_TIME": _at(signed, 9),
        }
    )


def _at(days: Integers, hour: int) -> pl.Series:
    """An instant at the hour given and a minute that moves from row to row."""
    return stamped(days, clock(hour) + np.arange(len(days)) * 97 % 3600)
