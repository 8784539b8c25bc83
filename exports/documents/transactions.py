"""What was concluded in a period, by kind and region, beside the period before and the same one of last year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dashboards.labels import section
from dashboards.queries import shown
from dashboards.regions import UNKNOWN_REGION
from dashboards.transactions import CONCLUDED_BY_MONTH, PROCESS_BY_MONTH, failures_known
from exports.answers.period import Period
from exports.documents.occasion import Occasion
from exports.documents.shown_text import shown_text
from sources.definitions import datasets

LARGEST = 20
_KINDS = frozenset({"construction", "procurement", "land", "property"})
"""What is dealt in: the types that `marts.transactions` tells of."""


@dataclass(frozen=True)
class Sums:
    """Concluded transactions: how many, of how many the amount is known in yuan, and the amounts. Savings are those of tenders and procurement of which
    estimate and award are known; added value those of land and property, over their starting price; not_comparable: how many of these were sold and have no starting price of what was sold. None where there is nothing to add up."""

    count: int = 0
    priced: int = 0
    award_yuan: Decimal | None = None
    savings_yuan: Decimal | None = None
    savings_estimate_yuan: Decimal | None = None
    savings_award_yuan: Decimal | None = None
    added_yuan: Decimal | None = None
    added_base_yuan: Decimal | None = None
    not_comparable: int = 0


@dataclass(frozen=True)
class Concluded:
    """The sums of one period by (kind, region code), each None for all of them; None for a period that the snapshot does not cover."""

    sums: dict[tuple[str | None, str | None], Sums]

    def of(self, kind: str | None = None, region: str | None = None) -> Sums:
        return self.sums.get((kind, region), Sums())


@dataclass(frozen=True)
class Process:
    """Tenders that failed or were otherwise ended, and the sections whose number of bidders is known with these bidders."""

    failed: int = 0
    otherwise_ended: int = 0
    bid_sections: int = 0
    bidders: int = 0


@dataclass(frozen=True)
class Processes:
    """The process of one period by (kind, region code), as `Concluded`."""

    counts: dict[tuple[str | None, str | None], Process]

    def of(self, kind: str | None = None, region: str | None = None) -> Process:
        return self.counts.get((kind, region), Process())


@dataclass(frozen=True)
class Largest:
    """One of the largest awards."""

    title: str
    region: str
    transaction_type: str
    award_yuan: Decimal
    announced_on: date


@dataclass(frozen=True)
class Transactions:
    """A period with what it is compared with; the year so far, and the same part of last year. failures_known: the kinds whose failed tenders are delivered."""

    now: Concluded
    before: Concluded | None
    last_year: Concluded | None
    so_far: Concluded
    so_far_last_year: Concluded | None
    process: Processes
    process_before: Processes | None
    process_last_year: Processes | None
    failures_known: frozenset[str]
    kinds: tuple[str, ...]
    regions: tuple[tuple[str, str], ...]
    largest: tuple[Largest, ...]


def transaction_datasets() -> set[str]:
    """The data sets that tell of transactions: where none is delivered there is nothing to count, and 0 would be untrue."""
    return {dataset.name for dataset in datasets().values() if dataset.transaction_type in _KINDS}


def read_transactions(occasion: Occasion) -> Transactions:
    """Everything that the report of a period tells. A transaction is of the day on which its award or result was announced."""
    period = occasion.period
    last_year = Period(period.kind, period.start.replace(year=period.start.year - 1))
    year, year_before = Period("year", date(period.start.year, 1, 1)), Period("year", date(period.start.year - 1, 1, 1))
    now, so_far = _concluded(occasion, period.start, period.end), _concluded(occasion, year.start, period.end)
    process, is_compared, was_compared = _processes(occasion, period), occasion.compares_with(period.before()), occasion.compares_with(last_year)
    is_told = was_compared and occasion.compares_with(Period("month", year_before.start))
    return Transactions(
        now=now,
        before=_concluded(occasion, period.before().start, period.before().end) if is_compared else None,
        last_year=_concluded(occasion, last_year.start, last_year.end) if was_compared else None,
        so_far=so_far,
        so_far_last_year=_concluded(occasion, year_before.start, last_year.end) if is_told else None,
        process=process,
        process_before=_processes(occasion, period.before()) if is_compared else None,
        process_last_year=_processes(occasion, last_year) if was_compared else None,
        failures_known=failures_known(occasion.connection),
        kinds=tuple(kind for kind in section("transaction_type") if (kind, None) in {**so_far.sums, **process.counts}),
        regions=_regions(occasion, {**so_far.sums, **process.counts}),
        largest=_largest(occasion),
    )


# Every report asks of months: they are counted once for all reports that one connection makes, as the page counts them.
_CONCLUDED_BY_MONTH = f"CREATE TEMP TABLE IF NOT EXISTS concluded_by_month AS {CONCLUDED_BY_MONTH}"
_SUMS = """
SELECT transaction_type, region_code, coalesce(sum(concluded), 0)::BIGINT, coalesce(sum(with_amount), 0)::BIGINT,
       sum(award_yuan) FILTER (with_amount > 0), sum(saved_yuan) FILTER (saving > 0), sum(saved_estimate_yuan) FILTER (saving > 0),
       sum(saved_award_yuan) FILTER (saving > 0), sum(added_yuan) FILTER (adding > 0), sum(added_base_yuan) FILTER (adding > 0), coalesce(sum(not_comparable), 0)::BIGINT
FROM concluded_by_month WHERE month BETWEEN $first AND $last GROUP BY GROUPING SETS ((), (transaction_type), (region_code), (transaction_type, region_code))
"""

# Tenders count by the day of the approved report, bidders by that of the opening. What only began is told elsewhere.
_PROCESSES_BY_MONTH = f"CREATE TEMP TABLE IF NOT EXISTS processes_by_month AS {PROCESS_BY_MONTH}"
_PROCESS = """
SELECT transaction_type, region_code, coalesce(sum(failed), 0)::BIGINT, coalesce(sum(otherwise_ended), 0)::BIGINT,
       coalesce(sum(bid_sections), 0)::BIGINT, coalesce(sum(bidders), 0)::BIGINT
FROM processes_by_month WHERE month BETWEEN $first AND $last AND failed + otherwise_ended + bid_sections > 0
GROUP BY GROUPING SETS ((), (transaction_type), (region_code), (transaction_type, region_code))
"""


def _concluded(occasion: Occasion, first: date, last: date) -> Concluded:
    """From the first of a month to the last of one."""
    occasion.connection.execute(_CONCLUDED_BY_MONTH)
    rows = occasion.connection.execute(_SUMS, {"first": first, "last": last}).fetchall()
    return Concluded({(kind, region): Sums(*sums) for kind, region, *sums in rows})


def _processes(occasion: Occasion, period: Period) -> Processes:
    occasion.connection.execute(_PROCESSES_BY_MONTH)
    rows = occasion.connection.execute(_PROCESS, {"first": period.start, "last": period.end}).fetchall()
    return Processes({(kind, region): Process(*counts) for kind, region, *counts in rows})


def _regions(occasion: Occasion, told: Mapping[tuple[str | None, str | None], object]) -> tuple[tuple[str, str], ...]:
    """Code and name of the regions that are told of; the unknown one stands last."""
    names = dict(occasion.connection.execute(f"SELECT region_code, {shown('name')} FROM marts.regions").fetchall())
    codes = {region for _, region in told if region is not None}
    return tuple((code, names.get(code, code)) for code in sorted(codes, key=lambda code: (code == UNKNOWN_REGION, code)))


def _largest(occasion: Occasion) -> tuple[Largest, ...]:
    rows = occasion.connection.execute(
        f"""
        WITH largest AS (
            SELECT * FROM marts.transactions
            WHERE concluded_at >= $first::DATE::TIMESTAMPTZ AND concluded_at < ($last::DATE + 1)::TIMESTAMPTZ AND award_yuan IS NOT NULL
            ORDER BY award_yuan DESC, subject_id LIMIT {LARGEST}
        )
        SELECT {shown_text("coalesce(nullif(title, ''), subject_id)")}, {shown("coalesce(regions.name, region_code)")}, transaction_type, award_yuan, concluded_at::DATE
        FROM largest LEFT JOIN marts.regions AS regions USING (region_code)
        ORDER BY award_yuan DESC, subject_id
        """,
        {"first": occasion.period.start, "last": occasion.period.end},
    ).fetchall()
    return tuple(Largest(*row) for row in rows)
