"""Xianning 2017: the transactions, what is pushed to the province, sanctions, requests."""

from datetime import date

from sources.simulated.city import City, Region
from sources.simulated.registers.nothing import Nothing
from sources.simulated.registers.requests import Requests
from sources.simulated.registers.sanctions import Sanctions

REGIONS = (
    Region("421200", "咸宁市", 18, 16),
    Region("421202", "咸安区", 20, 18),
    Region("421221", "嘉鱼县", 14, 20),
    Region("421222", "通城县", 12, 22),
    Region("421223", "崇阳县", 12, 20),
    Region("421224", "通山县", 8, 75),
    Region("421281", "赤壁市", 16, 18),
)

#: The number of sections is set so that a year has, evaluation reports and the like aside, the thirty thousand records that were pushed.
#: Everything has run online since December 2017 (全部上线运行, says the report): since then openings are delivered with their bidders. How many tenders failed is invented.
CITY = City(
    pushes=True,
    failed_tenders=60,
    opening_details_from=date(2017, 12, 1),
    source_id="xianning-2017",
    label="咸宁市公共资源交易（模拟，2017年）",
    region_code="421200",
    regions=REGIONS,
    year=2017,
    sections=4200,
    seed=20170101,
    planted={"correction": 20, "withdrawal": 3},
    registers=(
        Requests(count=135, office="市政务办"),
        Sanctions(city_cases=5, county_cases=12, commitments=177),
        Nothing(("REVIEW_LITIGATION",)),
    ),
)
