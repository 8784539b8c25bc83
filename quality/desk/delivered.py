"""The row behind a finding as it was delivered, personal data masked as the definitions say."""

import json
from dataclasses import dataclass
from typing import Any

import duckdb

from sources.definitions import Dataset, datasets
from sources.masking import HIDDEN, masked
from sources.warehouse import ROWS_PER_DELIVERY


@dataclass(frozen=True)
class Cell:
    """One value of a row: the column's name, its label, the value as text, and whether the finding is about it."""

    name: str
    label: str
    value: str | None
    is_meant: bool = False


@dataclass(frozen=True)
class DeliveredRow:
    """A row of a delivered file. ``row_number`` counts records with the header as row 1; 0 stands for the file as a whole and has no cells.
    ``is_quarantined``: the row was not loaded. ``sha256`` names the file in the archive."""

    dataset: str
    file: str
    row_number: int
    source_id: str
    sha256: str
    received_at: Any
    is_quarantined: bool
    cells: tuple[Cell, ...]


def delivered_row(connection: duckdb.DuckDBPyConnection, source_row: int | None, column_name: str | None, *, schema: str = "") -> DeliveredRow | None:
    """The row with this number, from the tables in ``schema`` (a catalogue with a dot behind, or empty); None where a finding has none."""
    if source_row is None:
        return None
    number, row_number = divmod(source_row, ROWS_PER_DELIVERY)
    found = connection.execute(
        f"SELECT dataset, file, source_id, sha256, received_at, delivery_id FROM {schema}meta.deliveries WHERE delivery_number = ?", [number]
    ).fetchone()
    if found is None:
        return None
    name, file, source_id, sha256, received_at, delivery_id = found
    dataset = datasets().get(name or "")
    cells: tuple[Cell, ...] = ()
    is_quarantined = False
    if row_number and dataset:
        cells = _loaded(connection, dataset, source_row, column_name, schema)
        if not cells:
            cells = _quarantined(connection, dataset, delivery_id, row_number, column_name, schema)
            is_quarantined = bool(cells)
    return DeliveredRow(name or "", file, row_number, source_id, sha256, received_at, is_quarantined, cells)


def _loaded(connection: duckdb.DuckDBPyConnection, dataset: Dataset, source_row: int, meant: str | None, schema: str) -> tuple[Cell, ...]:
    shown = ", ".join(
        f"CASE WHEN \"{column.name}\" IS NOT NULL THEN '{HIDDEN}' END" if column.personal else masked(f'"{column.name}"::VARCHAR')
        for column in dataset.columns
    )
    row = connection.execute(f"SELECT {shown} FROM {schema}raw.{dataset.table} WHERE source_row = ?", [source_row]).fetchone()
    if row is None:
        return ()
    return tuple(Cell(column.name, column.label, value, column.name == meant) for column, value in zip(dataset.columns, row, strict=True))


def _quarantined(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, delivery_id: str, row_number: int, meant: str | None, schema: str
) -> tuple[Cell, ...]:
    row = connection.execute(
        f"SELECT record FROM {schema}meta.quarantine WHERE delivery_id = ? AND row_number = ? AND record IS NOT NULL", [delivery_id, row_number]
    ).fetchone()
    if row is None:
        return ()
    try:
        record = json.loads(row[0])
    except ValueError:
        return ()
    if not isinstance(record, dict):
        return ()
    known = {column.name: column for column in dataset.columns}
    # What belongs to none of the columns may be anything.
    values = [None if record[name] is None else HIDDEN if name not in known or known[name].personal else str(record[name]) for name in record]
    texts = connection.execute(f"SELECT {masked('value')} FROM (SELECT unnest(?::VARCHAR[]) AS value)", [values]).fetchall()
    return tuple(Cell(name, known[name].label if name in known else name, text, name == meant) for name, (text,) in zip(record, texts, strict=True))
