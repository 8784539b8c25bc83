"""What a snapshot tells of transactions: concluded, begun, failed, and who bid. Reads only: sums over `marts.transactions` and `marts.tender_exceptions`."""

from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from dashboards.queries import frame, row, shown

COUNTS = (
    *("concluded", "with_amount", "award_yuan"),
    *("saving", "saved_yuan", "saved_estimate_yuan", "saved_award_yuan", "adding", "added_yuan", "added_base_yuan", "not_comparable"),
)
"""The additive columns of `Transactions.concluded`."""

PROCESS = ("begun", "without_result", "failed", "otherwise_ended", "bid_sections", "bidders")
"""The additive columns of `Transactions.process`."""


CONCLUDED_BY_MONTH = """
SELECT date_trunc('month', concluded_at)::DATE AS month, transaction_type, region_code, count(*)::BIGINT AS concluded,
       count(award_yuan)::BIGINT AS with_amount, coalesce(sum(award_yuan), 0) AS award_yuan,
       count(savings_yuan)::BIGINT AS saving, coalesce(sum(savings_yuan), 0) AS saved_yuan,
       coalesce(sum(estimate_yuan) FILTER (savings_yuan IS NOT NULL), 0) AS saved_estimate_yuan,
       coalesce(sum(award_yuan) FILTER (savings_yuan IS NOT NULL), 0) AS saved_award_yuan,
       count(added_yuan)::BIGINT AS adding, coalesce(sum(added_yuan), 0) AS added_yuan,
       coalesce(sum(estimate_yuan) FILTER (added_yuan IS NOT NULL), 0) AS added_base_yuan,
       count(not_comparable_reason)::BIGINT AS not_comparable
FROM marts.transactions WHERE concluded_at IS NOT NULL GROUP BY ALL
"""
"""SQL of `Transactions.concluded` without the names of regions."""

PROCESS_BY_MONTH = f"""
WITH counted AS (
    SELECT date_trunc('month', tender_notice_at)::DATE AS month, transaction_type, region_code, count(*)::BIGINT AS begun,
           count(*) FILTER (concluded_at IS NULL)::BIGINT AS without_result, 0::BIGINT AS failed, 0::BIGINT AS otherwise_ended, 0::BIGINT AS bid_sections, 0::BIGINT AS bidders
    FROM marts.transactions WHERE tender_notice_at IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT date_trunc('month', approved_at)::DATE, transaction_type, region_code, 0, 0, count(*) FILTER (is_failed), count(*) FILTER (NOT coalesce(is_failed, false)), 0, 0
    FROM marts.tender_exceptions GROUP BY ALL
    UNION ALL
    SELECT date_trunc('month', bids_opened_at)::DATE, transaction_type, region_code, 0, 0, 0, 0, count(*), sum(bidders)::BIGINT
    FROM marts.transactions WHERE bidders IS NOT NULL GROUP BY ALL
)
SELECT month, transaction_type, region_code, {", ".join(f"sum({name})::BIGINT AS {name}" for name in PROCESS)} FROM counted GROUP BY ALL
"""
"""SQL of `Transactions.process` without the names of regions."""


@dataclass(frozen=True)
class Transactions:
    """concluded: per month of conclusion, transaction type and region: `concluded` transactions, `with_amount` of them, their `award_yuan`; `saving` are those whose
    savings are known, with the sum of these, of their estimates and of their awards; `adding` those whose added value is known, with its sum and that of the starting
    prices, and `not_comparable` the sold ones whose starting price is not that of what was sold. process: per month, type and region: `begun` and of these `without_result` as of the day (by the month of the notice), tenders that `failed` or were
    `otherwise_ended` (by the month of the approval), and the `bid_sections` whose number of bidders is known, with their `bidders` (by the month of the opening).
    Amounts are exact. first_month: the month of the first notice or result: before it nothing is known. failures_known: the kinds whose failed tenders are delivered.
    """

    concluded: pl.DataFrame
    process: pl.DataFrame
    first_month: date | None
    failures_known: frozenset[str]


def read_transactions(connection: duckdb.DuckDBPyConnection) -> Transactions:
    """Sums of all transactions."""
    concluded = frame(
        connection,
        f"""
        WITH sums AS (
            {CONCLUDED_BY_MONTH}
        )
        SELECT sums.*, {shown("coalesce(regions.name, region_code)")} AS region
        FROM sums LEFT JOIN marts.regions AS regions USING (region_code)
        ORDER BY month, transaction_type, region_code
        """,
    )
    process = frame(
        connection,
        f"""
        WITH sums AS (
            {PROCESS_BY_MONTH}
        )
        SELECT sums.*, {shown("coalesce(regions.name, region_code)")} AS region
        FROM sums LEFT JOIN marts.regions AS regions USING (region_code)
        ORDER BY month, transaction_type, region_code
        """,
    )
    (first,) = row(connection, "SELECT date_trunc('month', min(least(tender_notice_at, concluded_at)))::DATE FROM marts.transactions")
    return Transactions(concluded, process, first, failures_known(connection))


def failures_known(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The kinds of transaction whose failed tenders are delivered. The standard has a report of them for construction only (517)."""
    (is_told,) = row(connection, "SELECT count(*) > 0 FROM meta.deliveries WHERE dataset = 'TENDER_ABNORMITY_REPORT' AND status = 'loaded'")
    return frozenset({"construction"} if is_told else ())
