"""Who takes part: suppliers, buyers, agencies and platforms, all of them plainly invented."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sources.simulated.city import Region
from sources.simulated.codes import Integers, credit_codes

_FIRST = [
    "锦程",
    "宏图",
    "泰和",
    "远航",
    "金石",
    "长青",
    "博大",
    "瑞丰",
    "新源",
    "中恒",
    "诚信达",
    "华岳",
    "永固",
    "天成",
    "汇通",
    "兴邦",
    "鼎力",
    "开元",
    "安顺",
    "立德",
]
_SECOND = ["建设工程", "市政工程", "水利水电", "路桥工程", "科技发展", "商贸", "园林绿化", "电力安装", "信息技术", "医疗器械", "环境治理", "装饰工程"]
_OFFICES = ["住房和城乡建设局", "交通运输局", "水利局", "教育局", "卫生健康局", "农业农村局", "城市投资公司", "人民医院", "公安局", "财政局"]


@dataclass(frozen=True)
class Parties:
    """Names and unified social credit codes. Buyers and platforms stand in the order of the regions, ten buyers a region."""

    suppliers: pl.DataFrame
    buyers: pl.DataFrame
    agencies: pl.DataFrame
    platforms: pl.DataFrame

    BUYERS_PER_REGION = len(_OFFICES)


def invent_parties(regions: tuple[Region, ...], suppliers: int = 2400) -> Parties:
    """Frames of name and code; the same for every city of the same regions."""
    codes = pl.Series([region.code for region in regions])
    names = [region.name for region in regions]
    first, second, count = len(_FIRST), len(_SECOND), np.arange(suppliers)
    home = count % len(regions)
    supplier_names = (
        "模拟"
        + pl.Series(_FIRST).gather(count % first)
        + pl.Series(_SECOND).gather(count // first % second)
        + pl.Series([f"第{number}" if number else "" for number in range(suppliers // (first * second) + 1)]).gather(count // (first * second))
        + "有限公司"
    )
    office_region = np.repeat(np.arange(len(regions)), len(_OFFICES))
    offices = [name + office for name in names for office in _OFFICES]
    agencies = [f"模拟{word}招标代理有限公司" for word in _FIRST]
    return Parties(
        suppliers=_named(supplier_names, "91", codes.gather(home), count + 10_000_000),
        buyers=_named(pl.Series(offices), "11", codes.gather(office_region), np.arange(len(offices)) + 20_000_000),
        agencies=_named(pl.Series(agencies), "91", codes.gather(np.arange(len(agencies)) % len(regions)), np.arange(len(agencies)) + 30_000_000),
        platforms=_named(pl.Series([f"{name}公共资源交易中心" for name in names]), "12", codes, np.arange(len(regions)) + 40_000_000),
    )


def _named(names: pl.Series, category: str, regions: pl.Series, serials: Integers) -> pl.DataFrame:
    return pl.DataFrame({"name": names, "code": credit_codes(category, regions, serials)})
