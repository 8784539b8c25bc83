"""Simulated deliveries: a published city's year, or a city of any size, with every planted lapse and fault written down beside it."""

from pathlib import Path

from sources.errors import SourceError
from sources.simulated.cities import CITIES, made_up_city
from sources.simulated.delivery import SimulationSummary, write_city

__all__ = ["SimulationSummary", "UnknownCity", "simulate_city", "simulate_sections"]


class UnknownCity(SourceError, ValueError):
    """A city that cannot be simulated."""


def simulate_city(city: str, out: Path) -> SimulationSummary:
    """Write the delivery of a published city, for example ``xianning-2017``. Raises UnknownCity for any other name."""
    if city not in CITIES:
        raise UnknownCity(f"{city!r} is no known city; choose one of: {', '.join(sorted(CITIES))}")
    return write_city(CITIES[city], out)


def simulate_sections(sections: int, seed: int, out: Path, *, year: int = 2017, faults: bool = True) -> SimulationSummary:
    """Write the delivery of a made-up city of so many sections and land announcements (about nine records each).

    The same arguments give the same bytes. Without ``faults`` only lapses are planted: duties that were really done too late or too briefly.
    """
    return write_city(made_up_city(sections, seed, year, faults), out)
