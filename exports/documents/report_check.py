"""A report that someone else wrote, held against the records: which of its figures are reproduced, which differ by how much, which cannot be derived.

The figures that reports call by these names are `indicators.toml`; of a source whose own report is in the warehouse, `marts.published_figures` has more.
Verdicts are given by the snapshot's own functions, those that judged `marts.published_figures`.
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from exports.answers.asking import named, plain
from exports.documents.errors import DocumentError
from exports.documents.figures import Asking, plain_number
from exports.documents.indicators import indicator, indicators
from exports.documents.occasion import Occasion, Source

_HEADINGS = {
    "indicator": "indicator", "指标": "indicator", "value": "value", "数值": "value", "公布数": "value", "operator": "operator", "关系": "operator",
    "unit": "unit", "单位": "unit", "phrase": "phrase", "原文": "phrase", "report": "report",
}  # fmt: skip
_OPERATORS = ("=", ">=", "<=", "<")
_NUMBER = re.compile(r"(?P<number>-?\d[\d,]*(?:\.\d+)?)(?P<behind>\D*)", re.ASCII)
#: What stands behind a number in a report, and the bound it means.
_BOUNDS = (("以上", ">="), ("余", ">="), ("多", ">="), ("以内", "<="), ("以下", "<="))


@dataclass(frozen=True)
class Published:
    """A figure as a report prints it."""

    indicator: str
    operator: str
    value: str
    unit: str
    phrase: str


@dataclass(frozen=True)
class Checked:
    """A published figure beside the one that the records give."""

    published: Published
    computed: Decimal | None
    difference: Decimal | None
    verdict: str
    reason: str | None


def check_report(occasion: Occasion, file: Path, source_id: str | None) -> list[Checked]:
    """Every figure of the file, in its order, for the occasion's year and a source that covers it (the only one, when none is named).

    Raises DocumentError for a file that is none, naming line and column, and for a source that is not there.
    """
    source = _source(occasion, source_id)
    asking = Asking(occasion.connection, source.source_id, occasion.period.start.year, occasion.as_of)
    own = _own_report(occasion.connection, source.source_id, asking.year)
    checked = [_check(occasion.connection, asking, own, published) for published in read_published(file, source.source_id)]
    if not checked:
        raise DocumentError(f"{file}: no figure of {source.source_id} in it; write one a line: indicator, value, and the words it stands in")
    return checked


def counted(checked: list[Checked]) -> Counter[str]:
    """How many figures have which verdict."""
    return Counter(one.verdict for one in checked)


def read_published(file: Path, source_id: str) -> Iterator[Published]:
    """The figures of a CSV file with the columns indicator and value, and operator, unit and phrase where it has them; of a file that tells of several
    reports, those of the source. Raises DocumentError."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DocumentError(f"{file}: {error.strerror or error}") from error
    rows = csv.reader(io.StringIO(_decoded(file, content), newline=""), strict=True)
    try:
        headings = [_HEADINGS.get(heading.strip().lower(), heading.strip()) for heading in next(rows, [])]
        for column in ("indicator", "value"):
            if column not in headings:
                raise DocumentError(f"{file} line 1: no column {column}; the columns are indicator, value, and if known operator, unit, phrase")
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(headings):
                raise DocumentError(f"{file} line {rows.line_num}: {len(cells)} cells under {len(headings)} headings; put text with commas in quotes")
            told = {heading: plain(cell).strip() for heading, cell in zip(headings, cells, strict=True)}
            if told.get("report", source_id) == source_id:
                yield _published(file, rows.line_num, told)
    except csv.Error as error:
        raise DocumentError(f"{file} line {rows.line_num}: {error}") from error


def _decoded(file: Path, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DocumentError(f"{file}: neither UTF-8 nor GB18030; save it as CSV in UTF-8")


def _published(file: Path, line: int, told: dict[str, str]) -> Published:
    if not told["indicator"]:
        raise DocumentError(f"{file} line {line}, column indicator: empty; name the figure, for example requests_received")
    written = _NUMBER.fullmatch(unicodedata.normalize("NFKC", told["value"]).strip())
    value, unit, bound = told["value"], told.get("unit", ""), "="
    if written:
        value, behind = written["number"].replace(",", ""), written["behind"].strip()
        for words, operator in _BOUNDS:
            if words in behind:
                behind, bound = behind.replace(words, "", 1).strip(), operator
                break
        value, behind = _whole(value, behind)
        unit = unit or behind
    operator = told.get("operator", "") or bound
    if operator not in _OPERATORS:
        raise DocumentError(f"{file} line {line}, column operator: {operator!r} is none of {', '.join(_OPERATORS)}")
    return Published(told["indicator"], operator, value, unit, told.get("phrase", ""))


def _whole(number: str, behind: str) -> tuple[str, str]:
    """1.5万件 is 15000 件; 万元 and 亿元 are units of money and stay."""
    for word, factor in (("万", 10_000), ("亿", 100_000_000)):
        if behind.startswith(word) and not behind.startswith(f"{word}元"):
            return plain_number(Decimal(number) * factor), behind.removeprefix(word)
    return number, behind


def _source(occasion: Occasion, source_id: str | None) -> Source:
    there = [source.source_id for source in occasion.sources]
    chosen = [source for source in occasion.sources if source_id in (None, source.source_id)]
    if len(chosen) != 1:
        problem = "say which source with --source" if source_id is None else f"no source {plain(source_id)!r} covers {occasion.period}"
        raise DocumentError(f"{problem}; there are {named(there)}")
    return chosen[0]


def _own_report(connection: duckdb.DuckDBPyConnection, source_id: str, year: int) -> dict[str, tuple[Decimal | None, str | None]]:
    """What the records give for the figures of the source's own report, if that is of this year or of a masked one, and why nothing does."""
    rows = connection.execute(
        """
        SELECT indicator, computed, reason FROM marts.published_figures WHERE report = $source
        QUALIFY coalesce(mode(try_cast(substr(period, 1, 4) AS INTEGER)) OVER () = $year, true)
        """,
        {"source": source_id, "year": year},
    ).fetchall()
    return {name: (computed, reason) for name, computed, reason in rows}


def _check(
    connection: duckdb.DuckDBPyConnection, asking: Asking, own: dict[str, tuple[Decimal | None, str | None]], published: Published
) -> Checked:  # fmt: skip
    known = published.indicator in indicators()
    computed, why = own.get(published.indicator, (None, None))
    if published.indicator not in own and known:
        computed = indicator(asking, published.indicator).number
    is_counted = why == "dataset_not_delivered" if published.indicator in own else known
    ((difference, verdict, reason),) = connection.execute(
        """
        SELECT ($figure::DECIMAL(20, 6) - number)::DECIMAL(20, 6), figures.figure_verdict($operator, number, $figure::DECIMAL(20, 6)),
               figures.figure_reason(number, $figure::DECIMAL(20, 6), $is_counted)
        FROM (SELECT try_cast($value AS DECIMAL(20, 6)) AS number)
        """,
        {"figure": computed, "operator": published.operator, "value": published.value, "is_counted": is_counted},
    ).fetchall()
    if reason == "no_dataset_states_it" and not known and published.indicator not in own:
        reason = "unknown_indicator"
    return Checked(published, computed, difference, verdict, reason)
