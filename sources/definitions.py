"""The definitions of the data sets: the only place where a column is written down.

Each file in ``sources/datasets/`` describes one data set of the national data specification (or one of our own).
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

ColumnType = Literal["text", "code", "flag", "date", "instant", "integer", "decimal"]

#: Columns of the exchange message that may accompany a record of any data set, by national name.
MESSAGE_COLUMNS = {"DATA_TYPE": "data_type", "DATA_KEY": "data_key", "DATA_TIMESTAMP": "data_timestamp"}

_FOLDER = Path(__file__).parent / "datasets"


@dataclass(frozen=True)
class Column:
    """One column: ``national`` is the name of the standard, ``name`` ours, ``label`` the Chinese field name.

    ``required_when`` names another column and its value (``true`` of a flag): only there is the column required.
    ``parent`` names the data set whose subject (or, without one, whose key) the column repeats: that record comes first.
    ``not_before`` names the column in which the period began that ends in this one.
    """

    national: str
    name: str
    label: str
    type: ColumnType
    required: bool = False
    personal: Literal["name", "contact", "identity"] | None = None
    code_list: str | None = None
    extension: bool = False
    required_when: tuple[str, str] | None = None
    parent: str | None = None
    not_before: str | None = None


@dataclass(frozen=True)
class Dataset:
    """One data set: what a record is (``grain``), the columns that identify it (``key``), the one with the code of what it is about (``subject``)."""

    name: str
    table: str
    label: str
    grain: str
    transaction_type: str
    subject_type: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    number: int | None = None
    subject: str | None = None
    known_at: str | None = None

    @property
    def identity(self) -> str:
        """The column that the records of other data sets repeat when they name a record of this one."""
        return self.subject or self.key[0]

    def column(self, name: str) -> Column:
        """The column of our name ``name``; KeyError when the data set has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    def column_for_heading(self, heading: str) -> str | None:
        """Our name for a delivered heading: national name (any case), Chinese field name, or a message column; None when unknown."""
        return _headings(self).get(normalise_heading(heading))


def normalise_heading(heading: str) -> str:
    """A heading without spaces, byte-order mark and case, with full-width brackets folded, for comparison."""
    return "".join(_one_width(heading).replace("\ufeff", "").split()).upper()


def _one_width(text: str) -> str:
    return text.translate(str.maketrans("（）　", "() "))


@cache
def _headings(dataset: Dataset) -> dict[str, str]:
    labels: dict[str, list[str]] = {}
    for column in dataset.columns:
        labels.setdefault(normalise_heading(column.label), []).append(column.name)
    unambiguous = {label: names[0] for label, names in labels.items() if len(names) == 1}
    national = {normalise_heading(column.national): column.name for column in dataset.columns}
    return unambiguous | national | MESSAGE_COLUMNS


def _column(*, required_when: list[str] | None = None, **content: Any) -> Column:
    return Column(**content, required_when=(required_when[0], required_when[1]) if required_when else None)


@cache
def datasets() -> dict[str, Dataset]:
    """All data sets by national name."""
    found = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        columns = tuple(_column(**column) for column in content.pop("columns"))
        dataset = Dataset(columns=columns, key=tuple(content.pop("key")), **content)
        found[dataset.name] = dataset
    return found


def dataset_for_file(stem: str) -> Dataset | None:
    """The data set that a file name stands for: ``TENDER_CANDIDATE_ANNOUNCE-2017``, ``511_a``, ``511候选人``, ``中标候选人公示 12月``; None when it stands for none."""
    folded = _one_width(stem).upper()
    return next((dataset for token, dataset in _file_names() if folded.startswith(token) and not _goes_on(token, folded[len(token) :])), None)


@cache
def _file_names() -> list[tuple[str, Dataset]]:
    """What the name of a file may begin with: national name, number or Chinese label of a data set, the longest first."""
    names = [
        (_one_width(name), dataset) for dataset in datasets().values() for name in (dataset.name, str(dataset.number or ""), dataset.label) if name
    ]
    return sorted(names, key=lambda named: -len(named[0]))


def _goes_on(token: str, rest: str) -> bool:
    """Whether the word goes on behind the token, and is another one: 5131, or 合同履约 of 合同. Chinese behind a name or number (513中标) begins a new one."""
    return rest[:1].isalnum() and (rest[0].isascii() or not token.isascii())
