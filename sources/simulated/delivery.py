"""A simulated city as a delivery folder: one CSV file a data set, the sender's statement and the answers."""

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from sources.definitions import datasets
from sources.simulated import receipts
from sources.simulated.city import City
from sources.simulated.failed_tenders import invent_failed_tenders
from sources.simulated.parties import Parties, invent_parties
from sources.simulated.planted import ABSENT, FURTHER_ROWS, planted_in
from sources.simulated.records import delivered_datasets, records_of, rows_of
from sources.simulated.sections import Chunk, invent_sections

ANSWERS = "answers.json"
_CHUNK = 50_000
_HEADER_ROWS = 1


@dataclass(frozen=True)
class SimulationSummary:
    """What was written: records by national name, the files of data, and the file of what was planted in them."""

    records: dict[str, int]
    files: list[Path]
    answers: Path

    @property
    def total(self) -> int:
        """All records of all files."""
        return sum(self.records.values())


def write_city(city: City, out: Path) -> SimulationSummary:
    """Write the city into ``out``, replacing what is there of it. The same city gives the same bytes."""
    out.mkdir(parents=True, exist_ok=True)
    writer = _Writer(city)
    files = [] if city.sections is None else _write_transactions(city, city.sections, writer, out)
    files += _write_registers(city, writer, out)
    (out / "delivery.toml").write_text(_statement(city), encoding="utf-8", newline="\n")
    answers = {"sections": city.sections, "seed": city.seed, "records": writer.written, "faults": writer.answers}
    (out / ANSWERS).write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return SimulationSummary(writer.written, files, out / ANSWERS)


def _write_transactions(city: City, sections: int, writer: "_Writer", out: Path) -> list[Path]:
    parties = invent_parties(city.regions)
    files = [out / f"{dataset}.csv" for dataset in delivered_datasets(city)]
    with ExitStack() as stack:
        streams = {path.stem: stack.enter_context(path.open("wb")) for path in files}
        # A city without sections still has the headings.
        for number, first in enumerate(range(0, max(sections, 1), _CHUNK)):
            chunk = invent_sections(city, parties, first, min(_CHUNK, sections - first), number)
            for dataset, stream in streams.items():
                writer.write_chunk(dataset, chunk, parties, stream)
        for dataset, stream in streams.items():
            writer.write_further_rows(dataset, parties, stream)
        if city.failed_tenders:
            failed = invent_failed_tenders(city, parties)
            for dataset, stream in streams.items():
                writer.write_chunk(dataset, failed, parties, stream)
    if city.pushes:
        files.append(out / f"{receipts.DATASET}.csv")
        writer.write_receipts(files[-1])
    return files


def _write_registers(city: City, writer: "_Writer", out: Path) -> list[Path]:
    files = []
    random = np.random.default_rng(city.seed + 1)
    for register in city.registers:
        for dataset, rows in register.records(city, random).items():
            files.append(out / f"{dataset}.csv")
            records = _as_delivered(dataset, rows)
            records.write_csv(files[-1])
            writer.written[dataset] = records.height
            if "fault" in rows.columns:
                writer.answers.extend(planted_in(dataset, rows, records, _HEADER_ROWS + 1, _subject(dataset)))
    return files


def _as_delivered(dataset: str, made: pl.DataFrame) -> pl.DataFrame:
    """The columns given, in the order of the definition; KeyError for one that it does not have."""
    national = [column.national for column in datasets()[dataset].columns]
    if odd := set(made.columns) - {*national, "fault"}:
        raise KeyError(f"{dataset}: {', '.join(sorted(odd))} unknown")
    return made.select(name for name in national if name in made.columns)


def _subject(dataset: str) -> str:
    """The national name of the column that names what a record is about."""
    definition = datasets()[dataset]
    return definition.column(str(definition.subject)).national


class _Writer:
    """Counts the rows of each file, to say where everything planted stands."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.written = dict.fromkeys(delivered_datasets(city) if city.sections is not None else (), 0)
        self.answers: list[dict[str, object]] = []
        self._headed: set[str] = set()
        self._receipts: list[pl.DataFrame] = []
        self._further: dict[str, list[pl.DataFrame]] = {dataset: [] for dataset in delivered_datasets(city)}

    def write_chunk(self, dataset: str, chunk: Chunk, parties: Parties, stream: BinaryIO) -> None:
        for rows in rows_of(dataset, chunk, self.city):
            self._write(dataset, rows, parties, stream)
            for fault, (home, name) in FURTHER_ROWS.items():
                if home == dataset:
                    self._further[dataset].append(rows.filter(pl.col("fault") == fault).with_columns(fault=pl.lit(name)))
        if dataset == "WIN_RESULT_ANNO":
            missing = chunk.construction.filter(pl.col("fault") == ABSENT)
            self.answers.extend(planted_in(dataset, missing, None, 0))

    def write_further_rows(self, dataset: str, parties: Parties, stream: BinaryIO) -> None:
        for rows in self._further[dataset]:
            self._write(dataset, rows, parties, stream)

    def write_receipts(self, path: Path) -> None:
        """What the province answered to all that was written."""
        answered = pl.concat(self._receipts)
        answered.write_csv(path)
        self.written[receipts.DATASET] = answered.height

    def _write(self, dataset: str, rows: pl.DataFrame, parties: Parties, stream: BinaryIO) -> None:
        records = records_of(dataset, rows, self.city, parties)
        records.write_csv(stream, include_header=dataset not in self._headed)
        self._headed.add(dataset)
        self.answers.extend(planted_in(dataset, rows, records, self.written[dataset] + _HEADER_ROWS + 1))
        if self.city.pushes:
            self._receipts.append(receipts.receipts_for(self.city, dataset, records, rows["region_code"], self.written[dataset]))
        self.written[dataset] += records.height


def _statement(city: City) -> str:
    return f"""source_id = "{city.source_id}"
label = "{city.label}"
region_code = "{city.region_code}"
jurisdiction = "CN"
as_of = {city.as_of}
encoding = "utf-8"
covers_from = {city.covers_from}
covers_to = {city.covers_to}
not_data = ["{ANSWERS}"]
"""
