"""Every check, asked of a sound city (passes), of a broken one (fails, with every failing row), and of an empty warehouse (does not apply)."""

from pathlib import Path

import duckdb
import pytest
from audited_warehouse import (
    FILE,
    SECOND_FILE,
    add_entry,
    add_event,
    add_file,
    add_information,
    add_intermediary,
    add_issued_period,
    add_item,
    add_notice,
    add_obligation,
    add_rate,
    add_row,
    add_sound_city,
    warehouse,
)

from quality.audit import AuditResult, run_audit
from quality.checks import VIOLATION_COLUMNS, all_checks
from quality.gate import CheckOutcome
from sources.definitions import Dataset, datasets

pytestmark = pytest.mark.thorough

CHECKS = [check.check_id for check in all_checks()]
SPEAKS_OF = {check.check_id: check.dataset for check in all_checks()}
_DEAL, _REGION = {"unified_deal_code", "unified_deal_codes"}, {"region_code", "trading_region_code"}
_CREDIT = {
    *("supplier_code", "candidate_code", "bidder_code", "tenderer_code", "tender_agency_code", "purchaser_code", "purchaser_agency_code", "trading_agency_code"),
    *("body_code", "respondent_code", "contractor_code", "seller_code", "buyer_code", "intermediary_code"),
}  # fmt: skip


def _names(dataset: Dataset, wanted: set[str]) -> list[str]:
    return [column.name for column in dataset.columns if column.name in wanted]


def _break(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Break every rule; gives how many rows (or cells) must be found by each check."""
    expected: dict[str, int] = {}
    for dataset in datasets().values():
        required = [column.name for column in dataset.columns if column.required]
        coded = [column.name for column in dataset.columns if column.code_list]
        if required:
            # Not one of the columns that other faults are planted in.
            add_row(connection, dataset, 10, {required[-1]: None})
            expected[f"required_{dataset.table}"] = 1
        conditions = [(column.name, *column.required_when) for column in dataset.columns if column.required_when]
        for number, (name, condition, value) in enumerate(conditions, start=11):
            add_row(connection, dataset, number, {name: None, condition: value})
            expected[f"required_{dataset.table}"] += 1
        add_row(connection, dataset, 20, record=7)
        add_row(connection, dataset, 21, record=7)
        expected[f"unique_record_{dataset.table}"] = expected[f"one_content_a_moment_{dataset.table}"] = 2
        parents = [column.name for column in dataset.columns if column.parent]
        faults = ("known_parent", parents, "NOWHERE"), ("code_list", coded, "7"), ("deal_code", _names(dataset, _DEAL), "A02-123100007847653857-20161012-000015-P"), \
            ("credit_code", _names(dataset, _CREDIT), "9142050"), ("known_region", _names(dataset, _REGION), "999999")  # fmt: skip
        for number, (kind, columns, value) in enumerate(faults, start=30):
            if columns:
                add_row(connection, dataset, number, dict.fromkeys(columns, value))
                expected[f"{kind}_{dataset.table}"] = len(columns)
        if (
            dataset.transaction_type == "construction"
            and dataset.subject_type == "section"
            and dataset.name != "SECTION"
            and "section_code" not in parents
        ):
            add_row(connection, dataset, 40, {str(dataset.subject): "NOWHERE"})
            expected[f"registered_section_{dataset.table}"] = 1
    add_file(connection, SECOND_FILE, received=9, loaded=1, quarantined=3)
    add_file(connection, 3, None, received=0, loaded=0, status="refused", message="no reader")
    connection.execute(
        "INSERT INTO meta.quarantine (delivery_id, dataset, row_number, column_name, rule) SELECT 'f2', 'SECTION', range, 'x', 'r' FROM range(2)"
    )
    connection.execute("INSERT INTO meta.quarantine (delivery_id, rule, reason) VALUES ('f3', 'no_reader', 'no reader')")
    connection.execute(
        "INSERT INTO meta.held_values (delivery_id, dataset, row_number, column_name, rule) SELECT 'f2', 'SECTION', range, 'x', 'r' FROM range(4)"
    )
    expected |= {"conservation": 1, "quarantined_rows_are_kept": 1, "no_row_is_quarantined": 2, "no_value_is_held": 4, "no_file_is_refused": 1}

    add_obligation(connection, "twice", "pending")
    add_obligation(connection, "twice", "pending")
    add_obligation(connection, "unknown verdict", "perhaps")
    add_obligation(connection, "no reason", "missed", missed_reason=None)
    add_obligation(connection, "no due date", "missed", due_at=None)
    add_obligation(connection, "never done", "met", fulfilled_at=None)
    add_obligation(connection, "too late", "met", fulfilled_at="2017-05-06 00:00:00+08")
    add_obligation(connection, "no ground", "undecidable", undecidable_reason=None)
    add_obligation(connection, "no rule", "met", rule_id="R-9")
    connection.execute("INSERT INTO marts.rules VALUES ('R-2', 1, 'within', ' ', 'A'), ('R-3', 1, 'within', '某法', '?')")
    add_obligation(connection, "no law", "met", rule_id="R-2")
    add_obligation(connection, "no status", "met", rule_id="R-3")
    add_rate(connection, "timeliness", met=97, missed=3, region="420501", due=99)
    add_rate(connection, "disclosure_rates", met=1, missed=1, due=3, rule="R-4")
    connection.execute("INSERT INTO events.subjects VALUES ('section', 'S2', 'construction', '000000')")
    expected |= _break_all_at_once(connection)
    add_notice(connection, "N2", points=9)
    add_entry(connection, "H3", revoked_on="2017-05-01")
    add_entry(connection, "H4", revoked_on=None, points=11)
    add_information(connection, 2018, answered=5, online=4, allotted=66.8, total=147)
    expected |= dict.fromkeys(
        ("requests_are_balanced", "forms_add_up_to_requests", "shares_add_up", "items_count_once", "report_agrees_with_itself"), 1
    )
    expected |= {"points_agree_with_table": 1, "revocation_follows_entry": 1, "entry_is_supported_by_points": 1}
    expected |= _break_registers(connection)
    return expected | {
        "obligation_is_unique": 2, "verdict_is_known": 1, "missed_is_explained": 2, "met_is_fulfilled": 1, "met_within_is_in_time": 1,
        "undecidable_is_explained": 1, "rule_has_a_source": 3, "timeliness_is_closed": 1, "disclosure_is_closed": 1, "timeliness_98": 1,
        # R-1 in 420500, which has further obligations; the rules, which no rate counts; the rates of 420501 and of R-4, without obligations.
        "rates_count_every_obligation": 6, "subject_has_a_region": 1,
    }  # fmt: skip


def _break_all_at_once(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """What is asked of all data sets together, and of the issued periods."""
    notices, requests, listings = (datasets()[name] for name in ("TENDER_ANN_QUA_INQUERY_ANN", "INFORMATION_REQUEST", "STOCK_LISTING_PUB_INFO"))
    early, late = "2017-05-01 09:00:00+08", "2017-05-03 09:00:00+08"
    add_row(connection, notices, 50, {"document_issued_at": late, "document_issue_ended_at": early})
    add_row(connection, notices, 51, {"published_at": late, "bid_deadline_at": early, "document_issued_at": early, "document_issue_ended_at": early})
    add_row(connection, listings, 52, {"listed_on": "2017-05-03", "listing_ended_on": "2017-05-02"})
    # Tomorrow is not after tomorrow, what is declared ahead happens later, and of a record that says when it was sent the day of its file does not count.
    connection.execute("UPDATE marts.obligations SET as_of = DATE '2017-05-10'")
    connection.execute("UPDATE meta.deliveries SET received_at = '2017-06-10 09:00:00+08' WHERE delivery_id = 'f1'")
    days = {53: "2017-05-11", 54: "2017-05-12", 55: "2017-06-11", 56: "2017-06-12", 57: "2018-05-12"}
    for number, day in days.items():
        source_row = add_row(connection, requests, number, {"received_at": day, "request_number": f"R{number}"})
        add_event(connection, "request_received", day, source_row, known="2017-05-01" if number == 57 else None)
    connection.execute(f"UPDATE raw.{requests.table} SET version_at = '2017-05-09' WHERE request_number = 'R54'")
    consultations = datasets()["CONSULTATION"]
    add_row(connection, consultations, 58, {"consulted_at": "2017-06-12"})
    add_row(connection, consultations, 59, {"consulted_at": "2017-06-11"})
    # Of three deletions one is of a record that was there.
    add_row(connection, requests, 60, {"request_number": "R60"}, record=60)
    for number in (60, 61, 62):
        add_row(connection, requests, number + 10, {"request_number": f"R{number}"}, record=number, is_withdrawn=True)
    add_file(connection, 5, "SECTION", message="only the sheet 标段 is read; not read: 二月")
    add_file(connection, 4, "SECTION", message="columns unknown to the data set, kept in the archived file only: x")
    # Three thousand million are accepted, in yuan and in ten thousand yuan; a rate is no amount, and none is negative.
    sections, awards = datasets()["SECTION"], datasets()["WIN_RESULT_ANNO"]
    for number, price in enumerate(("300000", "300000.01"), start=80):
        add_row(connection, sections, number, {"estimated_price": price, "price_unit": "1"})
    for number, (amount, form) in enumerate((("3000000000", "1"), ("3000000000.01", "1"), ("9000000000", "2"), ("-5", "1")), start=82):
        add_row(connection, awards, number, {"award_amount": amount, "price_unit": "0", "price_form_code": form})
    # Two are late where one difference says so.
    add_issued_period(connection, "2017-06", late=2)
    asked = {"end_not_before_start": 3, "happened_by_tomorrow": 3, "withdrawn_was_delivered": 2, "no_column_is_unknown": 1, "amount_in_range": 3}
    return asked | {"differences_explain_every_change": 1, "no_sheet_is_left_out": 1}


def _break_registers(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Items that are out against their decision or without one, a standardised intermediary that leaves items open."""
    add_item(connection, "D2", "不公开", "withheld")
    add_item(connection, "D3", None, "undecided")
    add_intermediary(connection, "I2", missing=["fee_basis", "service_basis"])
    return {"published_as_decided": 2, "standardised_disclose_everything": 1}


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory, watched_home: Path) -> dict[str, tuple[Path, AuditResult, dict[str, int]]]:
    """By kind of warehouse: its path, the result of its audit, and what is expected of each check."""
    folder, audited = tmp_path_factory.mktemp("audits"), {}
    for kind in ("sound", "broken", "empty"):
        path, expected = folder / f"{kind}.duckdb", {}
        with warehouse(path) as connection:
            if kind != "empty":
                add_sound_city(connection)
            if kind == "broken":
                expected = _break(connection)
        audited[kind] = path, run_audit(path, run_id=kind, scratch=folder / "scratch"), expected
    return audited


def _outcome(result: AuditResult, check_id: str) -> CheckOutcome:
    return next(outcome for outcome in result.checks if outcome.check.check_id == check_id)


@pytest.mark.parametrize("check_id", CHECKS)
def test_a_sound_city_passes(audits: dict[str, tuple[Path, AuditResult, dict[str, int]]], check_id: str) -> None:
    outcome = _outcome(audits["sound"][1], check_id)
    assert (outcome.error, outcome.unexpected, outcome.success) == (None, 0, True)
    # The sound city has no land section, say: where a rule applies to nothing, the broken city must make it apply.
    assert outcome.is_applicable


@pytest.mark.parametrize("check_id", CHECKS)
def test_a_broken_city_fails_with_every_failing_row(audits: dict[str, tuple[Path, AuditResult, dict[str, int]]], check_id: str) -> None:
    path, result, expected = audits["broken"]
    outcome = _outcome(result, check_id)
    assert outcome.error is None
    assert (outcome.unexpected, outcome.success) == (expected[check_id], False)
    assert outcome.evaluated >= 1
    with duckdb.connect(str(path), read_only=True) as connection:
        kept = connection.execute(
            "SELECT count(*) FROM quality.findings WHERE check_id = ? AND severity = ?", [check_id, outcome.check.severity]
        ).fetchone()
    assert kept == (expected[check_id],)


@pytest.mark.parametrize("check_id", CHECKS)
def test_an_empty_warehouse_has_nothing_to_ask(audits: dict[str, tuple[Path, AuditResult, dict[str, int]]], check_id: str) -> None:
    asked = {outcome.check.check_id: outcome for outcome in audits["empty"][1].checks}
    of_a_dataset = next(check for check in all_checks() if check.check_id == check_id).dataset in datasets()
    assert (check_id in asked) != of_a_dataset
    if outcome := asked.get(check_id):
        assert (outcome.error, outcome.unexpected, outcome.success, outcome.is_applicable) == (None, 0, True, False)


def test_only_the_broken_city_is_held_back(audits: dict[str, tuple[Path, AuditResult, dict[str, int]]]) -> None:
    assert audits["sound"][1].blocking_failures == audits["empty"][1].blocking_failures == []
    blocking = {check.check_id for check in all_checks() if check.severity == "blocks_publication"}
    assert set(audits["broken"][1].blocking_failures) == blocking


def test_findings_lead_to_file_and_line(audits: dict[str, tuple[Path, AuditResult, dict[str, int]]]) -> None:
    path, result, _ = audits["broken"]
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "SELECT dataset, column_name, source_file, source_row, region_code FROM quality.findings WHERE check_id = 'required_sections'"
        )
        assert found.fetchall() == [("SECTION", "created_at", "1.csv", FILE * 1_000_000_000 + 10, "420500")]
        by_dataset = connection.execute("SELECT DISTINCT dataset FROM quality.findings WHERE check_id = 'no_row_is_quarantined'").fetchall()
        assert by_dataset == [("SECTION",)]
        counted = connection.execute("SELECT count(*) FROM quality.findings").fetchone()
        lines = connection.execute("SELECT count(*), count(*) FILTER (NOT success), count(DISTINCT run_id) FROM quality.checks").fetchone()
    assert counted == (result.findings,)
    assert lines == (len(CHECKS), len(CHECKS), 1)


def test_every_violation_speaks_only_of_known_columns(audits: dict[str, tuple[Path, AuditResult, dict[str, int]]]) -> None:
    with duckdb.connect(str(audits["empty"][0]), read_only=True) as connection:
        for check in all_checks():
            said = {row[0] for row in connection.execute(f"DESCRIBE {check.violations}").fetchall()}
            assert said <= set(VIOLATION_COLUMNS), check.check_id
            assert {"record_key", "column_name", "reason"} <= said, check.check_id


def test_an_audit_leaves_no_file_behind(audits: dict[str, tuple[Path, AuditResult, dict[str, int]]], watched_home: Path) -> None:
    folder = audits["sound"][0].parent
    assert list((folder / "scratch").iterdir()) == []
    assert sorted(path.name for path in folder.iterdir()) == ["broken.duckdb", "empty.duckdb", "scratch", "sound.duckdb"]
    assert list(watched_home.rglob("*")) == []


def test_no_data_docs_are_built(
    audits: dict[str, tuple[Path, AuditResult, dict[str, int]]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="great_expectations"):
        run_audit(audits["empty"][0], run_id="empty", scratch=tmp_path, checks=[])
    assert "docs site" not in caplog.text
