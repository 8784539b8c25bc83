"""What an office reports to have had none of."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sources.definitions import datasets
from sources.simulated.city import City


@dataclass(frozen=True)
class Nothing:
    """Data sets that are delivered with their headings alone: there was none, which is not the same as not saying."""

    datasets: tuple[str, ...]

    def records(self, city: City, random: np.random.Generator) -> dict[str, pl.DataFrame]:
        """Each data set without a record."""
        return {name: without_records(name) for name in self.datasets}


def without_records(dataset: str) -> pl.DataFrame:
    """The headings of a data set."""
    return pl.DataFrame(schema={column.national: pl.String for column in datasets()[dataset].columns})
