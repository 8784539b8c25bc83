"""The register of intermediaries: who is resident in the hall, who is online, and what they disclose.

What was invented, because the report gives numbers only: names, and who of those that are not standardised yet leaves which items open.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.codes import credit_codes
from sources.simulated.registers.moments import days_of_the_year, stamped, within_the_hour
from sources.simulated.working_week import Integers, yyyymmdd

#: Kinds of intermediaries. The first of them have a desk in the hall.
_CATEGORIES = (
    *("工程咨询", "环境影响评价", "节能评估", "施工图审查", "测绘", "地质灾害评估", "水土保持", "防雷检测", "消防检测"),
    *("造价咨询", "招标代理", "审计评估", "房产测绘", "安全评价", "职业卫生评价", "交通影响评价", "勘察设计", "工程监理"),
)
_NAMES = ("同创", "正衡", "中诚", "天平", "华信", "明德", "恒远", "致远", "公正", "信达", "方圆", "立信")
#: Items that somebody may leave open; without the others there is no record.
_MAY_LACK = (
    *("QUALIFICATION_GRADE", "QUALIFICATION_NUMBER", "QUALIFICATION_EXPIRES_DATE", "SERVICE_BASIS", "SERVICE_PROCEDURE", "SERVICE_TIME_LIMIT"),
    *("FEE_STANDARD", "FEE_BASIS", "SERVICE_COMMITMENT"),
)
_QUALIFIED_DAYS = 1000


@dataclass(frozen=True)
class Intermediaries:
    """``online`` bodies, of which the first ``standardised`` disclose everything; of these the first ``resident`` have a desk, spread over so many categories."""

    online: int
    standardised: int
    resident: int
    resident_categories: int

    def records(self, city: City, random: np.random.Generator) -> dict[str, pl.DataFrame]:
        """INTERMEDIARY."""
        count = self.online
        numbers = np.arange(count)
        # Residents stay within the first categories; the others fill all of them.
        category = np.where(numbers < self.resident, numbers % self.resident_categories, numbers % len(_CATEGORIES))
        regions = pl.Series([region.code for region in city.regions]).gather(random.integers(0, len(city.regions), count))
        kinds = pl.Series(_CATEGORIES).gather(category)
        updated = days_of_the_year(city, count)
        serials = pl.Series(numbers + 1).cast(pl.String).str.zfill(4)
        records = pl.DataFrame(
            {
                "INTERMEDIARY_NAME": "模拟" + pl.Series(_NAMES).gather(numbers % len(_NAMES)) + kinds + "有限公司第" + serials + "号",
                "INTERMEDIARY_CODE": credit_codes("91", regions, numbers + 50_000_000),
                "CATEGORY": kinds,
                "LEGAL_REPRESENTATIVE": ["代表人甲"] * count,
                "QUALIFICATION_GRADE": pl.Series(["甲级", "乙级", "丙级"]).gather(random.integers(0, 3, count)),
                "QUALIFICATION_NUMBER": "ZZ" + serials,
                "QUALIFICATION_EXPIRES_DATE": pl.Series(yyyymmdd(updated + _QUALIFIED_DAYS)).cast(pl.String),
                "BUSINESS_ADDRESS": ["模拟市示范路1号"] * count,
                "SERVICE_PHONE_NUMBER": [city.phone] * count,
                "SERVICE_ITEMS": kinds,
                "SERVICE_BASIS": "关于" + kinds + "的管理规定",
                "SERVICE_PROCEDURE": ["委托、受理、编制、评审、交付"] * count,
                "SERVICE_TIME_LIMIT": pl.Series(random.integers(5, 31, count)).cast(pl.String) + "个工作日",
                "FEE_STANDARD": ["按合同约定"] * count,
                "FEE_BASIS": ["市场调节价"] * count,
                "SERVICE_COMMITMENT": ["按期、保质、不增收费用"] * count,
                "REGION_CODE": regions,
                "IS_RESIDENT": _flags(numbers < self.resident),
                "IS_ONLINE": ["1"] * count,
                "IS_STANDARDISED": _flags(numbers < self.standardised),
                "GOOD_RECORDS": _counted(random, count, 12),
                "BAD_RECORDS": _counted(random, count, 30),
                "UPDATED_TIME": stamped(updated, within_the_hour(random, count, 10)),
            }
        )
        return {"INTERMEDIARY": records.with_columns(*(self._left_open(column, place, count) for place, column in enumerate(_MAY_LACK)))}

    def _left_open(self, column: str, place: int, count: int) -> pl.Expr:
        """Of those that are not standardised, each leaves up to four neighbouring items open."""
        numbers = np.arange(count)
        first, amount = numbers % len(_MAY_LACK), numbers % 5
        open_ = (numbers >= self.standardised) & ((place - first) % len(_MAY_LACK) < amount)
        return pl.when(pl.lit(pl.Series(~open_))).then(pl.col(column)).alias(column)


def _flags(values: np.ndarray) -> pl.Series:
    return pl.Series(values.astype(np.int64)).cast(pl.String)


def _counted(random: np.random.Generator, count: int, one_in: int) -> pl.Series:
    """Mostly none; about one in so many has up to three."""
    amounts: Integers = np.where(random.integers(0, one_in, count) == 0, random.integers(1, 4, count), 0)
    return pl.Series(amounts).cast(pl.String)
