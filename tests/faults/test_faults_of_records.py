"""Faults that only the other records, the day or the calendar show: delivered, loaded, modelled and audited for real, all in one warehouse.

What must come of each is in the issue: named where it stands, counted, never taken for a lapse of somebody else, and gone when it is mended.
"""

import csv
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from quality.audit import run_audit
from sources.loader import load_deliveries
from tests.dbt.building import build

pytestmark = pytest.mark.thorough

AS_OF = "2018-01-25"
SENT = "20180120090000"
#: 30 days for the contract: until 2018-01-10.
LETTER = "20171211100000"

Rows = list[dict[str, str]]


def section(code: str, **cells: str) -> dict[str, str]:
    return {"BID_SECTION_CODE": code, "REGION_CODE": "421281", "CREATE_TIME": "20171101090000", "PRICE_UNIT": "1"} | cells


def contract(code: str, signed: str, **cells: str) -> dict[str, str]:
    return {"BID_SECTION_CODE": code, "CONTRACT_SIGN_TIME": signed, "DATA_TYPE": "1", "DATA_KEY": f"C-{code}", "DATA_TIMESTAMP": SENT} | cells


def publicity(code: str, start: str, end: str) -> dict[str, str]:
    return {"BID_SECTION_CODES": code, "PUBLICITY_START_TIME": start, "PUBLICITY_END_TIME": end}


FIRST: dict[str, Rows] = {
    "SECTION": [
        *(section(code) for code in ("SOUND", "DELETED", "OLD", "FUTURE", "BACKWARDS", "TWICE", "UNPUBLISHED")),
        section("UNKNOWN-CODES", PRICE_UNIT="7", REGION_CODE="999999"),
    ],
    "EVALUATION_REPORT": [
        *({"BID_SECTION_CODE": code, "AWARD_LETTER_TIME": LETTER} for code in ("SOUND", "DELETED", "FUTURE", "TWICE")),
        {"BID_SECTION_CODE": "UNPUBLISHED", "AWARD_LETTER_TIME": "20031120100000"},
    ],
    "CONTRACT_PERFORMANCE": [
        contract("SOUND", "20180105100000"),
        contract("DELETED", "", DATA_TYPE="3"),
        contract("FUTURE", "20180601100000"),
        contract("TWICE", "20180105100000"),
        contract("TWICE", "20180115100000"),
        contract("UNPUBLISHED", "20031210100000"),
        contract("PARENT-LATER", "20180105100000"),
        contract("PARENT-NEVER", "20180105100000"),
    ],
    "TENDER_CANDIDATE_ANNOUNCE": [
        publicity("OLD", "19380302090000", "20170306090000"),
        publicity("BACKWARDS", "20171206090000", "20171201090000"),
    ],
    "WITHDRAW_BLACK_LIST": [
        {"BLACKLIST_CODE": "ENTRY-LATER", "APPLICATION_DATE": "20171206090000"},
        {"BLACKLIST_CODE": "ENTRY-NEVER", "APPLICATION_DATE": "20171206090000"},
    ],
    "BLACK_LIST": [{"BLACKLIST_CODE": "ANOTHER", "RECORD_DATE": "20171206090000"}],
    "NOBODY_KNOWS_THIS": [{"A": "1"}],
}
THEN: dict[str, Rows] = {
    "SECTION": [section("PARENT-LATER")],
    "BLACK_LIST": [{"BLACKLIST_CODE": "ENTRY-LATER", "RECORD_DATE": "20171201090000"}],
}


def write(folder: Path, files: dict[str, Rows]) -> Path:
    folder.mkdir()
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(dict.fromkeys(heading for row in rows for heading in row)), restval="")
            writer.writeheader()
            writer.writerows(rows)
    (folder / "delivery.toml").write_text(
        'source_id = "told"\nlabel = "told"\nregion_code = "421281"\ncovers_from = 2003-01-01\ncovers_to = 2018-01-24\n', encoding="utf-8"
    )
    return folder


class Audited:
    """A warehouse after its audit."""

    def __init__(self, warehouse: Path) -> None:
        self.path = warehouse
        self.connection = duckdb.connect(str(warehouse), read_only=True)

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, parameters).fetchall()

    def found(self, check: str) -> list[tuple[Any, ...]]:
        """Column, value, file and row of every finding of a check."""
        return self.query(
            "SELECT column_name, value, source_file, source_row % 1000000000 FROM quality.findings WHERE check_id = ? ORDER BY source_file, source_row",
            check,
        )

    def verdict(self, obligation: str) -> tuple[str, str | None]:
        ((verdict, reason),) = self.query(
            "SELECT verdict, coalesce(missed_reason, undecidable_reason) FROM marts.obligations WHERE starts_with(obligation_id, ?)", obligation
        )
        return verdict, reason


def audited(home: Path, deliveries: Path) -> Audited:
    warehouse = home / "work" / "warehouse.duckdb"
    load_deliveries(warehouse, deliveries, home=home, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    build(warehouse, home / "scratch", as_of=AS_OF)
    assert run_audit(warehouse, run_id="run", scratch=home / "audit").blocking_failures == []
    return Audited(warehouse)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    folder = tmp_path_factory.mktemp("faults")
    delivered = write(folder / "first", FIRST)
    lines = (delivered / "SECTION.csv").read_text(encoding="utf-8").splitlines()
    (delivered / "SECTION.csv").write_text("\n".join([f"{lines[0]},颜色", *(f"{line},红" for line in lines[1:])]) + "\n", encoding="utf-8")
    found = audited(folder / "home", delivered)
    yield found
    found.connection.close()


def test_an_unknown_data_set_is_refused_and_named(city: Audited) -> None:
    assert city.query("SELECT file, rule FROM meta.quarantine WHERE row_number IS NULL") == [("NOBODY_KNOWS_THIS.csv", "no_data_set")]
    assert [(file, row) for _, _, file, row in city.found("no_file_is_refused")] == [("NOBODY_KNOWS_THIS.csv", 0)]


def test_an_unknown_column_is_named_and_its_rows_load(city: Audited) -> None:
    assert city.query("SELECT rows_received, rows_loaded FROM meta.deliveries WHERE file = 'SECTION.csv'") == [(8, 8)]
    assert [(file, row) for _, _, file, row in city.found("no_column_is_unknown")] == [("SECTION.csv", 0)]
    ((reason,),) = city.query("SELECT reason FROM quality.findings WHERE check_id = 'no_column_is_unknown'")
    assert "颜色" in reason


def test_unknown_codes_are_found_where_they_stand(city: Audited) -> None:
    assert city.found("code_list_sections") == [("price_unit", "7", "SECTION.csv", 9)]
    assert city.found("known_region_sections") == [("region_code", "999999", "SECTION.csv", 9)]


def test_a_parent_that_never_came(city: Audited) -> None:
    assert [value for _, value, *_ in city.found("registered_section_contracts")] == ["PARENT-LATER", "PARENT-NEVER"]
    assert [value for _, value, *_ in city.found("known_parent_blacklist_revocations")] == ["ENTRY-LATER", "ENTRY-NEVER"]


@pytest.mark.thorough
def test_a_parent_that_comes_later_takes_the_finding_with_it(city: Audited, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(city.path.parent, home / "work")
    later = audited(home, write(tmp_path / "then", THEN))
    assert [value for _, value, *_ in later.found("registered_section_contracts")] == ["PARENT-NEVER"]
    assert [value for _, value, *_ in later.found("known_parent_blacklist_revocations")] == ["ENTRY-NEVER"]
    assert later.found("withdrawn_was_delivered") == city.found("withdrawn_was_delivered"), "what was not mended stays"


def test_a_deletion_of_what_was_never_there_takes_nothing_away_and_is_seen(city: Audited) -> None:
    assert [(value, file, row) for _, value, file, row in city.found("withdrawn_was_delivered")] == [("DELETED", "CONTRACT_PERFORMANCE.csv", 3)]
    assert city.query("SELECT rows_received, rows_loaded, rows_quarantined FROM meta.deliveries WHERE file = 'CONTRACT_PERFORMANCE.csv'") == [
        (8, 8, 0)
    ]
    assert city.verdict("T-10:DELETED") == ("missed", "absent")
    assert city.verdict("T-10:SOUND") == ("met", None)


def test_a_time_before_1949_holds_its_row_and_nobody_is_late_for_it(city: Audited) -> None:
    assert city.query("SELECT row_number, column_name, rule, value FROM meta.quarantine WHERE file = 'TENDER_CANDIDATE_ANNOUNCE.csv'") == [
        (2, "publicity_started_at", "unreadable_instant", "19380302090000")
    ]
    assert ("publicity_started_at", "19380302090000") in [found[:2] for found in city.found("no_row_is_quarantined")]
    assert city.verdict("T-08:OLD")[0] == "undecidable"


def test_a_time_after_tomorrow_is_found_and_counts_for_nothing_until_then(city: Audited) -> None:
    assert city.found("happened_by_tomorrow") == [("signed_at", "2018-06-01", "CONTRACT_PERFORMANCE.csv", 4)]
    assert city.verdict("T-10:FUTURE") == ("missed", "absent")


def test_an_end_before_its_start_is_found_and_undecidable(city: Audited) -> None:
    ((column, value, file, row),) = city.found("end_not_before_start")
    assert (column, file, row) == ("publicity_ended_at", "TENDER_CANDIDATE_ANNOUNCE.csv", 3)
    assert value == "2017-12-01 09:00:00 < 2017-12-06 09:00:00"
    assert city.verdict("T-08:BACKWARDS") == ("undecidable", "duty_before_trigger")


def test_two_contents_at_one_moment_are_both_named_and_the_later_line_holds(city: Audited) -> None:
    assert [(file, row) for _, _, file, row in city.found("one_content_a_moment_contracts")] == [
        ("CONTRACT_PERFORMANCE.csv", 5),
        ("CONTRACT_PERFORMANCE.csv", 6),
    ]
    assert city.verdict("T-10:TWICE") == ("missed", "late")


def test_a_calendar_year_that_is_not_published_is_never_guessed(city: Audited) -> None:
    assert city.verdict("T-10:UNPUBLISHED") == ("undecidable", "calendar_unpublished")
