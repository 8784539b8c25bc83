"""Runs all checks where the data is and keeps every violating row."""

import gc
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from quality.checks import Check, Severity, all_checks
from quality.desk.identity import finding_id
from quality.desk.lifecycle import region_prefix
from quality.gate import CheckOutcome, blocking_failures
from quality.masking import masked_value
from quality.region_checks import readable_region, write_region_checks
from quality.thresholds import Thresholds, thresholds
from sources.definitions import datasets
from sources.masking import masked
from sources.warehouse import ROWS_PER_DELIVERY

if TYPE_CHECKING:
    from quality.expectations import DuckDBExecutionEngine

TABLES = (
    "CREATE SCHEMA IF NOT EXISTS quality",
    """CREATE OR REPLACE TABLE quality.checks (
        run_id VARCHAR, check_id VARCHAR, expectation VARCHAR, dataset VARCHAR, dimension VARCHAR, evaluated BIGINT, unexpected BIGINT,
        threshold BIGINT, success BOOLEAN, severity VARCHAR, label VARCHAR, error VARCHAR, duration_seconds DOUBLE)""",
    """CREATE OR REPLACE TABLE quality.findings (
        run_id VARCHAR, check_id VARCHAR, dataset VARCHAR, record_key VARCHAR, column_name VARCHAR, value VARCHAR, reason VARCHAR, rule_id VARCHAR,
        region_code VARCHAR, source_file VARCHAR, source_row BIGINT, severity VARCHAR, finding_id VARCHAR)""",
)
"""SQL of what an audit writes into, empty."""


@dataclass(frozen=True)
class AuditResult:
    """The outcomes of all checks, the number of findings kept, and what forbids publication."""

    checks: list[CheckOutcome]
    findings: int
    blocking_failures: list[str]


def run_audit(
    warehouse: Path,
    *,
    run_id: str,
    scratch: Path,
    memory_limit: str = "1GB",
    checks: Sequence[Check] | None = None,
    as_of: date | None = None,
    accepted: Thresholds | None = None,
) -> AuditResult:
    """Ask every check of the warehouse and write ``quality.checks`` and ``quality.findings``, replacing those of earlier runs in one transaction.

    While the checks are asked the warehouse is open for reading only; when this returns it is free for other processes.
    A data set of which nothing was delivered has nothing to be asked of: its checks are left out.
    What is accepted are the thresholds in force on ``as_of``; without a day, those that hold still. How each check stands in each region is written beside.
    Files are written to a folder of this run inside ``scratch``, which is removed again. Raises duckdb.IOException when another process holds the file.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="audit-") as folder:
        settings = {"memory_limit": memory_limit, "threads": "2", "temp_directory": folder, "autoload_known_extensions": "false"}
        limits = accepted or thresholds()
        asked = applicable(warehouse, limits.applied(all_checks() if checks is None else checks, as_of), settings)
        outcomes = _validate(warehouse, asked, Path(folder), settings)
        findings = _write(warehouse, outcomes, run_id, Path(folder), settings, limits, as_of)
    return AuditResult(outcomes, findings, blocking_failures(outcomes))


def refusal(warehouse: Path) -> str | None:
    """Why this warehouse may not be published, or None: its audit must be of the tables as they stand, with no blocking failure."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE schema_name = 'quality' AND table_name = 'checks'").fetchone():
            return "it was not audited since its models were built; run the audit first"
        failed = connection.execute(
            "SELECT check_id FROM quality.checks WHERE severity = 'blocks_publication' AND NOT success ORDER BY check_id"
        ).fetchall()
    return f"blocking checks failed: {', '.join(name for (name,) in failed)}" if failed else None


def applicable(warehouse: Path, checks: Sequence[Check], settings: dict[str, Any]) -> list[Check]:
    """The checks but those of data sets without a row, which cost 40 milliseconds even then. What forbids publication is always asked."""
    with duckdb.connect(str(warehouse), read_only=True, config=settings) as connection:
        filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (FROM raw.{dataset.table})" for name, dataset in datasets().items())
        delivered = {name for (name,) in connection.execute(filled).fetchall()}
    return [check for check in checks if check.severity == "blocks_publication" or check.dataset in delivered or check.dataset not in datasets()]


def _violations_file(folder: Path, check: Check) -> str:
    return str(folder / f"{check.check_id}.parquet")


def _validate(warehouse: Path, checks: Sequence[Check], folder: Path, settings: dict[str, Any]) -> list[CheckOutcome]:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults, ProgressBarsConfig

    from quality.expectations import ExpectNoViolations, Question

    # By default even an ephemeral context makes a folder for Data Docs, which render the data as it is.
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    context = gx.get_context(mode="ephemeral", project_config=config)
    # The factory method comes from the registration of DuckDBDatasource.
    source: Any = context.data_sources.add_duckdb(
        "warehouse", connection_string=f"duckdb:///{warehouse}", kwargs={"connect_args": {"read_only": True, "config": settings}}
    )
    engine: DuckDBExecutionEngine = source.get_execution_engine()
    try:
        questions = [Question(check.violations, check.evaluated, _violations_file(folder, check)) for check in checks]
        engine.ask_ahead(questions)
        batch = source.add_query_asset("rows", query="SELECT 1 AS one").add_batch_definition_whole_table("whole").get_batch()
        outcomes = []
        for check, question in zip(checks, questions, strict=True):
            result = batch.validate(ExpectNoViolations(check_id=check.check_id, **asdict(question), threshold=check.threshold))
            outcomes.append(_outcome(check, result))
        return outcomes
    finally:
        # Great Expectations keeps the file open: let go of every engine and of the objects that hold them.
        engine.release()
        source.get_engine().dispose()
        del engine, source, context
        gc.collect()


def _outcome(check: Check, result: Any) -> CheckOutcome:
    found = result.result
    if "unexpected_count" not in found:
        return CheckOutcome(check, 0, 0, 0, error=_message(result.exception_info))
    return CheckOutcome(check, int(found["element_count"]), int(found["unexpected_count"]), float(found["seconds"]))


def _message(exception_info: Any) -> str:
    """The first line of an exception that Great Expectations caught; it files them by metric."""
    details = exception_info if "exception_message" in exception_info else next(iter(exception_info.values()), {})
    return str(details.get("exception_message") or "the check could not be asked").strip().splitlines()[0][:500]


def _write(
    warehouse: Path, outcomes: Sequence[CheckOutcome], run_id: str, folder: Path, settings: dict[str, Any], limits: Thresholds, day: date | None
) -> int:
    with duckdb.connect(str(warehouse), config=settings) as connection:
        connection.execute("BEGIN")
        for statement in TABLES:
            connection.execute(statement)
        for outcome in outcomes:
            connection.execute("INSERT INTO quality.checks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(outcome, run_id))
        # An error may quote the value that caused it.
        connection.execute(f"UPDATE quality.checks SET error = {masked('error')} WHERE error IS NOT NULL")
        for outcome in outcomes:
            if outcome.unexpected:
                connection.execute(
                    _insert_findings(outcome.check, limits.severities(outcome.check, day)), [run_id, _violations_file(folder, outcome.check)]
                )
        write_region_checks(connection, [outcome.check for outcome in outcomes if outcome.error is None], limits, run_id=run_id, day=day)
        count = connection.execute("SELECT count(*) FROM quality.findings").fetchone()
        connection.execute("COMMIT")
    return int(count[0]) if count else 0


def _row(outcome: CheckOutcome, run_id: str) -> tuple[object, ...]:
    """The row of ``quality.checks``."""
    check = outcome.check
    asked = (run_id, check.check_id, check.expectation, check.dataset, check.dimension, outcome.evaluated, outcome.unexpected)
    return (*asked, outcome.accepted, outcome.success, check.severity, check.label, outcome.error, outcome.seconds)


def _insert_findings(check: Check, severities: list[tuple[str | None, Severity]]) -> str:
    """A finding without a readable region is given that of the source that delivered it. Parameters: run and Parquet file."""
    dataset = f"coalesce(v.dataset, '{check.dataset}')"
    record_key = masked("v.record_key")
    region = readable_region("v.region_code", "s.region_code")
    *narrow, (_, severity) = severities
    cases = " ".join(f"WHEN starts_with({region}, '{region_prefix(str(code))}') THEN '{of_region}'" for code, of_region in narrow)
    return f"""
        INSERT INTO quality.findings
        SELECT $1, '{check.check_id}', {dataset}, {record_key}, v.column_name, {masked_value(dataset, "v.column_name", "v.value")},
            {masked("v.reason")}, v.rule_id,
            {region}, d.file, v.source_row, {f"CASE {cases} ELSE '{severity}' END" if cases else f"'{severity}'"}, {finding_id(f"'{check.check_id}'", dataset, record_key)}
        FROM read_parquet($2) AS v
        LEFT JOIN meta.deliveries AS d ON d.delivery_number = v.source_row // {ROWS_PER_DELIVERY}
        LEFT JOIN meta.sources AS s ON d.source_id = s.source_id"""
