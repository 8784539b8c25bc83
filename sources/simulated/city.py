"""What a simulated city is: its regions, its transactions, and the registers that its office keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Region:
    """A region of a city: ``weight`` is its share of the sections in hundredths, ``lapses`` how many of 1,000 duties are planted to be missed."""

    code: str
    name: str
    weight: int
    lapses: int


class Register(Protocol):
    """What an office writes down beside the transactions, as many as its annual report counts. A register is data: its fields are those counts."""

    def records(self, city: "City", random: np.random.Generator) -> dict[str, pl.DataFrame]:
        """The records by data set, all text under national names; a data set without a record is delivered with its headings alone.

        A column ``fault`` says what is planted in a row (see planted.py); it is not delivered.
        """
        ...


@dataclass(frozen=True)
class City:
    """One year. ``sections`` None: it delivers no transactions. ``registers`` are written in their order.

    ``planted`` counts the corrections and the like, by kind; None spreads every kind of fault over the sections. ``system`` is the number of its trading
    system in message keys (the area number of its telephones), ``medium`` where its notices appear. ``pushes``: the
    province's receipts for its records are delivered too. ``failed_tenders`` further sections are announced and lead to nothing; ``opening_details_from`` is the day
    from which openings are delivered with everyone who bid, None where they never are.
    """

    source_id: str
    label: str
    region_code: str
    regions: tuple[Region, ...]
    year: int
    sections: int | None
    seed: int
    planted: Mapping[str, int] | None
    registers: tuple[Register, ...] = ()
    system: str = "0715"
    medium: str = "湖北省公共资源交易平台（模拟）"
    pushes: bool = False
    failed_tenders: int = 0
    opening_details_from: date | None = None

    @property
    def covers_from(self) -> date:
        """The first day of the year."""
        return date(self.year, 1, 1)

    @property
    def covers_to(self) -> date:
        """The last day on which something was delivered: late results of the year's last weeks are still in."""
        return date(self.year + 1, 1, 24)

    @property
    def phone(self) -> str:
        """A telephone number that nobody has."""
        return f"{self.system}-0000000"

    @property
    def as_of(self) -> date:
        """The day on which the city is looked at."""
        return self.covers_to + timedelta(days=1)
