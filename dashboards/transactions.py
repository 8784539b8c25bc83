"""What a snapshot tells of concluded transactions. Reads only: sums over `marts.transactions`."""

from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from dashboards.queries import frame, row, shown

COUNTS = ("concluded", "with_amount", "award_fen", "compared", "compared_estimate_fen", "compared_award_fen")
"""The additive columns of `Transactions.concluded`."""


@dataclass(frozen=True)
class Transactions:
    """concluded: per month of the award notice, transaction type and region: `concluded` transactions, `with_amount` of them, their `award_fen`; `compared` are
    those with both an estimate (of land the starting price) and an award, with the sums of either. begun: per transaction type the transactions that have a notice,
    and how many of them have no result as of the day. first_month: the month of the first notice or result: before it nothing is known.
    """

    concluded: pl.DataFrame
    begun: pl.DataFrame
    first_month: date | None


def read_transactions(connection: duckdb.DuckDBPyConnection) -> Transactions:
    """Sums of all transactions; amounts in hundredths of a yuan."""

    def fen(column: str, condition: str = "true") -> str:
        return f"coalesce(round(100 * sum({column}) FILTER ({condition})), 0)::BIGINT"

    both = "estimate_yuan IS NOT NULL AND award_yuan IS NOT NULL"
    concluded = frame(
        connection,
        f"""
        WITH sums AS (
            SELECT date_trunc('month', award_notice_at)::DATE AS month, transaction_type, region_code, count(*)::BIGINT AS concluded,
                   count(award_yuan)::BIGINT AS with_amount, {fen("award_yuan")} AS award_fen, count(*) FILTER ({both})::BIGINT AS compared,
                   {fen("estimate_yuan", both)} AS compared_estimate_fen, {fen("award_yuan", both)} AS compared_award_fen
            FROM marts.transactions WHERE award_notice_at IS NOT NULL GROUP BY ALL
        )
        SELECT sums.*, {shown("coalesce(regions.name, region_code)")} AS region
        FROM sums LEFT JOIN marts.regions AS regions USING (region_code)
        ORDER BY month, transaction_type, region_code
        """,
    )
    begun = frame(
        connection,
        """
        SELECT transaction_type, count(*)::BIGINT AS begun, count(*) FILTER (award_notice_at IS NULL)::BIGINT AS without_result
        FROM marts.transactions WHERE tender_notice_at IS NOT NULL GROUP BY ALL ORDER BY ALL
        """,
    )
    (first,) = row(connection, "SELECT date_trunc('month', min(least(tender_notice_at, award_notice_at)))::DATE FROM marts.transactions")
    return Transactions(concluded, begun, first)
