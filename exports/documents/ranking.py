"""The regions of a period ranked by their rates, beside the period before. Counts are those of the rate marts; shares are compared as fractions, never rounded."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from dashboards.queries import shown
from dashboards.rates import COUNTS, NOT_APPLICABLE, totals
from dashboards.regions import UNKNOWN_REGION
from dashboards.snapshot import read_rates
from exports.answers.period import Period
from exports.documents.occasion import Occasion
from exports.documents.shown_text import shown_text
from sources.warehouse import ROWS_PER_DELIVERY

WORST = 30


@dataclass(frozen=True)
class Standing:
    """A region in one period: the counts of timeliness, the rates as shown, its rank (none without a judged duty), and the pushed records."""

    region_code: str
    region: str
    due: int
    met: int
    late: int
    absent: int
    too_short: int
    undecidable: int
    rate: Fraction | None
    rate_text: str
    disclosure_text: str
    rank: int | None
    rank_before: int | None
    rate_before_text: str
    pushed_judged: int
    pushed_on_time: int
    pushed_accurate: int

    @property
    def missed(self) -> int:
        return self.late + self.absent + self.too_short


@dataclass(frozen=True)
class Missed:
    """One of the duties missed by most days."""

    region: str
    title: str
    rule: str
    due_on: str
    days_late: int | None
    reason: str
    place: str


@dataclass(frozen=True)
class Ranking:
    """The regions, the best first, those without a rate last, and all of them together. `by_rule`: how many duties of each rule were missed."""

    standings: tuple[Standing, ...]
    total: Standing
    by_rule: tuple[tuple[str, int, int], ...]
    worst: tuple[Missed, ...]
    is_compared: bool


def read_ranking(occasion: Occasion) -> Ranking:
    """The regions of the occasion's period; compared with the period before where every source covers that too."""
    rates, before = read_rates(occasion.connection), occasion.period.before()
    is_compared = occasion.compares_with(before)
    now, earlier = (_of_period(rates, period) for period in (occasion.period, before))
    pushed = _pushed(occasion)
    ranks_before = _ranks(earlier["timeliness"]) if is_compared else {}
    ranks = _ranks(now["timeliness"])
    regions = {row["region_code"]: row["region"] for row in rates.select("region_code", "region").unique().iter_rows(named=True)}
    codes = sorted(
        {*now["timeliness"], *now["disclosure"]} - {_ALL}, key=lambda code: (ranks.get(code, len(regions) + 1), code == UNKNOWN_REGION, code)
    )

    def standing(code: str, name: str) -> Standing:
        counts, disclosed, past = (part.get(code, _NOTHING) for part in (now["timeliness"], now["disclosure"], earlier["timeliness"]))
        on_time, accurate, judged = pushed.get(code, (0, 0, 0))
        return Standing(
            region_code=code,
            region=name,
            due=counts["due"],
            met=counts["met"],
            late=counts["late"],
            absent=counts["absent"],
            too_short=counts["too_short"],
            undecidable=counts["undecidable"],
            rate=_rate(counts),
            rate_text=counts["rate_text"],
            disclosure_text=disclosed["rate_text"],
            rank=ranks.get(code),
            rank_before=ranks_before.get(code),
            rate_before_text=past["rate_text"] if is_compared else NOT_APPLICABLE,
            pushed_judged=judged,
            pushed_on_time=on_time,
            pushed_accurate=accurate,
        )

    return Ranking(
        tuple(standing(code, regions[code]) for code in codes), standing(_ALL, ""), _by_rule(rates, occasion.period), _worst(occasion), is_compared
    )


_ALL = ""
_NOTHING: dict[str, Any] = {**dict.fromkeys(COUNTS, 0), "rate_text": NOT_APPLICABLE, "judged": 0}


def _of_period(rates: pl.DataFrame, period: Period) -> dict[str, dict[str, dict[str, Any]]]:
    """Counts and rates by measure and region; the key of all regions is empty."""
    chosen = rates.filter((pl.col("period_kind") == period.kind) & (pl.col("period_start") == period.start))
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for measure in ("disclosure", "timeliness"):
        of_measure = chosen.filter(pl.col("measure") == measure)
        by_region = pl.concat([totals(of_measure, "region_code"), totals(of_measure.with_columns(pl.lit(_ALL).alias("region_code")), "region_code")])
        found[measure] = {row["region_code"]: row for row in by_region.iter_rows(named=True)}
    return found


def _rate(counts: dict[str, Any]) -> Fraction | None:
    return Fraction(counts["met"], counts["judged"]) if counts["judged"] else None


def _ranks(by_region: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Rank by rate, the best first; equal rates share the rank. The unknown region and those without a rate have none."""
    rated = {code: rate for code, row in by_region.items() if code not in (_ALL, UNKNOWN_REGION) and (rate := _rate(row)) is not None}
    return {code: 1 + sum(other > rate for other in rated.values()) for code, rate in rated.items()}


def _pushed(occasion: Occasion) -> dict[str, tuple[int, int, int]]:
    """On time, accurate and judged by region, and of all of them under the empty code."""
    rows = occasion.connection.execute(
        """
        SELECT coalesce(region_code, ''), coalesce(sum(on_time), 0)::BIGINT, coalesce(sum(accurate), 0)::BIGINT, coalesce(sum(judged), 0)::BIGINT FROM marts.push_quality
        WHERE period_kind = $kind AND period_start = $start AND region_code IS NOT NULL GROUP BY GROUPING SETS ((region_code), ())
        """,
        {"kind": occasion.period.kind, "start": occasion.period.start},
    ).fetchall()
    return {code: (on_time, accurate, judged) for code, on_time, accurate, judged in rows}


def _by_rule(rates: pl.DataFrame, period: Period) -> tuple[tuple[str, int, int], ...]:
    chosen = rates.filter((pl.col("period_kind") == period.kind) & (pl.col("period_start") == period.start) & (pl.col("measure") == "timeliness"))
    sums = totals(chosen, "rule_id").filter(pl.col("missed") > 0).sort(-pl.col("missed"), "rule_id")
    return tuple((row["rule_id"], row["missed"], row["due"]) for row in sums.iter_rows(named=True))


def _worst(occasion: Occasion) -> tuple[Missed, ...]:
    """The duties of the period that were missed by most days, with the row that shows it."""
    rows = occasion.connection.execute(
        f"""
        WITH missed AS (
            SELECT * FROM marts.obligations
            WHERE measure = 'timeliness' AND verdict = 'missed' AND fell_due_on BETWEEN $first AND $last
            ORDER BY days_late DESC NULLS LAST, due_on, obligation_id LIMIT {WORST}
        )
        SELECT {shown("coalesce(regions.name, missed.region_code)")}, {shown_text("coalesce(nullif(missed.subject_title, ''), missed.subject_id)")},
               missed.rule_id, missed.due_on::VARCHAR, missed.days_late::BIGINT, missed.missed_reason,
               {shown_text("deliveries.file")} || ' · ' || (coalesce(missed.duty_source_row, missed.trigger_source_row) % {ROWS_PER_DELIVERY})::VARCHAR
        FROM missed
        LEFT JOIN marts.regions AS regions USING (region_code)
        LEFT JOIN meta.deliveries ON deliveries.delivery_number = coalesce(missed.duty_source_row, missed.trigger_source_row) // {ROWS_PER_DELIVERY}
        ORDER BY missed.days_late DESC NULLS LAST, missed.due_on, missed.obligation_id
        """,
        {"first": occasion.period.start, "last": occasion.period.end},
    ).fetchall()
    return tuple(Missed(*row) for row in rows)
