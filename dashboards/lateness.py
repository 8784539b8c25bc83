"""What a snapshot tells of single obligations beyond the rates: how late the late ones were, the worst of every duty and region, what falls due when. Reads only."""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import polars as pl

from dashboards.queries import frame, row, shown
from sources.warehouse import ROWS_PER_DELIVERY

CALENDAR_DAYS = 60
"""Days after the cut-off that the calendar shows."""

WORST_OF_EACH, WORST_OF_A_RULE = 10, 100
"""Misses that the page of a rule lists of every region, and in all."""

OVERDUE_ROWS = 100


@dataclass(frozen=True)
class Lateness:
    """days_late: per measure, year of falling due and whole days late the duties that were met late. calendar: per day of falling due and rule the open duties,
    up to CALENDAR_DAYS after the cut-off. overdue: the duties that fell due and are still not met, by region; overdue_total: how many.
    worst: of every rule and region the worst misses, at most WORST_OF_EACH and WORST_OF_A_RULE of a rule, columns as `snapshot.read_obligations` gives them
    without the names of rule and clause.
    """

    days_late: pl.DataFrame
    calendar: pl.DataFrame
    overdue: pl.DataFrame
    overdue_total: int
    worst: pl.DataFrame


def read_lateness(connection: duckdb.DuckDBPyConnection, as_of: date | None) -> Lateness:
    """Every part as of the cut-off; without one there is no calendar."""
    days_late = frame(
        connection,
        """
        SELECT measure, year(fell_due_on)::INTEGER AS year, days_late::BIGINT AS days_late, count(*)::BIGINT AS duties
        FROM marts.obligations WHERE verdict = 'missed' AND missed_reason = 'late' GROUP BY ALL ORDER BY ALL
        """,
    )
    calendar = frame(
        connection,
        """
        SELECT due_on, rule_id, count(*)::BIGINT AS duties FROM marts.obligations
        WHERE verdict = 'pending' AND due_on <= $last::DATE GROUP BY ALL ORDER BY ALL
        """,
        {"last": as_of + timedelta(days=CALENDAR_DAYS) if as_of else None},
    )
    overdue = frame(
        connection,
        f"""
        SELECT o.region_code, {shown("coalesce(min(regions.name), o.region_code)")} AS region, count(*)::BIGINT AS overdue, max(days_late)::BIGINT AS longest
        FROM marts.obligations AS o LEFT JOIN marts.regions AS regions ON regions.region_code = o.region_code
        WHERE verdict = 'missed' AND missed_reason = 'absent' GROUP BY o.region_code ORDER BY overdue DESC, o.region_code
        """,
    )
    (total,) = row(connection, "SELECT count(*) FROM marts.obligations WHERE verdict = 'missed' AND missed_reason = 'absent'")
    return Lateness(days_late, calendar, overdue, total, _worst(connection))


def _worst(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    order = "days_late DESC NULLS LAST, due_at, obligation_id"
    return frame(
        connection,
        f"""
        WITH o AS (
            SELECT *, count(*) OVER (PARTITION BY rule_id, region_code) AS misses FROM marts.obligations WHERE verdict = 'missed'
            QUALIFY row_number() OVER (PARTITION BY rule_id, region_code ORDER BY {order}) <= {WORST_OF_EACH}
        ), few AS (SELECT * FROM o QUALIFY row_number() OVER (PARTITION BY rule_id ORDER BY {order}) <= {WORST_OF_A_RULE})
        SELECT
            few.obligation_id, few.rule_id, few.rule_version, few.region_code, few.misses::BIGINT AS misses,
            {shown("coalesce(nullif(few.subject_title, ''), few.subject_id)")} AS title, few.missed_reason,
            strftime(few.triggered_at, '%Y-%m-%d %H:%M') AS triggered_at, strftime(few.due_at, '%Y-%m-%d %H:%M') AS due_at,
            strftime(few.fulfilled_at, '%Y-%m-%d %H:%M') AS fulfilled_at, few.days_late::BIGINT AS days_late,
            {shown("trigger_delivery.file")} AS trigger_file, (few.trigger_source_row % {ROWS_PER_DELIVERY})::BIGINT AS trigger_row,
            {shown("duty_delivery.file")} AS duty_file, (few.duty_source_row % {ROWS_PER_DELIVERY})::BIGINT AS duty_row,
            trigger_source_row // {ROWS_PER_DELIVERY} AS trigger_delivery, duty_source_row // {ROWS_PER_DELIVERY} AS duty_delivery
        FROM few
        LEFT JOIN meta.deliveries AS trigger_delivery ON trigger_delivery.delivery_number = few.trigger_source_row // {ROWS_PER_DELIVERY}
        LEFT JOIN meta.deliveries AS duty_delivery ON duty_delivery.delivery_number = few.duty_source_row // {ROWS_PER_DELIVERY}
        ORDER BY few.rule_id, few.region_code, {", ".join("few." + part for part in order.split(", "))}
        """,
    )
