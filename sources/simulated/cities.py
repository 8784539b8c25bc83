"""What is known of the cities that can be simulated: their regions, how large the regions are and how often they lapse."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Region:
    """A region of a city: ``weight`` is its share of the sections in hundredths, ``lapses`` how many of 1,000 duties are planted to be missed."""

    code: str
    name: str
    weight: int
    lapses: int


@dataclass(frozen=True)
class OfficeYear:
    """What an annual report counts beside the transactions."""

    requests: int
    city_cases: int
    county_cases: int
    commitments: int = 0


@dataclass(frozen=True)
class City:
    """One year of transactions. ``planted`` counts the corrections and the like, by kind; None spreads every kind of fault over the sections."""

    source_id: str
    label: str
    region_code: str
    regions: tuple[Region, ...]
    year: int
    sections: int
    seed: int
    planted: Mapping[str, int] | None
    office: OfficeYear | None = None

    @property
    def covers_from(self) -> date:
        """The first day of the year."""
        return date(self.year, 1, 1)

    @property
    def covers_to(self) -> date:
        """The last day on which something was delivered: late results of the year's last weeks are still in."""
        return date(self.year + 1, 1, 24)

    @property
    def as_of(self) -> date:
        """The day on which the city is looked at."""
        return self.covers_to + timedelta(days=1)


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
        office=OfficeYear(requests=135, city_cases=5, county_cases=12, commitments=177),
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
