"""The statistics tables of every report year, as data: rows, columns, the figure of each cell, and what the cells must keep among themselves."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from exports.documents.errors import DocumentError


@dataclass(frozen=True)
class Row:
    """A line of a table. `figures` names the figure of each kind of column, `parameters` what it is asked with. A heading has no cells."""

    key: str
    label: str
    level: int
    figures: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    unit: str = ""
    status: str = ""
    heading: bool = False


@dataclass(frozen=True)
class Column:
    """A column: its headings from top to bottom, and what its cells are asked with."""

    key: str
    path: tuple[str, ...]
    kind: str
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Identity:
    """What cells must keep: `sum`: left and right add up to the same. `at_most`: left is no more than right. `each_once`: left lies between the largest
    and the sum of right. Keys are of rows (in every column) or of columns (in every row)."""

    relation: str
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True)
class Continuity:
    """What this year begins with is what the last one ended with."""

    this: str
    previous: str
    column: str


@dataclass(frozen=True)
class Table:
    name: str
    title: str
    row_heading: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    identities: tuple[Identity, ...] = ()
    column_identities: tuple[Identity, ...] = ()
    continuity: tuple[Continuity, ...] = ()
    has_units: bool = False
    note: str = ""

    def row(self, key: str) -> Row:
        return next(row for row in self.rows if row.key == key)

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


@dataclass(frozen=True)
class Form:
    """A form and the report years for which it holds. `status`: how far its wording was verified, A, B or R; a row may have its own."""

    title: str
    source: str
    status: str
    valid_from: int
    valid_to: int | None
    tables: tuple[Table, ...]


def form_of(year: int) -> Form:
    """The form of a report year. Raises DocumentError for a year of which no form is known."""
    for form in forms():
        if form.valid_from <= year and (form.valid_to is None or year <= form.valid_to):
            return form
    raise DocumentError(f"{year}: no statistics form is known; there are forms since {min(form.valid_from for form in forms())}")


@cache
def forms() -> tuple[Form, ...]:
    """Every form, the oldest first."""
    return tuple(_form(tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(Path(__file__).parent.glob("statistics_*.toml")))


def _form(content: dict[str, Any]) -> Form:
    tables = tuple(_table(table) for table in content.pop("table"))
    return Form(**{"valid_to": None, **content}, tables=tables)


def _table(content: dict[str, Any]) -> Table:
    return Table(
        **{
            **content,
            "rows": tuple(Row(**_with_parameters(row)) for row in content["rows"]),
            "columns": tuple(Column(**{**_with_parameters(column), "path": tuple(column["path"])}) for column in content["columns"]),
            "identities": tuple(_identities(content.get("identities", []))),
            "column_identities": tuple(_identities(content.get("column_identities", []))),
            "continuity": tuple(Continuity(**told) for told in content.get("continuity", [])),
        }
    )


def _with_parameters(content: dict[str, Any]) -> dict[str, Any]:
    return {"parameters" if name == "with" else name: value for name, value in content.items()}


def _identities(content: Sequence[dict[str, Any]]) -> Iterator[Identity]:
    for told in content:
        yield Identity(told["relation"], tuple(told["left"]), tuple(told["right"]))
