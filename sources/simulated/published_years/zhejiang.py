"""A city of Zhejiang: the register of disclosures with its review, no request and no dispute.

Its report masks the city, the year and most of its numbers. The year and every number here are illustrations; only the zeros are the report's.
"""

from sources.simulated.city import City, Region
from sources.simulated.registers.nothing import Nothing
from sources.simulated.registers.register_of_disclosures import Documents, RegisterOfDisclosures

CITY = City(
    source_id="zhejiang-city",
    label="浙江省某市公共资源交易（模拟，年份与数量均为示例）",
    region_code="330000",
    regions=(Region("330000", "浙江省某市", 100, 15),),
    year=2018,
    sections=240,
    seed=20180101,
    planted={},
    registers=(
        RegisterOfDisclosures(
            channels=("公开网站", "门户网站"),
            documents=(
                Documents("工作动态", "主动公开", 64, office="综合科"),
                Documents("工作简报", "主动公开", 12, office="综合科"),
                Documents("放管服文件", "主动公开", 15, office="审批改革科"),
                Documents("公文", "依申请公开", 9),
                Documents("公文", "不公开", 6),
            ),
            words={"candidate_publicity": "预中标公示", "award_notice": "中标公告"},
        ),
        Nothing(("INFORMATION_REQUEST", "REVIEW_LITIGATION")),
    ),
    system="0570",
    medium="浙江省公共资源交易平台（模拟）",
)
