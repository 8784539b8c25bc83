"""Runs all checks where the data is and keeps every violating row."""

import gc
import importlib
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from quality.checks import Check, all_checks
from quality.gate import CheckOutcome, blocking_failures
from quality.masking import masked_value
from sources.warehouse import ROWS_PER_DELIVERY

if TYPE_CHECKING:
    from quality.expectations import DuckDBExecutionEngine

_TABLES = """
CREATE SCHEMA IF NOT EXISTS quality;
CREATE OR REPLACE TABLE quality.checks (
    run_id VARCHAR, check_id VARCHAR, expectation VARCHAR, dataset VARCHAR, dimension VARCHAR, evaluated BIGINT, unexpected BIGINT,
    threshold BIGINT, success BOOLEAN, severity VARCHAR, label VARCHAR, error VARCHAR, duration_seconds DOUBLE);
CREATE OR REPLACE TABLE quality.findings (
    run_id VARCHAR, check_id VARCHAR, dataset VARCHAR, record_key VARCHAR, column_name VARCHAR, value VARCHAR, reason VARCHAR, rule_id VARCHAR,
    region_code VARCHAR, source_file VARCHAR, source_row BIGINT, severity VARCHAR)
"""


@dataclass(frozen=True)
class AuditResult:
    """The outcomes of all checks, the number of findings kept, and what forbids publication."""

    checks: list[CheckOutcome]
    findings: int
    blocking_failures: list[str]


def preload() -> threading.Thread:
    """Begin to import Great Expectations in the background; it takes seconds that a run can spend on loading data."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    thread = threading.Thread(target=importlib.import_module, args=("quality.expectations",), name="preload-expectations", daemon=True)
    thread.start()
    return thread


def run_audit(warehouse: Path, *, run_id: str, scratch: Path, memory_limit: str = "1GB", checks: Sequence[Check] | None = None) -> AuditResult:
    """Ask every check of the warehouse and write ``quality.checks`` and ``quality.findings``, replacing those of earlier runs.

    The warehouse is free for other processes when this returns.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    outcomes = _validate(warehouse, checks if checks is not None else all_checks(), scratch, memory_limit)
    findings = _write(warehouse, outcomes, run_id, scratch, memory_limit)
    for file in scratch.glob("*.parquet"):
        file.unlink()
    return AuditResult(outcomes, findings, blocking_failures(outcomes))


def _validate(warehouse: Path, checks: Sequence[Check], scratch: Path, memory_limit: str) -> list[CheckOutcome]:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx  # noqa: PLC0415

    from quality.expectations import ExpectNoViolations  # noqa: PLC0415

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    settings = {"config": {"memory_limit": memory_limit, "threads": 2}}
    # The factory method comes from the registration of DuckDBDatasource.
    source: Any = context.data_sources.add_duckdb(  # type: ignore[attr-defined]
        "warehouse", connection_string=f"duckdb:///{warehouse}", kwargs={"connect_args": settings}
    )
    engine: DuckDBExecutionEngine = source.get_execution_engine()
    try:
        batch = source.add_query_asset("rows", query="SELECT 1 AS one").add_batch_definition_whole_table("whole").get_batch()
        outcomes = []
        for check in checks:
            expectation = ExpectNoViolations(
                check_id=check.check_id, violations=check.violations, evaluated=check.evaluated, file=str(scratch / f"{check.check_id}.parquet")
            )
            started = time.monotonic()
            result = batch.validate(expectation)
            outcomes.append(_outcome(check, result, time.monotonic() - started))
        return outcomes
    finally:
        # Great Expectations keeps the file open: let go of every engine and of the objects that hold them.
        engine.release()
        source.get_engine().dispose()
        del engine, source, context
        gc.collect()


def _outcome(check: Check, result: Any, seconds: float) -> CheckOutcome:
    found = result.result
    if result.exception_info and "unexpected_count" not in found:
        return CheckOutcome(check, 0, 0, seconds, error=_first_line(result.exception_info))
    return CheckOutcome(check, int(found["element_count"]), int(found["unexpected_count"]), seconds)


def _first_line(exception_info: Any) -> str:
    details = exception_info if "exception_message" in exception_info else next(iter(exception_info.values()), {})
    return str(details.get("exception_message", "the check could not be asked")).strip().splitlines()[0][:500]


def _write(warehouse: Path, outcomes: Sequence[CheckOutcome], run_id: str, scratch: Path, memory_limit: str) -> int:
    with duckdb.connect(str(warehouse), config={"memory_limit": memory_limit, "threads": "2"}) as connection:
        connection.execute("BEGIN")
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.executemany(
            "INSERT INTO quality.checks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    run_id,
                    o.check.check_id,
                    o.check.expectation,
                    o.check.dataset,
                    o.check.dimension,
                    o.evaluated,
                    o.unexpected,
                    o.check.threshold,
                    o.success,
                    o.check.severity,
                    o.check.label,
                    o.error,
                    o.seconds,
                )
                for o in outcomes
            ],
        )
        for outcome in outcomes:
            if outcome.unexpected:
                connection.execute(_insert_findings(outcome.check, scratch), [run_id])
        count = connection.execute("SELECT count(*) FROM quality.findings").fetchone()
        connection.execute("COMMIT")
    return int(count[0]) if count else 0


def _insert_findings(check: Check, scratch: Path) -> str:
    return f"""
        INSERT INTO quality.findings
        SELECT ?, '{check.check_id}', '{check.dataset}', v.record_key, v.column_name, {masked_value("v.column_name", "v.value")}, v.reason, v.rule_id,
            v.region_code, d.file, v.source_row, '{check.severity}'
        FROM read_parquet('{scratch}/{check.check_id}.parquet') AS v
        LEFT JOIN meta.deliveries AS d ON d.delivery_number = v.source_row // {ROWS_PER_DELIVERY}"""
