"""Every fault that was planted in a city is found by the check or verdict that its answer file names; a city without faults gives no finding."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from quality.audit import run_audit
from sources.loader import load_deliveries
from sources.simulated import simulate_sections
from tests.dbt.building import build, prepared_warehouse

#: Not a fault of the data but a verdict on a county: lapses bring it about.
OF_LAPSES = {"timeliness_98"}
MISSED = {"late", "absent", "too_short"}


@dataclass(frozen=True)
class Found:
    """What a warehouse says: outcomes by rule and subject, findings by check, file and row, what the ledger set aside, and the versions that hold."""

    outcomes: Counter[tuple[str, str, str]]
    findings: Counter[tuple[str, str | None, int]]
    quarantined: set[tuple[str, int, str]]
    duplicates: Counter[str]
    withdrawn: set[tuple[str, int]]


def audited(folder: Path, sections: int, seed: int, *, faults: bool) -> tuple[list[dict[str, object]], Found]:
    """The answers of a city, and what the warehouse makes of it."""
    summary = simulate_sections(sections, seed, folder / "city", faults=faults)
    warehouse = prepared_warehouse(folder / "home" / "work" / "warehouse.duckdb")
    load_deliveries(warehouse, folder / "city", home=folder / "home", received_at=datetime(2018, 1, 25, tzinfo=UTC))
    build(warehouse, folder / "scratch", as_of="2018-01-25")
    assert run_audit(warehouse, run_id="run", scratch=folder / "audit").blocking_failures == []
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def rows(sql: str) -> list[tuple]:
            return connection.execute(sql).fetchall()

        found = Found(
            Counter(rows("SELECT rule_id, subject_id, coalesce(missed_reason, CASE WHEN verdict = 'undecidable' THEN 'undecidable' END, verdict) FROM marts.obligations")),
            Counter(rows("SELECT check_id, source_file, source_row % 1000000000 FROM quality.findings")),
            set(rows("SELECT file, row_number, column_name FROM meta.quarantine")),
            Counter(dict(rows("SELECT file, rows_duplicate FROM meta.deliveries WHERE rows_duplicate > 0"))),
            set(rows("SELECT 'TENDER_FILE_CLARI_MODI.csv', source_row % 1000000000 FROM raw.clarifications WHERE is_withdrawn")),
        )  # fmt: skip
    return list(json.loads(summary.answers.read_text(encoding="utf-8"))["faults"]), found


def _is_found(fault: dict[str, object], found: Found) -> bool:
    """Whether the warehouse says of a planted fault what its answer expects, by the rules that the answer names."""
    expected, file, row = str(fault["expected"]), str(fault["file"]), fault["row_number"]
    rules = [fault["rule_id"], *list(fault["also"])]  # type: ignore[call-overload]
    if expected in MISSED | {"undecidable", "met"}:
        outcome = {rule: found.outcomes[str(rule), str(fault["subject"]), expected] for rule in rules}
        # A time that nobody can read also sets its row aside.
        set_aside = fault["kind"] != "impossible_time" or any(line[:2] == (file, row) for line in found.quarantined)
        empty = fault["kind"] != "missing_time" or any(
            check.startswith("required_") and (at, line) == (file, row) for check, at, line in found.findings
        )
        return all(outcome.values()) and set_aside and empty
    if expected == "quarantined":
        return any(line[:2] == (file, row) for line in found.quarantined) and found.findings["no_row_is_quarantined", file, int(str(row))] == 1
    if expected == "withdrawn":
        asked = [key for key in found.outcomes if key[:2] == (fault["rule_id"], fault["subject"])]
        return (file, row) in found.withdrawn and not asked
    return expected == "duplicate" and found.duplicates[file] > 0


@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_every_planted_fault_is_found_and_nothing_else(tmp_path: Path) -> None:
    planted, found = audited(tmp_path, 2500, 20171, faults=True)
    assert len({fault["kind"] for fault in planted}) == 19
    assert [fault for fault in planted if not _is_found(fault, found)] == []
    repeated = Counter(str(fault["file"]) for fault in planted if fault["expected"] == "duplicate")
    assert found.duplicates == repeated
    # Nothing else: every miss, every quarantined row and every finding belongs to something planted.
    missed = {key for key in found.outcomes if key[2] in MISSED}
    expected = {
        (rule, fault["subject"], fault["expected"])
        for fault in planted
        if fault["expected"] in MISSED
        for rule in (fault["rule_id"], *list(fault["also"]))  # type: ignore[call-overload]
    }
    assert missed == expected
    places = {(fault["file"], fault["row_number"]) for fault in planted}
    assert {line[:2] for line in found.quarantined} <= places
    strange = [(check, file, row) for check, file, row in found.findings if check not in OF_LAPSES and (file, row) not in places]
    assert strange == []


@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_a_city_without_faults_gives_no_finding(tmp_path: Path) -> None:
    planted, found = audited(tmp_path, 1200, 5, faults=False)
    assert {check for check, *_ in found.findings} - OF_LAPSES == set(), found.findings.most_common(5)
    assert not found.quarantined and not found.duplicates and not found.withdrawn
    assert all(_is_found(fault, found) for fault in planted), "lapses are verdicts"
    assert {fault["expected"] for fault in planted} <= MISSED
