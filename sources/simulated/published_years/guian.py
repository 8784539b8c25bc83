"""Guian 2016: what a new area disclosed over several channels, permits and penalties under double publicity, six requests.

The report does not tell how items lie over the channels: 147 of them are put on several, the one reading of "147 over the platforms" that the counts of the
channels leave possible. Nor does it name the fifth and sixth department, or say which decisions were late or never published.
"""

from sources.simulated.city import City
from sources.simulated.registers.disclosed_items import DisclosedItems, Items
from sources.simulated.registers.double_publicity import Decisions, DoublePublicity
from sources.simulated.registers.nothing import Nothing
from sources.simulated.registers.requests import Requests

_GAZETTE, _WEBSITE, _WEIBO, _WECHAT = "政府公报", "门户网站", "官方微博", "官方微信"
#: What the report counts on the website by subject; of 农业农村 it only says more than a hundred.
_ON_THE_WEBSITE = {
    "中央文件": 81, "省文件": 50, "新区文件": 168, "新区政策解读": 13, "省政策解读": 27, "国办政策解读": 40, "规划计划": 42, "人事信息": 75, "统计数据": 21,
    "财政信息": 15, "政府采购": 212, "重点项目施工": 53, "重大项目审批": 26, "责任权力清单": 35, "环境保护": 88, "公共卫生": 12, "安全生产": 52, "食品药品": 42,
    "保障性住房": 31, "扶贫工作": 103, "农业农村": 104,
}  # fmt: skip

CITY = City(
    source_id="guian-2016",
    label="贵安新区政务公开（模拟，2016年）",
    # Not of GB/T 2260, which knows no new area: our own code (dbt/seeds/region_codes.csv).
    region_code="52P001",
    regions=(),
    year=2016,
    sections=None,
    seed=20160101,
    planted={},
    registers=(
        DisclosedItems(
            office="新区管委会办公室",
            items=(
                *(Items(count, category, (_WEBSITE,)) for category, count in _ON_THE_WEBSITE.items()),
                Items(32, "新区文件", (_GAZETTE, _WEBSITE)),
                Items(6139, "工作动态", (_WEBSITE,), late=5),
                Items(20, "工作动态", (_WEBSITE, _WEIBO, _WECHAT)),
                Items(95, "工作动态", (_WEBSITE, _WECHAT)),
                Items(181, "便民信息", (_WEIBO,)),
                Items(380, "便民信息", (_WECHAT,)),
            ),
        ),
        DoublePublicity(
            decisions=(
                Decisions("行政审批局", "许可", 720, late=2),
                Decisions("社管局", "许可", 160),
                Decisions("国税局", "许可", 100, late=1),
                Decisions("综合执法局", "处罚", 640, late=6, unpublished=1),
                Decisions("社管局", "处罚", 120, late=1),
                Decisions("国税局", "处罚", 200, late=2, unpublished=1),
                Decisions("第五部门", "处罚", 60),
                Decisions("第六部门", "处罚", 28),
            ),
            home="520100",
        ),
        Requests(count=6, office="新区管委会办公室", forms=("网络", "网络", "信函"), outcomes=("属于已主动公开范围", "同意公开")),
        Nothing(("REVIEW_LITIGATION",)),
    ),
)
