"""Taian 2013: what a centre disclosed by category, consultations by channel, and none of anything else."""

from sources.simulated.city import City
from sources.simulated.registers.consultations import Consultations
from sources.simulated.registers.disclosed_items import DisclosedItems, Items
from sources.simulated.registers.nothing import Nothing

#: Which items were late no report tells: two of the largest category are.
CITY = City(
    source_id="taian-2013",
    label="泰安市政务服务中心（模拟，2013年）",
    region_code="370900",
    regions=(),
    year=2013,
    sections=None,
    seed=20130101,
    planted={},
    registers=(
        DisclosedItems(
            office="政务服务中心",
            items=(
                Items(5, "机构领导、设置及人事信息"),
                Items(36, "政策法规、规范性文件信息"),
                Items(1, "规划计划"),
                Items(272, "业务工作", late=2),
                Items(1, "统计数据"),
                Items(17, "其他信息"),
            ),
        ),
        Consultations({"现场": 80, "电话": 265, "网上": 10}),
        Nothing(("INFORMATION_REQUEST", "REVIEW_LITIGATION")),
    ),
)
