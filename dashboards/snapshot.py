"""What the page and the workbook read from a published `warehouse.duckdb`: small frames, one per question. Reads only; recomputes nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import duckdb
import polars as pl

from dashboards.information import Information, read_information
from dashboards.lateness import OVERDUE_ROWS, Lateness, read_lateness
from dashboards.push import Push, read_push
from dashboards.queries import frame, row, shown, shown_body
from dashboards.rates import COUNTS
from dashboards.registers import Registers, read_registers
from dashboards.transactions import Transactions, read_transactions
from sources.warehouse import ROWS_PER_DELIVERY

DUE_SOON_DAYS, DUE_SOON_ROWS, WORST_ROWS, QUALITY_ROWS, SANCTION_ROWS, DIFFERENCE_ROWS = 14, 100, 50, 100, 100, 100
DELIVERY_ROWS = 1000
"""Delivered files that the ledger lists, the newest."""


class SnapshotError(Exception):
    """A file that is not a published snapshot (``kind`` is unreadable), or lacks what the page and the workbook are made from (other_version)."""

    def __init__(self, message: str, kind: Literal["unreadable", "other_version"]) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Snapshot:
    """The frames behind the page. Times are texts in Beijing time.

    rates: period_kind, period_start, region_code, region, transaction_type, rule_id, measure and the counts; one row as in the rate marts.
    rules: rule_id, measure, transaction_type, label, label_en, clause, status; one row per rule, versions merged, the weakest status of them.
    rule_versions: one row per rule version, all columns of `marts.rules`.
    due_soon, worst: one row per obligation, the first by due time and by days late. due_soon_total, worst_total: how many there are.
    undated: duties without any date, which the rate marts cannot place in a period.
    ledger: one row of sums over `meta.deliveries`. quarantine: per data set and rule. checks: the failed ones, the first by unexpected rows.
    checks_failed, checks_total: how many failed and how many ran.
    report: the figures of the sources' annual reports beside what the records give, as texts; reproduced or differing ones first.
    notices_by_region: point notices by region and effect, with those under appeal. notices: the newest first, bodies_to_look_at and blacklist: one row each;
    at most SANCTION_ROWS. notices_total: how many there are. threshold: that of the blacklist with its status and source, no row where none was applied.
    commitments: per month of signing. information: what the office registers beside the transactions. identities: whether the figures of a report agree.
    statements: every edition of the issued periods, with the number of differences from the current ones. differences: the first of them by obligation,
    at most DIFFERENCE_ROWS; differences_total: how many there are.
    registers: channels, intermediaries and the registers of an office. transactions, push, lateness: what their classes say.
    overdue: one row per obligation that fell due and is not met, the longest first, at most OVERDUE_ROWS. deliveries: one row per file and data set with its digest.
    """

    as_of: date | None
    sources: list[str]
    rates: pl.DataFrame
    rules: pl.DataFrame
    rule_versions: pl.DataFrame
    due_soon: pl.DataFrame
    due_soon_total: int
    worst: pl.DataFrame
    worst_total: int
    undated: int
    ledger: Mapping[str, int]
    quarantine: pl.DataFrame
    checks: pl.DataFrame
    checks_failed: int
    checks_total: int
    report: pl.DataFrame
    identities: pl.DataFrame
    information: Information
    notices_by_region: pl.DataFrame
    notices: pl.DataFrame
    notices_total: int
    bodies_to_look_at: pl.DataFrame
    blacklist: pl.DataFrame
    threshold: pl.DataFrame
    commitments: pl.DataFrame
    statements: pl.DataFrame
    differences: pl.DataFrame
    differences_total: int
    registers: Registers
    transactions: Transactions
    push: Push
    lateness: Lateness
    overdue: pl.DataFrame
    deliveries: pl.DataFrame


@contextmanager
def reading(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection in Beijing time. Raises SnapshotError for a missing file, a foreign file or a missing table."""
    try:
        connection = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error as error:
        raise SnapshotError(f"{warehouse}: not a readable snapshot ({_first_line(error)}); publish one with `gongkai run`", "unreadable") from error
    try:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        yield connection
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise SnapshotError(
            f"{warehouse}: the snapshot was made by another version ({_first_line(error)}); publish it again with `gongkai run`", "other_version"
        ) from error
    finally:
        connection.close()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def read_snapshot(warehouse: Path, *, as_of: date | None = None, run_id: str | None = None) -> Snapshot:
    """Everything the page shows. `as_of` defaults to the newest of the obligations; checks are those of `run_id` where it has any, else all."""
    with reading(warehouse) as connection:
        cut_off = as_of or read_as_of(connection)
        due_soon, due_soon_total = _due_soon(connection, cut_off)
        worst, worst_total = _worst(connection)
        checks, checks_failed, checks_total = _checks(connection, run_id)
        versions = read_rule_versions(connection)
        return Snapshot(
            as_of=cut_off,
            sources=read_sources(connection),
            rates=read_rates(connection),
            rules=rules_of(versions),
            rule_versions=versions,
            due_soon=due_soon,
            due_soon_total=due_soon_total,
            worst=worst,
            worst_total=worst_total,
            undated=_undated(connection),
            ledger=_ledger(connection),
            quarantine=_quarantine(connection),
            checks=checks,
            checks_failed=checks_failed,
            checks_total=checks_total,
            report=_report(connection),
            identities=_identities(connection),
            information=read_information(connection),
            notices_by_region=_notices_by_region(connection),
            notices=_notices(connection),
            notices_total=row(connection, "SELECT count(*) FROM marts.sanctions")[0],
            bodies_to_look_at=_bodies_to_look_at(connection),
            blacklist=_blacklist(connection),
            threshold=_threshold(connection),
            commitments=_commitments(connection),
            statements=_statements(connection),
            differences=_differences(connection),
            differences_total=row(connection, "SELECT count(*) FROM marts.issued_differences")[0],
            registers=read_registers(connection),
            transactions=read_transactions(connection),
            push=read_push(connection),
            lateness=read_lateness(connection, cut_off),
            overdue=read_obligations(
                connection,
                "o.verdict = 'missed' AND o.missed_reason = 'absent'",
                "o.days_late DESC NULLS LAST, o.due_at, o.obligation_id",
                OVERDUE_ROWS,
            )[0],
            deliveries=_deliveries(connection),
        )


def read_as_of(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The cut-off date of the obligations, None when there are none."""
    return row(connection, "SELECT max(as_of) FROM marts.obligations")[0]


def read_sources(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Labels of the sources that delivered something."""
    rows = connection.execute(
        f"""
        SELECT DISTINCT {shown("coalesce(nullif(label, ''), source_id)")} AS label
        FROM meta.sources SEMI JOIN meta.deliveries USING (source_id) ORDER BY label
        """
    )
    return [label for (label,) in rows.fetchall()]


def read_rates(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Both rate marts in one frame, with `measure` and the name of the region."""
    counts = ", ".join(f"{name}::BIGINT AS {name}" for name in COUNTS)
    columns = f"period_kind, period_start::DATE AS period_start, region_code, transaction_type, rule_id, {counts}"
    return frame(
        connection,
        f"""
        SELECT rates.*, {shown("coalesce(regions.name, rates.region_code)")} AS region
        FROM (
            SELECT 'disclosure' AS measure, {columns} FROM marts.disclosure_rates
            UNION ALL SELECT 'timeliness', {columns} FROM marts.timeliness
        ) AS rates
        LEFT JOIN marts.regions AS regions USING (region_code)
        """,
    )


def read_rule_versions(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """`marts.rules`, one row per version, oldest first."""
    return frame(
        connection,
        """
        SELECT rule_id, version::INTEGER AS version, measure, transaction_type, label, label_en, kind, amount::INTEGER AS amount, unit,
               legal_source, status, valid_from::DATE AS valid_from, valid_to::DATE AS valid_to, note, note_en
        FROM marts.rules ORDER BY rule_id, version
        """,
    )


def rules_of(versions: pl.DataFrame) -> pl.DataFrame:
    """One row per rule out of its versions (oldest first): the newest label, every clause, the weakest status (A, B, R sort from strong to weak)."""
    return versions.group_by("rule_id", maintain_order=True).agg(
        pl.col("measure").last(),
        pl.col("transaction_type").last(),
        pl.col("label", "label_en").last(),
        pl.col("legal_source").drop_nulls().unique(maintain_order=True).str.join("；").alias("clause"),
        pl.col("status").max(),
    )


def _due_soon(connection: duckdb.DuckDBPyConnection, as_of: date | None) -> tuple[pl.DataFrame, int]:
    last = as_of + timedelta(days=DUE_SOON_DAYS) if as_of else None
    return read_obligations(connection, "o.verdict = 'pending' AND o.due_on <= $last", "o.due_at, o.obligation_id", DUE_SOON_ROWS, {"last": last})


def _worst(connection: duckdb.DuckDBPyConnection) -> tuple[pl.DataFrame, int]:
    return read_obligations(connection, "o.verdict = 'missed'", "o.days_late DESC NULLS LAST, o.due_at, o.obligation_id", WORST_ROWS)


def read_obligations(
    connection: duckdb.DuckDBPyConnection, condition: str, order: str, limit: int, parameters: Mapping[str, object] | None = None, offset: int = 0
) -> tuple[pl.DataFrame, int]:
    """`limit` obligations that meet the condition on `marts.obligations AS o`, in order from `offset`, and how many meet it."""
    # The choice is made before the joins, so that a million obligations cost one top-n and the joins see a page of rows.
    rows = frame(
        connection,
        f"""
        WITH o AS (SELECT o.* FROM marts.obligations AS o WHERE {condition} ORDER BY {order} LIMIT {limit} OFFSET {offset})
        SELECT
            o.obligation_id, o.verdict, o.region_code,
            {shown("coalesce(nullif(o.subject_title, ''), o.subject_id)")} AS title,
            {shown("coalesce(regions.name, o.region_code)")} AS region,
            o.transaction_type, o.rule_id, rules.label, rules.label_en, rules.legal_source AS clause, rules.status, o.missed_reason,
            strftime(o.due_at, '%Y-%m-%d %H:%M') AS due_at,
            strftime(o.fulfilled_at, '%Y-%m-%d %H:%M') AS fulfilled_at,
            o.days_late::BIGINT AS days_late,
            {shown("trigger_delivery.file")} AS trigger_file, (o.trigger_source_row % {ROWS_PER_DELIVERY})::BIGINT AS trigger_row,
            {shown("duty_delivery.file")} AS duty_file, (o.duty_source_row % {ROWS_PER_DELIVERY})::BIGINT AS duty_row
        FROM o
        LEFT JOIN marts.regions AS regions ON regions.region_code = o.region_code
        LEFT JOIN marts.rules AS rules ON rules.rule_id = o.rule_id AND rules.version = o.rule_version
        LEFT JOIN meta.deliveries AS trigger_delivery ON trigger_delivery.delivery_number = o.trigger_source_row // {ROWS_PER_DELIVERY}
        LEFT JOIN meta.deliveries AS duty_delivery ON duty_delivery.delivery_number = o.duty_source_row // {ROWS_PER_DELIVERY}
        ORDER BY {order}
        """,
        parameters,
    )
    return rows, row(connection, f"SELECT count(*) FROM marts.obligations AS o WHERE {condition}", parameters)[0]


def _undated(connection: duckdb.DuckDBPyConnection) -> int:
    return row(connection, "SELECT count(*) FROM marts.obligations WHERE due_on IS NULL AND triggered_at IS NULL")[0]


def _ledger(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    names = ("files", "refused", "received", "loaded", "quarantined", "duplicate")
    sums = row(
        connection,
        """
        SELECT count(DISTINCT (source_id, file)), count(DISTINCT (source_id, file)) FILTER (status = 'refused'), coalesce(sum(rows_received), 0)::BIGINT,
               coalesce(sum(rows_loaded), 0)::BIGINT, coalesce(sum(rows_quarantined), 0)::BIGINT, coalesce(sum(rows_duplicate), 0)::BIGINT
        FROM meta.deliveries
        """,
    )
    return dict(zip(names, sums, strict=True))


def _deliveries(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT delivery_number::BIGINT AS delivery_number, {shown("coalesce(file, '—')")} AS file, coalesce(dataset, '—') AS dataset, status, coalesce(sha256, '—') AS sha256,
               coalesce(rows_received, 0)::BIGINT AS rows_received, coalesce(rows_loaded, 0)::BIGINT AS rows_loaded,
               coalesce(rows_quarantined, 0)::BIGINT AS rows_quarantined, coalesce(rows_duplicate, 0)::BIGINT AS rows_duplicate, rule, {shown("reason")} AS reason
        FROM meta.deliveries
        LEFT JOIN (SELECT delivery_id, min(rule) AS rule, min(reason) AS reason FROM meta.quarantine WHERE dataset IS NULL GROUP BY ALL) AS refusals USING (delivery_id)
        ORDER BY delivery_number DESC, dataset LIMIT {DELIVERY_ROWS}
        """,
    )


def _quarantine(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT coalesce(dataset, '—') AS dataset, coalesce(rule, '—') AS rule, {shown("coalesce(min(reason), '')")} AS reason,
               count(DISTINCT file)::BIGINT AS files, count(*)::BIGINT AS lines
        FROM meta.quarantine GROUP BY 1, 2 ORDER BY lines DESC, 1, 2 LIMIT {QUALITY_ROWS}
        """,
    )


def _checks(connection: duckdb.DuckDBPyConnection, run_id: str | None) -> tuple[pl.DataFrame, int, int]:
    """The failed checks (worst first, at most QUALITY_ROWS), how many failed, how many there were."""
    of_run = "FROM quality.checks WHERE ($run_id NOT IN (SELECT run_id FROM quality.checks) OR run_id = $run_id)"
    parameters = {"run_id": run_id or ""}
    rows = frame(
        connection,
        f"""
        SELECT check_id, expectation, dataset, dimension, evaluated::BIGINT AS evaluated, unexpected::BIGINT AS unexpected
        {of_run} AND success IS NOT TRUE ORDER BY unexpected DESC NULLS LAST, check_id LIMIT {QUALITY_ROWS}
        """,
        parameters,
    )
    failed, total = row(connection, f"SELECT count(*) FILTER (success IS NOT TRUE), count(*) {of_run}", parameters)
    return rows, failed, total


_POINTS = "CASE WHEN unit = '%' AND round(difference, 2) <> 0 THEN round(difference, 2) ELSE difference END"
"""A difference of shares has two places, as they have, unless nothing would be left of it."""


def _report(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Every published figure beside the computed one, as texts; a share is cut off after two places, as rates are."""
    return frame(
        connection,
        f"""
        SELECT {shown("phrase")} AS phrase,
               CASE operator WHEN '=' THEN '' WHEN '>=' THEN '≥ ' WHEN '<=' THEN '≤ ' ELSE operator || ' ' END AS bound, published, unit,
               CASE unit WHEN '%' THEN printf('%.2f%%', (trunc(computed * 100) / 100)::DOUBLE) ELSE {_number("computed")} END AS computed,
               CASE WHEN verdict = 'differs' THEN CASE WHEN difference > 0 THEN '+' ELSE '' END || {_number(_POINTS)} END AS difference, verdict, reason
        FROM marts.published_figures ORDER BY verdict = 'not_derivable', verdict, report, indicator
        """,
    )


def _identities(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The identities of the reports, those that do not hold first; numbers as texts."""
    return frame(
        connection,
        f"""
        SELECT identity, relation, {_number("published_whole")} AS published_whole, {_number("published_sum")} AS published_sum,
               {_number("published_largest")} AS published_largest, {_number("computed_sum")} AS computed_sum, holds_as_published
        FROM marts.published_identities ORDER BY holds_as_published, report, identity
        """,
    )


def _number(column: str) -> str:
    """SQL of a decimal without the zeros behind it, thousands set apart where it is whole."""
    return f"CASE WHEN {column} = floor({column}) THEN format('{{:,}}', {column}::BIGINT) ELSE regexp_replace({column}::VARCHAR, '0+$', '') END"


def _notices_by_region(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT region_code, {shown("coalesce(min(regions.name), region_code)")} AS region,
               count(*) FILTER (effect = 'in_effect')::BIGINT AS in_effect, count(*) FILTER (effect = 'expired')::BIGINT AS expired,
               count(*) FILTER (effect = 'revoked')::BIGINT AS revoked, count(*) FILTER (effect = 'undecidable')::BIGINT AS undecidable,
               count(*) FILTER (is_under_appeal)::BIGINT AS under_appeal, count(*)::BIGINT AS notices
        FROM marts.sanctions LEFT JOIN marts.regions AS regions USING (region_code)
        GROUP BY region_code ORDER BY region_code
        """,
    )


def _notices(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT {shown("notice_number")} AS notice_number, {shown_body("body_name")} AS body, {shown("coalesce(regions.name, region_code)")} AS region,
               {shown("concat_ws(' ', clause, clause_label)")} AS clause, {_points("points")} AS points, {_points("points_by_table")} AS points_by_table,
               coalesce(points_differ, false) AS points_differ, table_status, issued_on::VARCHAR AS issued_on, expires_on::VARCHAR AS expires_on,
               effect, is_under_appeal, {_points("body_points")} AS body_points
        FROM marts.sanctions LEFT JOIN marts.regions AS regions USING (region_code)
        ORDER BY sanctions.issued_on DESC NULLS LAST, notice_number LIMIT {SANCTION_ROWS}
        """,
    )


def _bodies_to_look_at(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT {shown_body("body_name")} AS body, {_points("body_points")} AS body_points, {_points("body_points_under_appeal")} AS points_under_appeal,
               notices_in_effect::BIGINT AS notices, last_issued_on::VARCHAR AS last_issued_on, last_revoked_on::VARCHAR AS last_revoked_on
        FROM marts.sanctioned_bodies WHERE should_be_looked_at ORDER BY sanctioned_bodies.body_points DESC, body_code LIMIT {SANCTION_ROWS}
        """,
    )


def _blacklist(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT {shown_body("body_name")} AS body, {shown("reason")} AS reason, {shown("document_number")} AS document_number,
               listed_on::VARCHAR AS listed_on, revoked_on::VARCHAR AS revoked_on, state, {_points("points_when_listed")} AS points_when_listed,
               was_supported, {_points("body_points")} AS body_points, is_supported
        FROM marts.blacklist ORDER BY is_in_force DESC NULLS LAST, blacklist.listed_on DESC NULLS LAST, blacklist_code LIMIT {SANCTION_ROWS}
        """,
    )


def _threshold(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT DISTINCT {_points("blacklist_points")} AS points, window_months::BIGINT AS months, threshold_status AS status, {shown("threshold_source")} AS source
        FROM marts.sanctions WHERE blacklist_points IS NOT NULL
        """,
    )


def _commitments(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        """
        SELECT date_trunc('month', signed_on)::DATE AS month, count(*)::BIGINT AS commitments
        FROM marts.credit_commitments WHERE signed_on IS NOT NULL GROUP BY month ORDER BY month
        """,
    )


def _statements(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT period, edition::BIGINT AS edition, strftime(issued_at, '%Y-%m-%d') AS issued_on, as_of::VARCHAR AS as_of, obligations,
               {shown("reason")} AS reason, CASE WHEN is_current THEN coalesce(differences.total, 0)::BIGINT END AS changes
        FROM marts.issued_statements LEFT JOIN (SELECT period, count(*) AS total FROM marts.issued_differences GROUP BY period) AS differences USING (period)
        ORDER BY period_start, period_end, edition
        """,
    )


def _differences(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    evidence = "coalesce(o.correcting_row, o.duty_after, o.trigger_after)"
    return frame(
        connection,
        f"""
        WITH o AS (FROM marts.issued_differences ORDER BY period, obligation_id LIMIT {DIFFERENCE_ROWS})
        SELECT o.period, o.obligation_id, {shown("coalesce(regions.name, o.region_after, o.region_before)")} AS region, o.rule_id, rules.label, rules.label_en, rules.status,
               o.counted_before, o.counted_after, o.reason, {shown("files.file")} AS evidence_file, ({evidence} % {ROWS_PER_DELIVERY})::BIGINT AS evidence_row
        FROM o
        LEFT JOIN marts.regions AS regions
            ON regions.region_code = coalesce(o.region_after, o.region_before)
        LEFT JOIN (SELECT rule_id, arg_max(label, version) AS label, arg_max(label_en, version) AS label_en, max(status) AS status FROM marts.rules GROUP BY rule_id) AS rules ON rules.rule_id = o.rule_id
        LEFT JOIN meta.deliveries AS files ON files.delivery_number = {evidence} // {ROWS_PER_DELIVERY}
        ORDER BY o.period, o.obligation_id
        """,
    )


def _points(column: str) -> str:
    return f"format('{{:g}}', {column}::DOUBLE)"
