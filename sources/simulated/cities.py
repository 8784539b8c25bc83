"""The cities that can be simulated: those of published annual reports, and one of any size."""

from sources.simulated.city import City
from sources.simulated.published_years import guian, taian, wenzhou, xianning, zhejiang

#: The published cities by name.
CITIES = {city.source_id: city for city in (xianning.CITY, wenzhou.CITY, taian.CITY, guian.CITY, zhejiang.CITY)}


def made_up_city(sections: int, seed: int, year: int, faults: bool) -> City:
    """A city of any size in the regions of Xianning; without ``faults`` nothing but lapses is planted."""
    return City(
        source_id=f"simulated-{sections}-{seed}-{year}",
        label=f"模拟城市（{year}年，{sections}个标段）",
        region_code="421200",
        regions=xianning.REGIONS,
        year=year,
        sections=sections,
        seed=seed,
        planted=None if faults else {},
    )
