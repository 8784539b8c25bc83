"""The cities that can be simulated: those of published annual reports, and one of any size."""

from sources.simulated.city import City, Region
from sources.simulated.registers.requests import Requests
from sources.simulated.registers.sanctions import Sanctions

XIANNING_REGIONS = (
    Region("421200", "咸宁市", 18, 16),
    Region("421202", "咸安区", 20, 18),
    Region("421221", "嘉鱼县", 14, 20),
    Region("421222", "通城县", 12, 22),
    Region("421223", "崇阳县", 12, 20),
    Region("421224", "通山县", 8, 75),
    Region("421281", "赤壁市", 16, 18),
)

#: The published cities by name. The number of sections is set so that a year has, evaluation reports and the like aside, the thirty thousand records that Xianning pushed in 2017.
CITIES = {
    "xianning-2017": City(
        source_id="xianning-2017",
        label="咸宁市公共资源交易（模拟，2017年）",
        region_code="421200",
        regions=XIANNING_REGIONS,
        year=2017,
        sections=4200,
        seed=20170101,
        planted={"correction": 20, "withdrawal": 3},
        registers=(Requests(count=135, office="市政务办"), Sanctions(city_cases=5, county_cases=12, commitments=177)),
    ),
}


def made_up_city(sections: int, seed: int, year: int, faults: bool) -> City:
    """A city of any size in the regions of Xianning; without ``faults`` nothing but lapses is planted."""
    return City(
        source_id=f"simulated-{sections}-{seed}-{year}",
        label=f"模拟城市（{year}年，{sections}个标段）",
        region_code="421200",
        regions=XIANNING_REGIONS,
        year=year,
        sections=sections,
        seed=seed,
        planted=None if faults else {},
    )
