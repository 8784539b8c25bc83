"""Why a rate moved between two periods: what the mix did, what each rule did everywhere, and what each county did beyond that. Exact, in fractions.

A rate is the sum, over the cells of rule and county, of the cell's share of what was judged times the cell's rate. With shares w and rates r, and ρ the rate
of the cell's rule over the whole region, the change of one cell splits, by midpoints (two factors: the same as Shapley), into

    mix       Δw · (mean r − mean R)     work moved to cells better or worse than the whole
    rules     mean w · Δρ                the rule got better or worse everywhere
    counties  mean w · Δ(r − ρ)          the county got better or worse than its rule did

and the three, summed over the cells, are the change of the rate R: nothing is left over. What a period does not have did not change: a rule without duties
keeps its rate, a cell without duties keeps its distance from its rule.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import duckdb
import polars as pl

from dashboards.rates import MEASURES, percent
from dashboards.rules import rule_in_both
from dashboards.snapshot import read_rule_versions, rules_of
from exports.answers.asking import AnswerError, both, members_of, named, plain, table
from exports.answers.period import Period

Cell = tuple[str, str]
"""Rule and county."""
Counts = Mapping[Cell, tuple[int, int]]
"""Met and judged (met + missed) of every cell; cells without anything judged may be left out."""

EFFECTS = ("mix", "rules", "counties")
_UNIT = 100_000
"""Printed terms are whole thousandths of a percentage point."""


@dataclass(frozen=True)
class Decomposition:
    """The rates of both periods, and of every cell what it contributes to the change by each of the three effects."""

    before: Fraction
    after: Fraction
    terms: Mapping[Cell, tuple[Fraction, Fraction, Fraction]]

    def total(self, effect: str) -> Fraction:
        return sum((term[EFFECTS.index(effect)] for term in self.terms.values()), Fraction())

    def by(self, side: int) -> dict[str, tuple[Fraction, Fraction, Fraction]]:
        """The terms of every rule (side 0) or county (side 1)."""
        sums: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction()] * 3)
        for cell, term in self.terms.items():
            sums[cell[side]] = [left + right for left, right in zip(sums[cell[side]], term, strict=True)]
        return {name: (mix, rules, counties) for name, (mix, rules, counties) in sorted(sums.items())}


def decompose(before: Counts, after: Counts) -> Decomposition:
    """The change from one period to the other; in both something must have been judged."""
    cells = sorted({cell for counts in (before, after) for cell, (_, judged) in counts.items() if judged})
    totals = [_rate(counts.values()) for counts in (before, after)]
    judged = [sum(count for _, count in counts.values()) for counts in (before, after)]
    whole = (_known(totals[0], totals[1]) + _known(totals[1], totals[0])) / 2
    by_rule = [_rates_by_rule(counts) for counts in (before, after)]
    terms = {}
    for cell in cells:
        values = [counts.get(cell, (0, 0)) for counts in (before, after)]
        share = [Fraction(value[1], total) for value, total in zip(values, judged, strict=True)]
        everywhere = [rates_of.get(cell[0]) for rates_of in by_rule]
        rule = [_known(everywhere[0], everywhere[1]), _known(everywhere[1], everywhere[0])]
        rates = [_rate([value]) for value in values]
        distances = [None if rate is None else rate - rule_rate for rate, rule_rate in zip(rates, rule, strict=True)]
        beyond = [_known(distances[0], distances[1]), _known(distances[1], distances[0])]
        weight, middle = (share[0] + share[1]) / 2, (rule[0] + rule[1] + beyond[0] + beyond[1]) / 2
        terms[cell] = ((share[1] - share[0]) * (middle - whole), weight * (rule[1] - rule[0]), weight * (beyond[1] - beyond[0]))
    return Decomposition(_known(totals[0], None), _known(totals[1], None), terms)


def _rate(values: Iterable[tuple[int, int]]) -> Fraction | None:
    counted = list(values)
    judged = sum(count for _, count in counted)
    return Fraction(sum(met for met, _ in counted), judged) if judged else None


def _rates_by_rule(counts: Counts) -> dict[str, Fraction | None]:
    values: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (rule, _), value in counts.items():
        values[rule].append(value)
    return {rule: _rate(found) for rule, found in values.items()}


def _known(rate: Fraction | None, other: Fraction | None) -> Fraction:
    found = other if rate is None else rate
    if found is None:
        raise ValueError("a rate of nothing: both periods need something judged")
    return found


def apportioned(terms: list[Fraction], total: int) -> list[int]:
    """Terms in whole printed units that add up to the printed total: each at most one unit off, the largest remainders rounded up."""
    floors = [int(term * _UNIT // 1) for term in terms]
    by_remainder = sorted(range(len(terms)), key=lambda place: terms[place] * _UNIT - floors[place], reverse=True)
    raised = set(by_remainder[: total - sum(floors)])
    return [floor + (place in raised) for place, floor in enumerate(floors)]


def explain_rate(
    connection: duckdb.DuckDBPyConnection, place: str, period: Period, against: Period | None = None, *, measure: str = "timeliness"
) -> list[str]:
    """The change of a place's rate as lines; against the period before when none is named. Raises AnswerError when there is nothing to compare."""
    if measure not in MEASURES:
        raise AnswerError(f"no measure {plain(measure)!r}; there are {named(MEASURES)}")
    earlier = against or period.before()
    members = members_of(connection, place)
    counts = [_counts(connection, measure, list(members), when) for when in (earlier, period)]
    for when, found in zip((earlier, period), counts, strict=True):
        if not found:
            known = connection.execute(f"SELECT DISTINCT period_start FROM {_mart(measure)} WHERE period_kind = ? ORDER BY 1", [when.kind]).fetchall()
            there = named([str(Period(when.kind, start)) for (start,) in known])
            raise AnswerError(f"{plain(place)}: nothing was judged in {when}; the snapshot has {there or 'no such period'}")
    return list(_told(decompose(counts[0], counts[1]), counts, (earlier, period), members, place, measure, _rule_labels(connection)))


def _mart(measure: str) -> str:
    return "marts.disclosure_rates" if measure == "disclosure" else "marts.timeliness"


def _counts(connection: duckdb.DuckDBPyConnection, measure: str, regions: list[str], when: Period) -> Counts:
    rows = connection.execute(
        f"""
        SELECT rule_id, region_code, sum(met)::BIGINT, sum(met + missed)::BIGINT FROM {_mart(measure)}
        WHERE period_kind = $kind AND period_start = $start AND list_contains($regions, region_code)
        GROUP BY ALL HAVING sum(met + missed) > 0
        """,
        {"kind": when.kind, "start": when.start, "regions": regions},
    )
    return {(rule, region): (met, judged) for rule, region, met, judged in rows.fetchall()}


def _rule_labels(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(rules_of(read_rule_versions(connection)).select("rule_id", name=rule_in_both()).rows())


def _told(
    found: Decomposition,
    counts: list[Counts],
    periods: tuple[Period, Period],
    regions: Mapping[str, str],
    place: str,
    measure: str,
    rules: Mapping[str, str],
) -> Iterator[str]:
    change = found.after - found.before
    total = round(change * _UNIT)
    effects = apportioned([found.total(effect) for effect in EFFECTS], total)
    yield f"{plain(place)} · {both(f'{measure}.rate')}"
    yield ""
    sums = pl.DataFrame([[sum(column) for column in zip(*side.values(), strict=True)] for side in counts], schema=["met", "judged"], orient="row")
    rates = sums.select(pl.format("{}/{}", "met", "judged"), percent(pl.col("met"), pl.col("judged"))).rows()
    yield from table([(when, *rate) for when, rate in zip(periods, rates, strict=True)], frozenset({1, 2}))
    yield ""
    lines = [(both(f"change.{effect}"), _points(units)) for effect, units in zip(EFFECTS, effects, strict=True)]
    yield from table([*lines, (both("change.total"), _points(total))], frozenset({1}))
    exact = sum((found.total(effect) for effect in EFFECTS), Fraction())
    assert exact == change, "the effects are the change, exactly"
    yield f"{both('change.exact')} {'−' if change < 0 else ''}{abs(change)}"
    for side, effect, names in ((0, "rules", rules), (1, "counties", regions)):
        yield ""
        yield from _part(found.by(side), effect, names, dict(zip(EFFECTS, effects, strict=True)))


def _part(parts: Mapping[str, tuple[Fraction, ...]], effect: str, names: Mapping[str, str], totals: Mapping[str, int]) -> list[str]:
    """One line per rule or county: what it contributes through the mix and through its own effect, the largest first; the columns add up to the totals."""
    columns = [apportioned([term[EFFECTS.index(name)] for term in parts.values()], totals[name]) for name in ("mix", effect)]
    rows = sorted(zip(parts, *columns, strict=True), key=lambda row: (-abs(row[2]), -abs(row[1]), row[0]))
    heading = ("", both("change.mix"), both(f"change.{effect}"))
    return table([heading, *((names.get(name, name), _points(mix), _points(own)) for name, mix, own in rows)], frozenset({1, 2}))


def _points(units: int) -> str:
    return f"{'−' if units < 0 else '+' if units else ''}{abs(units) // 1000}.{abs(units) % 1000:03}"
