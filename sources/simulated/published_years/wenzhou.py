"""Wenzhou 2016: transactions of four kinds, each notice over three channels; intermediaries; documents with what was decided about them."""

from sources.simulated.city import City, Region
from sources.simulated.registers.intermediaries import Intermediaries
from sources.simulated.registers.property_transactions import PropertyTransactions
from sources.simulated.registers.register_of_disclosures import Documents, RegisterOfDisclosures

REGIONS = (
    Region("330300", "温州市", 16, 12),
    Region("330302", "鹿城区", 10, 12),
    Region("330303", "龙湾区", 8, 16),
    Region("330304", "瓯海区", 8, 14),
    Region("330305", "洞头区", 4, 24),
    Region("330324", "永嘉县", 8, 18),
    Region("330326", "平阳县", 8, 20),
    Region("330327", "苍南县", 9, 18),
    Region("330328", "文成县", 5, 26),
    Region("330329", "泰顺县", 5, 22),
    Region("330381", "瑞安市", 10, 16),
    Region("330382", "乐清市", 9, 16),
)
PROPERTY = PropertyTransactions(assets=72, equities=18)

#: The report gives a rate and no numbers of transactions or documents: how many there are is invented, and that no notice is kept from a channel is its 100 %.
CITY = City(
    source_id="wenzhou-2016",
    label="温州市公共资源交易（模拟，2016年）",
    region_code="330300",
    regions=REGIONS,
    year=2016,
    sections=1500,
    seed=20160101,
    planted={},
    registers=(
        Intermediaries(online=626, standardised=179, resident=53, resident_categories=13),
        PROPERTY,
        RegisterOfDisclosures(
            channels=("公开网站", "门户网站", "纸质媒体"),
            documents=(Documents("公文", "主动公开", 168), Documents("公文", "依申请公开", 41), Documents("公文", "不公开", 27)),
            property=PROPERTY,
        ),
    ),
    system="0577",
    medium="浙江省公共资源交易平台（模拟）",
)
