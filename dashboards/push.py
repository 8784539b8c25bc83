"""What a snapshot tells of the push to the province. Reads only: sums over `marts.push_quality`, the first of `marts.push_shortfalls`."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import polars as pl

from dashboards.queries import frame, row, shown
from dashboards.regions import UNKNOWN_REGION
from sources.warehouse import ROWS_PER_DELIVERY

COUNTS = ("records", "pushed", "accepted", "judged", "on_time", "accurate", "late", "refused", "unanswered", "never_sent", "pending")
"""The additive columns of `Push.monthly` and `Push.yearly`."""

SHORTFALL_ROWS = 100


@dataclass(frozen=True)
class Push:
    """monthly: per month, region and data set the counts of the mart. yearly: the same per year, with `meets_98`, null where the numbers cannot show it.
    shortfalls: per kind and data set how many records. worst: the first records that are missing at the province or came late, at most SHORTFALL_ROWS;
    worst_total: how many there are. requirements: per measure the share in per cent that must be reached, its formula in words, source and status.
    """

    monthly: pl.DataFrame
    yearly: pl.DataFrame
    shortfalls: pl.DataFrame
    worst: pl.DataFrame
    worst_total: int
    requirements: Mapping[str, Mapping[str, object]]


def read_push(connection: duckdb.DuckDBPyConnection) -> Push:
    """Every part; of a source that pushes nothing there are no rows."""
    counts = ", ".join(f"{name}::BIGINT AS {name}" for name in COUNTS)

    def of(kind: str, further: str = "") -> pl.DataFrame:
        return frame(
            connection,
            f"""
            SELECT period_start::DATE AS period_start, coalesce(region_code, '{UNKNOWN_REGION}') AS region_code,
                   {shown("coalesce(regions.name, region_code, '—')")} AS region, dataset, {counts}{further}
            FROM marts.push_quality LEFT JOIN marts.regions AS regions USING (region_code) WHERE period_kind = '{kind}' ORDER BY ALL
            """,
        )

    requirements = frame(
        connection,
        f"SELECT measure, threshold_percent::BIGINT AS percent, {shown('clock')} AS formula, {shown('source')} AS source, status FROM reference.push_requirements",
    )
    return Push(
        monthly=of("month"),
        yearly=of("year", ", meets_98, meets_timeliness, meets_accuracy"),
        shortfalls=frame(
            connection,
            "SELECT shortfall, dataset, count(*)::BIGINT AS records FROM marts.push_shortfalls GROUP BY ALL ORDER BY records DESC, shortfall, dataset",
        ),
        worst=_worst(connection),
        worst_total=row(connection, "SELECT count(*) FROM marts.push_shortfalls")[0],
        requirements={requirement["measure"]: requirement for requirement in requirements.to_dicts()},
    )


def _worst(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    order = "array_position(['never_sent', 'unanswered', 'refused', 'late'], shortfall) NULLS LAST, hours_late DESC NULLS LAST, dataset, pushed_key"
    return frame(
        connection,
        f"""
        WITH first AS (FROM marts.push_shortfalls ORDER BY {order} LIMIT {SHORTFALL_ROWS})
        SELECT dataset, {shown("pushed_key")} AS pushed_key, {shown("coalesce(regions.name, first.region_code, '—')")} AS region, shortfall, {shown("reason")} AS reason,
               strftime(due_at, '%Y-%m-%d %H:%M') AS due_at, strftime(accepted_at, '%Y-%m-%d %H:%M') AS accepted_at, hours_late::VARCHAR AS hours_late,
               {shown("deliveries.file")} AS file, (source_row % {ROWS_PER_DELIVERY})::BIGINT AS file_row
        FROM first
        LEFT JOIN marts.regions AS regions ON regions.region_code = first.region_code
        LEFT JOIN (SELECT delivery_number, file FROM meta.deliveries) AS deliveries ON deliveries.delivery_number = source_row // {ROWS_PER_DELIVERY}
        ORDER BY {order}
        """,
    )
