"""One chunk of a city: what each section or land announcement is, who takes part, what it costs and when things happen."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.codes import Integers, tender_project_codes, unified_deal_codes
from sources.simulated.parties import Parties
from sources.simulated.stages import Draw, construction_stages, land_stages, procurement_stages
from sources.simulated.working_week import day_number, forward, yyyymmdd

#: Every kind of fault that can be planted, in the order in which they are handed out.
FAULTS = (
    "ruined_code",
    "impossible_time",
    "missing_time",
    "duplicate",
    "correction",
    "withdrawal",
    "award_notice_absent",
    "award_before_publicity",
    "publicity_before_report",
)
_SECTIONS_PER_FAULT = 200

_PLACES = [
    "城东片",
    "城西片",
    "城南片",
    "城北片",
    "河东片",
    "河西片",
    "新城区",
    "老城区",
    "开发区",
    "工业园",
    "高铁站",
    "西山片",
    "南湖片",
    "双溪镇",
    "桃源镇",
    "石桥镇",
]
_WORKS = [
    "农村公路改扩建",
    "市政道路改造",
    "雨污管网改造",
    "中小学校舍新建",
    "中型水库除险",
    "老旧小区改造",
    "供水管网延伸",
    "人民医院扩建",
    "高标准农田",
    "公共停车场",
    "河道综合治理",
    "标准厂房建设",
]
_PURCHASES = [
    "医疗设备采购",
    "办公设备采购",
    "教学设备采购",
    "信息系统建设",
    "环卫保洁服务",
    "物业管理服务",
    "公务车辆租赁",
    "安防监控采购",
    "图书资料采购",
    "食堂食材配送",
    "规划编制服务",
    "路灯养护服务",
]
_USAGES = ["工业用地", "住宅用地", "商服用地", "仓储用地"]


@dataclass(frozen=True)
class Chunk:
    """Frames of one row a section: construction, procurement; and one row a land announcement."""

    construction: pl.DataFrame
    procurement: pl.DataFrame
    land: pl.DataFrame


def invent_sections(city: City, parties: Parties, first: int, count: int, number: int) -> Chunk:
    """Chunk ``number`` of the city: ``count`` sections after the first ``first``. The same arguments give the same frames, on any machine."""
    rng = np.random.default_rng([city.seed, number])

    def draw_for(size: int) -> Draw:
        return lambda low, high: rng.integers(low, high, size=size, endpoint=True, dtype=np.int64)

    draw = draw_for(count)
    serials = np.arange(first + 1, first + count + 1, dtype=np.int64)
    region = np.searchsorted(np.cumsum([region.weight for region in city.regions]), draw(0, 99), side="right")
    lapses = np.array([region.lapses for region in city.regions])[region]
    year_length = day_number(city.covers_to) - 24 - day_number(city.covers_from)
    started = forward(day_number(city.covers_from) + draw(0, year_length))
    kind = draw(0, 99)
    last_day = day_number(city.covers_to)
    construction, procurement, land = np.flatnonzero(kind < 60), np.flatnonzero((kind >= 60) & (kind < 95)), np.flatnonzero(kind >= 95)

    def described(rows: Integers, transaction_class: str, things: Sequence[str], suffix: str) -> pl.DataFrame:
        return _described(city, parties, draw_for(len(rows)), serials[rows], yyyymmdd(started[rows]), region[rows], transaction_class, things, suffix)

    return Chunk(
        described(construction, "A01", _WORKS, "工程").hstack(
            construction_stages(draw_for(len(construction)), started[construction], lapses[construction], last_day, _faults(city, count))
        ),
        described(procurement, "D01", _PURCHASES, "项目").hstack(
            procurement_stages(draw_for(len(procurement)), started[procurement], lapses[procurement], last_day)
        ),
        described(land, "B01", _USAGES, "使用权出让").hstack(land_stages(draw_for(len(land)), started[land], lapses[land], last_day)),
    )


def _faults(city: City, count: int) -> list[str]:
    if city.planted is None:
        return list(islice(cycle(FAULTS), count // _SECTIONS_PER_FAULT))
    return list(chain.from_iterable([kind] * amount for kind, amount in city.planted.items()))


def _described(
    city: City,
    parties: Parties,
    draw: Draw,
    serials: Integers,
    dates: Integers,
    region: Integers,
    transaction_class: str,
    things: Sequence[str],
    suffix: str,
) -> pl.DataFrame:
    region_codes = pl.Series([region.code for region in city.regions]).gather(region)
    region_names = pl.Series([region.name for region in city.regions]).gather(region)
    platform_codes = parties.platforms["code"].gather(region)
    project_codes = tender_project_codes(region_codes, city.year, serials)
    things_column = pl.Series(list(things)).gather(draw(0, len(things) - 1))
    number = pl.Series(serials).cast(pl.String).str.zfill(6)
    buyers = parties.buyers[region * parties.BUYERS_PER_REGION + draw(0, parties.BUYERS_PER_REGION - 1)]
    agencies = parties.agencies[draw(0, parties.agencies.height - 1)]
    # Between 200,000 and 50,200,000 yuan, small ones more often.
    estimates = 200_000 + draw(0, 5000) * draw(0, 100) * 100
    return pl.DataFrame(
        {
            "serial": serials,
            "region_code": region_codes,
            "region_name": region_names,
            "project_code": project_codes,
            "section_code": project_codes + "001",
            "deal_code": unified_deal_codes(transaction_class, platform_codes, dates, serials),
            "thing": things_column,
            "name": region_names + pl.Series(_PLACES).gather(draw(0, len(_PLACES) - 1)) + things_column + suffix + f"（{city.year}-" + number + "）",
            "platform_name": parties.platforms["name"].gather(region),
            "platform_code": platform_codes,
            "buyer_name": buyers["name"],
            "buyer_code": buyers["code"],
            "agency_name": agencies["name"],
            "agency_code": agencies["code"],
            "supplier": draw(0, parties.suppliers.height - 1),
            "runner_up": draw(1, parties.suppliers.height // 2 - 1),
            "estimate": estimates,
            "award": estimates * draw(850, 990) // 1000,
            "premium": estimates * draw(1000, 1600) // 1000,
            "price_unit": pl.Series(["0", "1"]).gather(draw(0, 1)),
            "score": draw(9000, 9799),
            "days": draw(60, 540),
            "year_day": yyyymmdd(forward(day_number(city.covers_from) + draw(180, 540))),
        }
    )
