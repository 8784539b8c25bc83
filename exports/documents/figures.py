"""The figures of reports: each looked up in `marts.statistics` or a query on the snapshot, and the query of the rows that it counts. Figures are data (`figures.toml`);
nothing is counted in Python."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path

import duckdb

from exports.documents.errors import DocumentError
from sources.definitions import datasets
from sources.masking import masked
from sources.warehouse import ROWS_PER_DELIVERY

MISSING = "暂缺"
"""Stands where no record tells the figure; a zero is written as 0 and means that it was counted."""

_PARAMETER = re.compile(r"\$([a-z_]+)")
RANGES_SHOWN = 12


@dataclass(frozen=True)
class Figure:
    """A figure of one source and year: the indicator `statistic` of `marts.statistics`, of this `subject` where it tells of one, both with their parameters; or what the
    query `value` gives. Where that is nothing, the figure is zero if the data set was delivered for the whole year and `counts_nothing_as_zero`, else missing.
    `rows` gives the source_row of every record counted, and is empty where the figure counts no records."""

    name: str
    label: str
    unit: str
    dataset: str
    statistic: str = ""
    subject: str = ""
    value: str = ""
    rows: str = ""
    counts_nothing_as_zero: bool = True


@dataclass(frozen=True)
class Valued:
    """A figure with its number, `None` where no record tells it, and the parameters it was asked with."""

    figure: Figure
    parameters: Mapping[str, object]
    number: Decimal | None

    @property
    def text(self) -> str:
        return MISSING if self.number is None else plain_number(self.number)

    @property
    def query(self) -> str:
        """The query on one line, its parameters filled in, as a person can ask it of the snapshot."""
        if self.figure.value:
            return _filled(self.figure.value, self.parameters)
        statistic, subject = _key(self.figure, self.parameters)
        of = "subject IS NULL" if subject is None else "subject = $subject"
        return _filled(
            f"SELECT value {_STATISTICS} AND indicator = $statistic AND {of}", {**self.parameters, "statistic": statistic, "subject": subject}
        )


@dataclass(frozen=True)
class Rows:
    """Rows of one delivered file: how many, and their numbers as ranges such as `2–136`."""

    file: str
    count: int
    ranges: str


@dataclass
class Asking:
    """Figures of one source and year, each asked once and kept: what was used is what the appendix lists."""

    connection: duckdb.DuckDBPyConnection
    source_id: str
    year: int
    as_of: date
    used: dict[tuple, Valued] = field(default_factory=dict)

    @cached_property
    def statistics(self) -> dict[tuple[str, str | None], Decimal]:
        """What `marts.statistics` tells of the source and year, by indicator and subject: read once, for every figure."""
        rows = self.connection.execute(f"SELECT indicator, subject, value {_STATISTICS}", {"source": self.source_id, "year": self.year}).fetchall()
        return {(indicator, subject): value for indicator, subject, value in rows}

    def figure(self, name: str, **parameters: str) -> Valued:
        """The figure with its number. Raises DocumentError for a name that `figures.toml` does not define."""
        key = (name, *sorted(parameters.items()))
        if key not in self.used:
            if name not in figures():
                raise DocumentError(f"no figure {name!r}; figures.toml defines {', '.join(figures())}")
            self.used[key] = self._ask(figures()[name], {"source": self.source_id, "year": self.year, "as_of": self.as_of, **parameters})
        return self.used[key]

    def rows(self, valued: Valued) -> list[Rows]:
        """The delivered rows behind a figure, by file."""
        if not valued.figure.rows:
            return []
        found = self.connection.execute(_ROWS.replace("{rows}", valued.figure.rows), _used(valued.figure.rows, valued.parameters)).fetchall()
        return [Rows(*row) for row in found]

    def _ask(self, figure: Figure, parameters: Mapping[str, object]) -> Valued:
        if figure.value:
            answer = self.connection.execute(figure.value, _used(figure.value, parameters)).fetchall()
            number = answer[0][0] if answer else None
        else:
            number = self.statistics.get(_key(figure, parameters))
        if number is None and figure.counts_nothing_as_zero and self._is_told(figure.dataset):
            number = 0
        return Valued(figure, parameters, None if number is None else Decimal(number))

    def _is_told(self, dataset: str) -> bool:
        """Whether the data set was delivered for the whole year: what is not found in it was not there."""
        asked = {"source": self.source_id, "dataset": dataset, "year": self.year}
        return bool(
            self.connection.execute("FROM figures.covered_years WHERE source_id = $source AND dataset = $dataset AND year = $year", asked).fetchall()
        )


_STATISTICS = "FROM marts.statistics WHERE source_id = $source AND year = $year"

_ROWS = f"""
WITH counted AS ({{rows}}),
lines AS (SELECT DISTINCT source_row // {ROWS_PER_DELIVERY} AS delivery_number, source_row % {ROWS_PER_DELIVERY} AS line FROM counted),
islands AS (SELECT delivery_number, line, line - row_number() OVER (PARTITION BY delivery_number ORDER BY line) AS island FROM lines),
ranges AS (SELECT delivery_number, min(line) AS first, max(line) AS last, count(*) AS lines FROM islands GROUP BY delivery_number, island)
SELECT {masked("file")}, sum(lines)::BIGINT,
       array_to_string(list(CASE WHEN first = last THEN first::VARCHAR ELSE first || '–' || last END ORDER BY first)[1:{RANGES_SHOWN}], '、')
       || CASE WHEN count(*) > {RANGES_SHOWN} THEN '…' ELSE '' END
FROM ranges JOIN meta.deliveries USING (delivery_number) GROUP BY file ORDER BY file
"""


@cache
def figures() -> dict[str, Figure]:
    """Every figure by its name."""
    content = tomllib.loads(Path(__file__).with_name("figures.toml").read_text(encoding="utf-8"))
    return {name: Figure(name=name, **told) for name, told in content.items()}


def information_datasets() -> set[str]:
    """The data sets that tell of government information: who delivers none of them has nothing to report of it."""
    return {dataset.name for dataset in datasets().values() if dataset.transaction_type == "government_information"}


def _key(figure: Figure, parameters: Mapping[str, object]) -> tuple[str, str | None]:
    """Indicator and subject of a figure in `marts.statistics`, with what it was asked with."""
    statistic, subject = (_PARAMETER.sub(lambda match: str(parameters[match[1]]), text) for text in (figure.statistic, figure.subject))
    return statistic, subject or None


def plain_number(number: Decimal | int) -> str:
    """A number without the zeros behind it, never in scientific notation."""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _used(sql: str, parameters: Mapping[str, object]) -> dict[str, object]:
    """DuckDB refuses parameters that a query does not name."""
    return {name: parameters[name] for name in dict.fromkeys(_PARAMETER.findall(sql))}


def _filled(sql: str, parameters: Mapping[str, object]) -> str:
    def literal(match: re.Match[str]) -> str:
        value = parameters[match[1]]
        text = str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
        return f"DATE {text}" if isinstance(value, date) else text

    return _PARAMETER.sub(literal, " ".join(sql.split()))
