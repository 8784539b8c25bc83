"""An identity lasts: two real audits with a correction between them, and several violations that share a record."""

from datetime import date
from pathlib import Path

import duckdb
import pytest
from audited_warehouse import FILE, SECOND_FILE, add_file, add_row, warehouse

from quality.audit import run_audit
from quality.checks import all_checks
from quality.desk.tracking import follow
from sources.definitions import datasets

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("watched_home")]
SECTION = datasets()["SECTION"]
CHECKS = [
    check for check in all_checks() if check.check_id in ("required_sections", "unique_record_sections", "credit_code_sections", "no_file_is_refused")
]


def _audit(path: Path, day: date) -> dict[tuple[object, ...], str]:
    run_audit(path, run_id=day.isoformat(), scratch=path.parent / "scratch", checks=CHECKS)
    follow(path, path.parent / "desk", run_id=day.isoformat(), as_of=day, known_at=day, scratch=path.parent / "scratch")
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute("SELECT check_id, record_key, column_name, source_row, finding_id FROM quality.findings").fetchall()
    assert len({row[-1] for row in rows}) == len(rows)
    return {row[:-1]: row[-1] for row in rows}


def _states(path: Path) -> dict[str, tuple[str, date | None]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return {row[0]: row[1:] for row in connection.execute("SELECT finding_id, state, closed_on FROM quality.tracked_findings").fetchall()}


def test_a_correction_closes_its_finding_and_the_others_stay_who_they_are(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with warehouse(path) as connection:
        add_file(connection)
        add_row(connection, SECTION, 2)
        for row in (3, 4):
            add_row(connection, SECTION, row, {"section_name": None, "section_content": None, "section_code": f"S{row}"}, record=row)
        # One record in two current rows: what the key does not tell apart, file and row do.
        for row in (5, 6):
            add_row(connection, SECTION, row, {"section_code": "S5"}, record=5)
    first = _audit(path, date(2018, 1, 1))
    assert len(first) == 6
    with warehouse_again(path) as connection:
        # The correction of record 3 fills one of two cells; it comes in another file.
        add_file(connection, SECOND_FILE, received=2)
        add_row(connection, SECTION, 2, {"section_name": "三标段", "section_content": None, "section_code": "S3"}, file=SECOND_FILE, record=3)
        # A file of one row that leaves a column empty would never fill it.
        add_row(connection, SECTION, 3, {"section_code": "S9"}, file=SECOND_FILE)
        connection.execute("INSERT INTO staging.superseded_rows VALUES ('sections', ?)", [FILE * 10**9 + 3])
        connection.execute("INSERT INTO staging.superseded_rows VALUES ('sections', ?)", [FILE * 10**9 + 5])
    second = _audit(path, date(2018, 1, 9))
    by_cell = {(check, key, column): finding for (check, key, column, _), finding in first.items() if check == "required_sections"}
    mended = by_cell.pop(("required_sections", "3", "section_name"))
    assert {(check, key, column): finding for (check, key, column, _), finding in second.items()} == by_cell
    both = {finding for (check, *_), finding in first.items() if check == "unique_record_sections"}
    states = _states(path)
    assert {finding for finding, (state, day) in states.items() if state == "closed" and day == date(2018, 1, 9)} == {mended, *both}
    assert {finding for finding, (state, _) in states.items() if state == "open"} == set(by_cell.values())


def test_of_two_rows_of_one_record_the_one_left_bears_the_plain_identity(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with warehouse(path) as connection:
        add_file(connection)
        for row in (2, 3, 4):
            add_row(connection, SECTION, row, {"section_code": "S5"}, record=5)
    first = _audit(path, date(2018, 1, 1))
    plain = next(finding for (_, _, _, row), finding in first.items() if row == FILE * 10**9 + 2)
    with warehouse_again(path) as connection:
        connection.execute("DELETE FROM raw.sections WHERE source_row = ?", [FILE * 10**9 + 2])
    second = _audit(path, date(2018, 1, 2))
    assert plain in second.values()
    states = _states(path)
    assert sorted(state for state, _ in states.values()) == ["closed", "open", "open"]


def test_a_file_keeps_its_identity_under_another_number(tmp_path: Path) -> None:
    found = []
    for number in (FILE, 7):
        path = tmp_path / str(number) / "warehouse.duckdb"
        path.parent.mkdir()
        with warehouse(path) as connection:
            add_row(connection, SECTION, 2)
            add_file(connection, number, None, status="refused", message="no reader")
            connection.execute("UPDATE meta.deliveries SET file = 'a.csv'")
        found.append(_audit(path, date(2018, 1, 1)))
    assert list(found[0].values()) == list(found[1].values())
    assert len(found[0]) == 1


def warehouse_again(path: Path) -> duckdb.DuckDBPyConnection:
    """The warehouse opened once more."""
    return duckdb.connect(str(path))
