"""What a page is made of, as plain values for the template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from dashboards.addresses import Addresses
from dashboards.labels import Language
from dashboards.snapshot import Snapshot


@dataclass(frozen=True)
class Coded:
    """A name in a cell of a table, with the code that it stands for small beside it."""

    name: str
    code: str


@dataclass(frozen=True)
class Table:
    """Headings and rows of text. numeric: positions of the columns that are set to the right; unbroken: of those kept on one line.
    links: where a cell leads, by row and column; anchors: what a row is called, so that it can be led to."""

    headings: list[str]
    rows: list[tuple[Any, ...]]
    numeric: frozenset[int] = frozenset()
    unbroken: frozenset[int] = frozenset()
    links: Mapping[tuple[int, int], str] = field(default_factory=dict)
    anchors: Sequence[str] = ()


@dataclass(frozen=True)
class Chart:
    """A figure (as JSON), what it shows in words, and the table behind it. least_width: pixels below which it scrolls.
    A bar leads where the first cell of its row leads, a cell of a heat map where its cell of the table does (assets/site.js).
    is_listed: the table stands open under the chart, not folded."""

    id: str
    title: str
    note: str
    figure: str
    height: int
    table: Table
    least_width: int = 0
    is_listed: bool = False


@dataclass(frozen=True)
class Card:
    """One number of the overview. state: a threshold state, or empty. id: what `definitions.toml` calls it; link: where it leads."""

    title: str
    value: str
    details: list[str]
    state: str = ""
    verdict: str = ""
    id: str = ""
    link: str = ""


@dataclass(frozen=True)
class Listing:
    """A list of records or counts with a sentence above it, which stands alone when there is no table. is_alarming: the sentence is a warning."""

    id: str
    title: str
    note: str
    table: Table | None
    is_alarming: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the page under one heading: charts side by side, then listings."""

    id: str
    title: str
    charts: list[Chart] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """Everything that the template prints. facts: label and value of the header. year: None for all periods. cards_title and cards_note: what stands above and under the cards.
    root: the way from the page to the folder of the site; definitions: by the id of a card, chart or listing, where its numbers are defined."""

    language: Language
    year: int | None
    facts: list[tuple[str, str]]
    cards: list[Card]
    sections: list[Section]
    name: str = ""
    title: str = ""
    cards_title: str = ""
    cards_note: str = ""
    root: str = ""
    definitions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """What a section is made from: the snapshot, the language, the year (None for all periods), and cut to that year the rates of `period_kind` year
    and month; rules as `rules.named_rules` gives them. addresses: where its parts lead. manifest: what the snapshot says of itself."""

    snapshot: Snapshot
    language: Language
    year: int | None
    yearly: pl.DataFrame
    monthly: pl.DataFrame
    rules: pl.DataFrame
    addresses: Addresses
    manifest: Mapping[str, object] = field(default_factory=dict)
