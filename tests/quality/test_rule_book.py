"""A wrong row of the rule book is refused by line, rule and column before anything is built."""

import csv
import shutil
from pathlib import Path

import pytest

from dagster_project.project import DBT
from quality.rule_book import rule_book_complaints


def _changed(folder: Path, rule: str, **cells: str) -> Path:
    """The project's rule book with the cells of the first version of one rule changed."""
    (folder / "seeds").mkdir()
    for name in ("dbt_project.yml", "seeds/_rule_book.yml"):
        shutil.copy(DBT / name, folder / name)
    with (DBT / "seeds" / "rule_book.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    next(row for row in rows if row["rule_id"] == rule).update(cells)
    with (folder / "seeds" / "rule_book.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_the_rule_book_is_sound() -> None:
    assert rule_book_complaints(DBT) == []


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"trigger_event": "moon_rose"}, ["line 9", "rule P-08", "column trigger_event", "'moon_rose'", "supplier_determined"]),
        ({"duty_event": "moon_set"}, ["column duty_event", "'moon_set'"]),
        ({"label_en": ""}, ["line 9", "rule P-08", "column label_en", "empty"]),
        ({"label_en": "公告结果"}, ["line 9", "column label_en", "'公告结果' is Chinese"]),
        ({"label_en": "Award"}, ["line 10", "column label_en", "differs from 'Award' of line 9"]),
        ({"note_en": ""}, ["line 9", "column note_en", "write both or none"]),
        ({"legal_source": " "}, ["column legal_source", "empty"]),
        ({"valid_to": ""}, ["line 10", "rule P-08", "overlaps version 1 of line 9"]),
        ({"valid_to": "2014-01-01"}, ["column valid_to", "2014-01-01 lies before 2015-03-01"]),
        ({"version": "2", "valid_to": ""}, ["column version", "line 9 already"]),
        # The whole country and a part of it are the same place where they overlap; a version is one rule's, wherever it holds.
        ({"region_prefix": "42", "valid_to": ""}, ["line 10", "overlaps version 1 of line 9"]),
        ({"region_prefix": "42", "version": "2", "valid_to": "2017-09-30"}, ["column version", "line 9 already"]),
        ({"transaction_type": "construction", "version": "2"}, ["column version", "line 9 already"]),
        ({"amount": "two"}, ["column amount", "'two' is no whole number"]),
        ({"unit": "week"}, ["column unit", "'week'", "working_day"]),
        ({"kind": "soon"}, ["column kind", "'soon'"]),
        ({"status": "Z"}, ["column status", "'Z'"]),
        ({"valid_from": "1 May 2019"}, ["column valid_from", "'1 May 2019' is no date"]),
        ({"transaction_type": "barter"}, ["column transaction_type", "'barter'"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_wrong_row_is_refused_by_name(tmp_path: Path, cells: dict[str, str], said: list[str]) -> None:
    complaints = rule_book_complaints(_changed(tmp_path, "P-08", **cells))
    assert complaints
    for part in said:
        assert part in "\n".join(complaints)
