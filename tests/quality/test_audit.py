"""How an audit behaves: every row kept, reruns replace, one broken check harms no other, the file is free afterwards."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from audited_warehouse import FILE, SECOND_FILE, add_file, add_row, add_sound_city, warehouse

from quality.audit import AuditResult, run_audit
from quality.checks import Check, all_checks
from sources.definitions import datasets
from sources.warehouse import ROWS_PER_DELIVERY

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("watched_home")]
SECTION = datasets()["SECTION"]
BROKEN = Check("broken", "SECTION", "validity", "blocks_publication", "SELECT CAST('13812345678x' AS INTEGER) AS record_key", "SELECT 1")


def _checks(*check_ids: str) -> list[Check]:
    return [check for check in all_checks() if check.check_id in check_ids]


def _audit(path: Path, *checks: Check, run_id: str = "run") -> AuditResult:
    return run_audit(path, run_id=run_id, scratch=path.parent / "it's scratch", checks=checks)


def _rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.thorough
def test_all_thousand_failing_rows_are_kept_and_a_rerun_replaces_them(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path) as connection:
        add_file(connection)
        add_row(connection, SECTION, 2)
        connection.execute("INSERT INTO raw.sections SELECT sections.* REPLACE (source_row + 1 + range AS source_row, source_row + 1 + range AS row_hash, "
                           "source_row + 1 + range AS record_key, NULL AS section_name) FROM raw.sections, range(1000)")  # fmt: skip
    for run_id in ("first", "second"):
        result = _audit(path, *_checks("required_sections"), run_id=run_id)
        assert result.findings == result.checks[0].unexpected == 1000
        kept = _rows(
            path, "SELECT run_id, count(*), count(DISTINCT record_key), min(source_row), max(source_row) FROM quality.findings GROUP BY run_id"
        )
        assert kept == [(run_id, 1000, 1000, FILE * ROWS_PER_DELIVERY + 3, FILE * ROWS_PER_DELIVERY + 1002)]
        assert _rows(path, "SELECT DISTINCT run_id FROM quality.checks") == [(run_id,)]


def test_one_broken_check_is_reported_and_harms_no_other(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path) as connection:
        add_sound_city(connection)
        add_row(connection, SECTION, 3, {"section_name": None})
    absent = replace(BROKEN, check_id="absent", violations="SELECT nowhere FROM nothing")
    uncounted = replace(BROKEN, check_id="uncounted", violations="SELECT 'a' AS record_key", evaluated="SELECT nope")
    result = _audit(path, BROKEN, absent, uncounted, *_checks("required_sections"))
    assert [outcome.success for outcome in result.checks] == [False] * 4
    assert result.blocking_failures == ["broken", "absent", "uncounted"]
    assert (result.checks[3].unexpected, result.checks[3].error, result.findings) == (1, None, 1)
    assert "nothing" in str(result.checks[1].error)
    errors = dict(_rows(path, "SELECT check_id, error FROM quality.checks WHERE error IS NOT NULL"))
    assert set(errors) == {"broken", "absent", "uncounted"}
    assert "Conversion Error" in str(errors["broken"]) and "13812345678" not in str(errors["broken"])


def test_the_file_is_free_for_another_process(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path) as connection:
        add_sound_city(connection)
    _audit(path, BROKEN, *_checks("conservation"))
    script = f"import duckdb; c = duckdb.connect({str(path)!r}); c.execute('CREATE TABLE t (i INTEGER)'); print(c.execute('FROM quality.checks').fetchall())"
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert other.returncode == 0, other.stderr
    assert "conservation" in other.stdout


def test_a_failed_write_leaves_the_last_audit_whole(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path) as connection:
        add_sound_city(connection)
        add_row(connection, SECTION, 3, {"section_name": None})
    _audit(path, *_checks("required_sections"), run_id="first")
    impossible = replace(_checks("conservation")[0], threshold=2**70)
    with pytest.raises(duckdb.Error):
        _audit(path, impossible, run_id="second")
    assert _rows(path, "SELECT run_id FROM quality.checks UNION ALL SELECT run_id FROM quality.findings") == [("first",), ("first",)]


def test_a_check_cannot_change_the_warehouse(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path) as connection:
        add_sound_city(connection)
    vandal = replace(BROKEN, check_id="vandal", violations="SELECT 'a' AS record_key WHERE false", evaluated="DELETE FROM raw.sections")
    assert _audit(path, vandal).blocking_failures == ["vandal"]
    assert _rows(path, "SELECT count(*) FROM raw.sections") == [(1,)]


def test_a_column_that_a_file_never_fills_is_one_finding_a_file(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path) as connection:
        for number in (FILE, SECOND_FILE):
            add_file(connection, number)
        for number in range(2, 12):
            add_row(connection, SECTION, number, {"section_content": None})
            add_row(connection, SECTION, number, {"section_content": None if number == 2 else "X"}, file=SECOND_FILE)
    outcome = _audit(path, *_checks("required_sections")).checks[0]
    found = _rows(path, "SELECT column_name, source_file, source_row, reason FROM quality.findings ORDER BY source_row")
    assert found == [
        ("section_content", "1.csv", FILE * ROWS_PER_DELIVERY, "整个文件从未提供必填项“标段（包）内容”"),
        ("section_content", "2.csv", SECOND_FILE * ROWS_PER_DELIVERY + 2, "必填项“标段（包）内容”为空"),
    ]
    required = sum(column.required for column in SECTION.columns)
    assert outcome.evaluated == 20 * required - 9


def test_what_was_replaced_or_withdrawn_or_held_is_not_missing(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path) as connection:
        add_sound_city(connection)
        replaced = add_row(connection, SECTION, 3, {"section_name": None, "region_code": "999999", "price_unit": "7", "unified_deal_code": "?"})
        connection.execute("INSERT INTO staging.superseded_rows VALUES ('sections', ?)", [replaced])
        add_row(connection, SECTION, 4, {column.name: None for column in SECTION.columns}, is_withdrawn=True)
        add_row(connection, SECTION, 5, {"estimated_price": None}, held=1)
        connection.execute(
            "INSERT INTO meta.held_values (delivery_id, dataset, row_number, column_name) VALUES ('f1', 'SECTION', 5, 'estimated_price')"
        )
    result = _audit(path, *(check for check in all_checks() if check.check_id.endswith("_sections")))
    assert [(outcome.check.check_id, outcome.unexpected, outcome.error) for outcome in result.checks if not outcome.success] == []


def test_a_region_is_asked_of_the_day_of_the_record(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path) as connection:
        add_sound_city(connection)  # 330103 was abolished on 2021-04-09
        for number, day in ((3, "2021-04-08 23:59:59+08"), (4, "2021-04-09 00:00:00+08")):
            add_row(connection, SECTION, number, {"region_code": "330103", "created_at": day})
    _audit(path, *_checks("known_region_sections"))
    found = _rows(path, "SELECT source_row % 100, value, reason FROM quality.findings")
    assert found == [(4, "330103", "行政区划代码在2021-04-09无效（未设立或已撤销）")]


def test_sections_are_asked_only_of_sources_that_register_them(tmp_path: Path) -> None:
    path, award = tmp_path / "w.duckdb", datasets()["WIN_RESULT_ANNO"]
    with warehouse(path) as connection:
        add_file(connection, FILE, award.name)
        add_row(connection, award, 2, {"section_code": "S2;S3"})
    asked = _checks("registered_section_award_notices")
    assert not _audit(path, *asked).checks[0].is_applicable
    with duckdb.connect(str(path)) as connection:
        add_file(connection, SECOND_FILE)
        connection.execute("INSERT INTO meta.quarantine (delivery_id, dataset, row_number, subject_code) VALUES ('f2', 'SECTION', 2, 'S3')")
    outcome = _audit(path, *asked).checks[0]
    assert (outcome.evaluated, outcome.unexpected) == (2, 1)
    assert _rows(path, "SELECT value FROM quality.findings") == [("S2",)]


def test_a_threshold_of_98_compares_integers(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path) as connection:
        for region, met, missed in (("1", 98, 2), ("2", 9799, 201), ("3", 0, 0), ("4", 97996, 2000)):
            connection.execute(
                "INSERT INTO marts.timeliness (period_kind, region_code, met, missed) VALUES ('year', $1, $2, $3), ('month', $1, 0, $3)",
                [region, met, missed],
            )
    outcome = _audit(path, *_checks("timeliness_98")).checks[0]
    assert (outcome.evaluated, outcome.unexpected) == (3, 2)
    # 97996 / 99996 is 98.0 % when rounded, and still below: 9799600 < 9799608.
    assert sorted(_rows(path, "SELECT record_key, value FROM quality.findings")) == [("2", "9799 / 10000"), ("4", "97996 / 99996")]


def test_of_a_data_set_without_a_row_only_what_forbids_publication_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with warehouse(path) as connection:
        add_file(connection)
        add_row(connection, datasets()["COMPLAINT_INFO"], 2, is_withdrawn=True)
    blocking = replace(BROKEN, violations="SELECT 'a' AS record_key", evaluated="SELECT 1")
    result = _audit(path, blocking, *_checks("required_sections", "required_complaints", "conservation"))
    asked = [outcome.check.check_id for outcome in result.checks]
    # One withdrawn row is a row; of sections nothing came, and the check that would block is asked all the same.
    assert sorted(asked) == ["broken", "conservation", "required_complaints"]
    assert _rows(path, "SELECT check_id FROM quality.checks ORDER BY 1") == [("broken",), ("conservation",), ("required_complaints",)]
    assert result.blocking_failures == ["broken"]


def test_a_condition_is_asked_for_only_where_it_holds(tmp_path: Path) -> None:
    path, receipt = tmp_path / "w.duckdb", datasets()["PUSH_RECEIPT"]
    with warehouse(path) as connection:
        add_file(connection)
        for number, status in enumerate(("待回执", "已接收", "已退回"), start=2):
            add_row(connection, receipt, number, {"status": status, "accepted_at": None, "refusal_code": None})
    outcome = _audit(path, *_checks("required_push_receipts")).checks[0]
    found = _rows(path, "SELECT source_row % 100, column_name FROM quality.findings ORDER BY 1")
    assert found == [(3, "accepted_at"), (4, "refusal_code")]
    assert outcome.evaluated == 3 * sum(column.required for column in receipt.columns) + 2


def test_a_parent_is_asked_only_of_sources_that_deliver_it(tmp_path: Path) -> None:
    path, listing, result = tmp_path / "w.duckdb", datasets()["LISTING_PUB_INFO"], datasets()["TRADE_RESULT_INFO"]
    with warehouse(path) as connection:
        add_file(connection, FILE, result.name)
        for number, code in enumerate(("P1", "P2", "P3"), start=2):
            add_row(connection, result, number, {"project_code": code})
    asked = _checks("known_parent_property_results")
    assert not _audit(path, *asked).checks[0].is_applicable
    with duckdb.connect(str(path)) as connection:
        add_file(connection, SECOND_FILE, listing.name)
        add_row(connection, listing, 2, {"project_code": "P1"}, file=SECOND_FILE)
        add_row(connection, listing, 3, {"project_code": "P2"}, file=SECOND_FILE, is_withdrawn=True)
        connection.execute("INSERT INTO meta.quarantine (delivery_id, dataset, row_number, subject_code) VALUES ('f2', $1, 4, 'P3')", [listing.name])
    outcome = _audit(path, *asked).checks[0]
    assert (outcome.evaluated, outcome.unexpected) == (3, 1)
    assert _rows(path, "SELECT value FROM quality.findings") == [("P2",)]


def test_a_code_of_nine_digits_is_asked_for_its_region(tmp_path: Path) -> None:
    path, violation = tmp_path / "w.duckdb", datasets()["VIOLATING_LAWS_RULES_INFO"]
    with warehouse(path) as connection:
        add_sound_city(connection)
        for number, code in enumerate(("420500", "420500001", "999999001", "42050000"), start=3):
            add_row(connection, violation, number, {"region_code": code})
    _audit(path, *_checks("known_region_violations"))
    assert _rows(path, "SELECT source_row % 100, value FROM quality.findings ORDER BY 1") == [(5, "999999"), (6, "42050000")]
