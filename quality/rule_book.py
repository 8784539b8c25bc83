"""What a rule book may not say: read before anything is built from it, so that a wrong row is refused by name."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

_RULE_BOOK, _DESCRIPTION, _PROJECT = Path("seeds/rule_book.csv"), Path("seeds/_rule_book.yml"), Path("dbt_project.yml")
_REQUIRED = ("rule_id", "label", "label_en", "transaction_type", "jurisdiction", "legal_source")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_OPEN = date.max

Row = Mapping[str, str]


def rule_book_complaints(models: Path) -> list[str]:
    """What is wrong with the rule book of the dbt project in ``models``: one line each, naming row, rule, column, value and what to do."""
    allowed = _accepted_values(yaml.safe_load((models / _DESCRIPTION).read_text(encoding="utf-8")))
    variables = yaml.safe_load((models / _PROJECT).read_text(encoding="utf-8"))["vars"]
    events = {event["name"] for event in variables["event_types"]}
    transaction_types = {table["transaction_type"] for table in variables["raw_tables"].values()}
    with (models / _RULE_BOOK).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    known = {**allowed, "trigger_event": events, "duty_event": events, "transaction_type": transaction_types}
    return [*_cells(rows, known), *_names(rows), *_overlaps(rows)]


def _accepted_values(description: Any) -> dict[str, set[str]]:
    """The lists that dbt tests the columns by."""
    found = {}
    for column in description["seeds"][0]["columns"]:
        for test in column.get("data_tests", []):
            if isinstance(test, dict) and "accepted_values" in test:
                found[column["name"]] = set(test["accepted_values"]["arguments"]["values"])
    return found


def _where(number: int, row: Row, column: str) -> str:
    return f"{_RULE_BOOK} line {number + 2}, rule {row.get('rule_id') or '?'}, column {column}"


def _cells(rows: Iterable[Row], known: Mapping[str, set[str]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        for column in _REQUIRED:
            if not (row.get(column) or "").strip():
                yield f"{_where(number, row, column)}: empty; every rule states it"
        for column, values in known.items():
            if row.get(column) and row[column] not in values:
                yield f"{_where(number, row, column)}: {row[column]!r} is unknown; one of: {', '.join(sorted(values))}"
        for column in ("version", "amount"):
            if not re.fullmatch(r"[0-9]+", row.get(column) or ""):
                yield f"{_where(number, row, column)}: {row.get(column)!r} is no whole number"
        for column in ("valid_from", "valid_to"):
            if (row.get(column) or column == "valid_from") and _day(row.get(column)) is None:
                yield f"{_where(number, row, column)}: {row.get(column)!r} is no date; write YYYY-MM-DD"


def _names(rows: Iterable[Row]) -> Iterator[str]:
    """What is said in English is English, a note is there in both languages, and a Chinese name has one English name in every version."""
    first: dict[tuple[str, str], tuple[int, str]] = {}
    for number, row in enumerate(rows):
        for column, chinese in (("label_en", "label"), ("note_en", "note")):
            if _CHINESE.search(row.get(column) or ""):
                yield f"{_where(number, row, column)}: {row[column]!r} is Chinese; write it in English, the Chinese stands in {chinese}"
        if bool(row.get("note")) != bool(row.get("note_en")):
            yield f"{_where(number, row, 'note_en')}: {row.get('note_en') or ''!r} beside the note {row.get('note') or ''!r}; write both or none"
        name = row.get("label_en") or ""
        line, known = first.setdefault((row.get("rule_id") or "", row.get("label") or ""), (number + 2, name))
        if name != known:
            yield f"{_where(number, row, 'label_en')}: {name!r} differs from {known!r} of line {line}, which has the same Chinese name"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _meet(row: Row, other: Row) -> bool:
    """Whether both versions ask about one kind of transaction in one place: a part of a region lies in the region."""
    prefixes = [place["region_prefix"] or "" for place in (row, other)]
    return row["transaction_type"] == other["transaction_type"] and (prefixes[0].startswith(prefixes[1]) or prefixes[1].startswith(prefixes[0]))


def _overlaps(rows: Iterable[Row]) -> Iterator[str]:
    """Two versions of one rule that hold on the same day in the same place would judge one duty twice. A version is found by rule and number alone."""
    placed = [(number, row, _day(row["valid_from"]), _day(row["valid_to"]) or _OPEN) for number, row in enumerate(rows)]
    for number, row, begins, ends in placed:
        if begins is None:
            continue
        if ends < begins:
            yield f"{_where(number, row, 'valid_to')}: {ends} lies before {begins}; a version holds from valid_from to valid_to"
        for earlier, other, other_begins, other_ends in placed[:number]:
            if row["rule_id"] != other["rule_id"]:
                continue
            if row["version"] == other["version"]:
                yield f"{_where(number, row, 'version')}: {row['version']} stands in line {earlier + 2} already"
            elif _meet(row, other) and other_begins is not None and begins <= other_ends and other_begins <= ends:
                yield (
                    f"{_where(number, row, 'valid_from')}: version {row['version']} overlaps version {other['version']} of line {earlier + 2}; "
                    "let the one end on the day before the other begins"
                )
