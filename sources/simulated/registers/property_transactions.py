"""Transfers of state property, assets and equity: listed as long as the law asks whatever holidays lie between, traded some days later, announced at once."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sources.simulated.city import City
from sources.simulated.codes import unified_deal_codes
from sources.simulated.parties import invent_parties
from sources.simulated.registers.moments import dated, days_of_the_year
from sources.simulated.working_week import day_number, working_days_later, yyyymmdd

#: Working days that an asset is listed: above one million yuan, above ten (某市资产转让办法 §11); equity is listed as long as the longest.
_SHORT, _LONG = 10, 20
#: Weekdays that holidays may take out of a listing, at most.
_HOLIDAYS = 8
_ANNOUNCED_DAYS = 5
_THINGS = ("商铺", "办公用房", "车位", "旧设备", "报废车辆", "仓库")


@dataclass(frozen=True)
class PropertyTransactions:
    """So many assets and stakes are listed in the year; what was traded by the last day of the delivery has its result."""

    assets: int
    equities: int

    def projects(self, city: City) -> pl.DataFrame:
        """One row a project, in order of its listing: what it is, its codes, its days (numbers since 1970; of what has not happened yet null)."""
        count = self.assets + self.equities
        random = np.random.default_rng([city.seed, 700])
        numbers = np.arange(count)
        is_equity = numbers * self.equities // max(count, 1) != (numbers + 1) * self.equities // max(count, 1)
        region = np.searchsorted(np.cumsum([region.weight for region in city.regions]), random.integers(0, 100, count), side="right")
        codes = pl.Series([region.code for region in city.regions]).gather(region)
        names = pl.Series([region.name for region in city.regions]).gather(region)
        platforms = invent_parties(city.regions).platforms[region.tolist()]
        listed = days_of_the_year(city, count)
        # From 200,000 to 40 million yuan, small ones more often.
        price = 20_000 * random.integers(10, 101, count) * random.integers(1, 21, count)
        long = is_equity | (price >= 10_000_000)
        ended = working_days_later(listed, np.where(long, _LONG, _SHORT) + _HOLIDAYS)
        traded = working_days_later(ended, random.integers(2, 8, count))
        published = working_days_later(traded, random.integers(0, 4, count))
        known = [pl.when(pl.col(name) <= day_number(city.covers_to)).then(pl.col(name)).alias(name) for name in ("traded", "published")]
        serial = pl.Series(numbers + 1).cast(pl.String).str.zfill(4)
        things = pl.select(
            pl.when(pl.Series(is_equity)).then(pl.lit("模拟企业股权")).otherwise(pl.Series(_THINGS).gather(numbers % len(_THINGS)))
        ).to_series()
        return pl.DataFrame(
            {
                "is_equity": is_equity,
                "thing": things,
                "code": f"CQ{city.year}" + codes + serial,
                "name": names + things + f"转让（{city.year}-" + serial + "）",
                "deal_code": unified_deal_codes("C01", platforms["code"], yyyymmdd(listed), numbers + 800_000),
                "region_code": codes,
                "platform_name": platforms["name"],
                "platform_code": platforms["code"],
                "price": price,
                "deal": price * random.integers(100, 131, count) // 100,
                "buyer": random.integers(0, 100, count),
                "listed": listed,
                "ended": ended,
                "traded": traded,
                "published": published,
            }
        ).with_columns(*known)

    def records(self, city: City, random: np.random.Generator) -> dict[str, pl.DataFrame]:
        """LISTING_PUB_INFO, TRADE_RESULT_INFO, STOCK_LISTING_PUB_INFO, STOCK_TRADE_RESULT_INFO."""
        projects = self.projects(city)
        assets, equities = projects.filter(~pl.col("is_equity")), projects.filter("is_equity")
        return {
            "LISTING_PUB_INFO": _listings(assets, {"PRICE_FORM_CODE": "1", "TRANSFER_NOTES": "按现状转让"}).with_columns(
                PROJECT_TYPE=assets["thing"]
            ),
            "TRADE_RESULT_INFO": _results(city, assets, {"PRICE_FORM_CODE": "1"}),
            "STOCK_LISTING_PUB_INFO": _listings(
                equities, {"AUTHORIZE_UNIT": "国有资产监督管理委员会（模拟）", "TOTAL_PERCENT": "30", "GIVEUP_PRIORITY": "1"}
            ),
            "STOCK_TRADE_RESULT_INFO": _results(city, equities, {}),
        }


def _common(projects: pl.DataFrame) -> dict[str, object]:
    return {
        "PROJECT_NAME": projects["name"],
        "PROJECT_CODE": projects["code"],
        "BID_CODE": projects["code"] + "01",
        "BID_NAME": projects["name"],
        "UNIFIED_DEAL_CODE": projects["deal_code"],
        "REGION_CODE": projects["region_code"],
        "TRA_PLACE_CODE": projects["region_code"],
        "TRA_AGENCY_NAME": projects["platform_name"],
        "TRA_AGENCY_CODE": projects["platform_code"],
        "CURRENCY_CODE": ["156"] * projects.height,
        "PRICE_UNIT": ["0"] * projects.height,
        "PROJECT_URL": "https://ggzy.example.invalid/property/" + projects["code"] + ".html",
    }


def _listings(projects: pl.DataFrame, further: dict[str, str]) -> pl.DataFrame:
    count = projects.height
    return pl.DataFrame(
        {
            **_common(projects),
            "SELLER_NAME": ["国有资产经营公司（模拟）"] * count,
            "SELLER_CODE": projects["platform_code"],
            "SELLER_TYPE": ["1"] * count,
            "SELLER_ROLE": ["04"] * count,
            "PROJECT_PRICE": projects["price"].cast(pl.String),
            "PUBLISH_DURATION": (projects["ended"] - projects["listed"]).cast(pl.String),
            "PUBLISH_DATE": dated(projects["listed"].to_numpy()),
            "PUBLISH_END_DATE": dated(projects["ended"].to_numpy()),
            "POST_PONE": ["0"] * count,
            "PRE_EXCHANGE_TYPE": ["网络竞价"] * count,
            **{name: [value] * count for name, value in further.items()},
        }
    )


def _results(city: City, projects: pl.DataFrame, further: dict[str, str]) -> pl.DataFrame:
    traded = projects.filter(pl.col("traded").is_not_null() & pl.col("published").is_not_null())
    buyers = invent_parties(city.regions).suppliers[traded["buyer"].to_list()]
    published = traded["published"].to_numpy().astype(np.int64)
    count = traded.height
    return pl.DataFrame(
        {
            **_common(traded),
            "EXCHANGE_TYPE": ["网络竞价"] * count,
            "SELLER_NAME": buyers["name"],
            "SELLER_CODE": buyers["code"],
            "SELLER_TYPE": ["1"] * count,
            "SELLER_ROLE": ["05"] * count,
            "OBJECT_EVALUATE_VALUE": traded["price"].cast(pl.String),
            "TRADE_VALUE": traded["deal"].cast(pl.String),
            "TRADE_DATE": dated(traded["traded"].to_numpy().astype(np.int64)),
            "RESULT_PUBLISH_DATE": dated(published),
            "RESULT_PUBLISH_END_DATE": dated(working_days_later(published, np.full_like(published, _ANNOUNCED_DAYS + _HOLIDAYS))),
            **{name: [value] * count for name, value in further.items()},
        }
    )
