"""What every reader gives: text columns, and the records that could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

#: The largest field that is taken (FAULTS: a longer one is an attack or an attachment in the wrong place).
MAXIMUM_FIELD = 1_000_000
#: Records count from here, the header being row 1, in every format.
FIRST_ROW = 2
_SHOWN, _KEPT = 200, 10_000


@dataclass(frozen=True)
class Refusal:
    """One record that could not be read: where, by which rule, why, and the record as received, so that nothing is lost."""

    row_number: int | None
    column: str | None
    value: str | None
    rule: str
    reason: str
    record: str | None = None


@dataclass(frozen=True)
class ReadResult:
    """A file as text: ``table`` has ``row_number`` (int64) and every delivered column as string; ``sheet``: which sheet of a workbook it is."""

    table: pa.Table
    refusals: list[Refusal]
    rows_received: int
    encoding: str | None
    reader: str
    notes: list[str] = field(default_factory=list)
    sheet: str | None = None


def refusal(
    path: Path, row_number: int, rule: str, what: str, *, column: str | None = None, value: str | None = None, record: str | None = None
) -> Refusal:
    """A refusal whose reason names file and row."""
    shown = None if value is None else value[:_SHOWN]
    return Refusal(row_number, column, shown, rule, f"{path.name}, row {row_number}: {what}", None if record is None else record[:_KEPT])


def distinct_headings(headings: Sequence[str]) -> tuple[list[str], list[str]]:
    """Headings made distinct (a repeated one becomes ``name#2``, an empty one ``column_7``), and a note on each repetition."""
    # Our own column row_number must not be taken by a delivered one; SQL names do not tell case apart.
    taken = {"row_number"}
    distinct, notes = [], []
    for position, heading in enumerate(headings, start=1):
        wanted = name = heading.replace("\ufeff", "").strip() or f"column_{position}"
        copies = 1
        while name.casefold() in taken:
            copies += 1
            name = f"{wanted}#{copies}"
        if copies > 1:
            notes.append(f"heading {wanted} is repeated; the later column is called {name}")
        taken.add(name.casefold())
        distinct.append(name)
    return distinct, notes


def text_table(headings: Sequence[str], rows: Sequence[tuple[int, Sequence[str | None]]]) -> pa.Table:
    """Rows (number, fields) as a table of strings."""
    columns: dict[str, pa.Array] = {"row_number": pa.array([number for number, _ in rows], pa.int64())}
    for position, heading in enumerate(headings):
        columns[heading] = pa.array([fields[position] for _, fields in rows], pa.string())
    return pa.table(columns)


def record_table(records: Sequence[tuple[int, Mapping[str, str | None]]]) -> pa.Table:
    """Records (number, fields by name) as a table of strings; the columns are the union of all names in order of appearance."""
    names = list(dict.fromkeys(name for _, record in records for name in record))
    rows = [(number, [record.get(name) for name in names]) for number, record in records]
    return text_table(distinct_headings(names)[0], rows)
