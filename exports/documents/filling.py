"""A form filled from the snapshot: every cell a number or missing, and whether the cells keep what the form asks of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from exports.documents.figures import MISSING, Asking, Valued, plain_number
from exports.documents.forms import Form, Identity, Table

HOLDS, CONTRADICTS, UNKNOWN = "holds", "contradicts", "unknown"


@dataclass(frozen=True)
class Cell:
    """A cell: its number, `None` where missing. A part of what is zero in whole is zero too; it then has no figure of its own."""

    number: Decimal | None
    valued: Valued | None = None
    is_part_of_zero: bool = False

    @property
    def text(self) -> str:
        return MISSING if self.number is None else plain_number(self.number)


@dataclass(frozen=True)
class Check:
    """An identity of one table as it stands: in words, with both sides, and whether it holds; `unknown` where a cell is missing."""

    table: str
    words: str
    left: str
    right: str
    state: str


@dataclass(frozen=True)
class FilledTable:
    """A table with its cells by row and column key; a heading has none."""

    table: Table
    cells: dict[tuple[str, str], Cell]
    checks: tuple[Check, ...]


def fill(form: Form, asking: Asking, previous: Asking | None) -> list[FilledTable]:
    """Every table of the form. `previous` asks about the year before, where the snapshot covers it."""
    return [_fill(table, asking, previous) for table in form.tables]


def _fill(table: Table, asking: Asking, previous: Asking | None) -> FilledTable:
    cells = {
        (row.key, column.key): _cell(asking, row.figures.get(column.kind), {**row.parameters, **column.parameters})
        for row in table.rows
        if not row.heading
        for column in table.columns
    }
    _infer_zeros(table, cells)
    checks = [*_row_checks(table, cells), *_column_checks(table, cells), *_continuity_checks(table, cells, previous)]
    return FilledTable(table, cells, tuple(checks))


def _cell(asking: Asking, figure: str | None, parameters: dict[str, str]) -> Cell:
    if figure is None:
        return Cell(None)
    valued = asking.figure(figure, **parameters)
    return Cell(valued.number, valued)


def _infer_zeros(table: Table, cells: dict[tuple[str, str], Cell]) -> None:
    """Counts are never negative: where the whole is zero, every part is. The outermost whole comes first in a form, so one pass each way is enough."""
    for identity, by_row in [*((each, True) for each in table.identities), *((each, False) for each in table.column_identities)] * 2:
        wholes, parts = (identity.right, identity.left) if identity.relation == "at_most" else (identity.left, identity.right)
        for other in [column.key for column in table.columns] if by_row else [row.key for row in table.rows]:
            of = [(key, other) if by_row else (other, key) for key in wholes]
            if all((cell := cells.get(key)) is not None and cell.number == 0 for key in of):
                for key in parts:
                    place = (key, other) if by_row else (other, key)
                    if place in cells and cells[place].number is None:
                        cells[place] = Cell(Decimal(0), None, is_part_of_zero=True)


def _row_checks(table: Table, cells: dict[tuple[str, str], Cell]) -> Iterator[Check]:
    for identity in table.identities:
        for column in table.columns:
            where = f"（{column.path[-1]}）" if len(table.columns) > 1 else ""
            names = {key: table.row(key).label for key in (*identity.left, *identity.right)}
            yield _check(table, identity, names, {key: cells[key, column.key].number for key in names}, where)


def _column_checks(table: Table, cells: dict[tuple[str, str], Cell]) -> Iterator[Check]:
    for identity in table.column_identities:
        for row in table.rows:
            if (row.key, table.columns[0].key) in cells and row.figures:
                names = {key: "·".join(table.column(key).path[-2:]) for key in (*identity.left, *identity.right)}
                yield _check(table, identity, names, {key: cells[row.key, key].number for key in names}, f"（{row.label}）")


_SIGNS = {"sum": "=", "at_most": "≤", "each_once": "≤"}


def _check(table: Table, identity: Identity, names: dict[str, str], numbers: dict[str, Decimal | None], where: str) -> Check:
    left, right = ([numbers[key] for key in keys] for keys in (identity.left, identity.right))
    sign = _SIGNS[identity.relation]
    sides = [" + ".join(_short(names[key]) for key in keys) for keys in (identity.left, identity.right)]
    words = f"{sides[0]} {sign} {sides[1]}{where}" + ("，且不小于其中最大的一项" if identity.relation == "each_once" else "")
    return Check(table.title, words, _sum_text(left), _sum_text(right), _state(identity.relation, left, right))


def _state(relation: str, left: list[Decimal | None], right: list[Decimal | None]) -> str:
    told_left, told_right = ([number for number in side if number is not None] for side in (left, right))
    if len(told_left) < len(left) or len(told_right) < len(right):
        return UNKNOWN
    whole, parts = sum(told_left), sum(told_right)
    holds = {"sum": whole == parts, "at_most": whole <= parts, "each_once": max(told_right) <= whole <= parts}[relation]
    return HOLDS if holds else CONTRADICTS


def _sum_text(numbers: list[Decimal | None]) -> str:
    return " + ".join(MISSING if number is None else plain_number(number) for number in numbers)


def _continuity_checks(table: Table, cells: dict[tuple[str, str], Cell], previous: Asking | None) -> Iterator[Check]:
    for told in table.continuity:
        row, column = table.row(told.previous), table.column(told.column)
        before = _cell(previous, row.figures[column.kind], {**row.parameters, **column.parameters}) if previous else Cell(None)
        this = cells[told.this, told.column]
        words = f"{_short(table.row(told.this).label)} = 上年的{_short(row.label)}"
        yield Check(table.title, words, this.text, before.text, _state("sum", [this.number], [before.number]))


def _short(label: str) -> str:
    return label.partition("（区分")[0].removeprefix("其中：")
