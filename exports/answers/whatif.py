"""What if the rules, the holidays or the threshold were others: which verdicts flip, and which regions cross the line."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from dashboards.labels import LANGUAGES, label, section
from dashboards.rates import THRESHOLD_PERCENT, percent, threshold_state
from exports.answers.asking import both, table
from exports.answers.change import Change
from exports.answers.judging import judging

LISTED = 20

# An obligation is the same one when its rule, subject and trigger are: its number is made of these, and a change of the rule leaves them alone.
_COMPARED = """
CREATE TABLE compared AS
SELECT
    coalesce(published.obligation_id, judged.rule_id || ':' || judged.subject_id) AS obligation_id,
    coalesce(published.rule_id, judged.rule_id) AS rule_id, coalesce(published.measure, judged.measure) AS measure,
    coalesce(published.region_code, judged.region_code) AS region_code,
    published.due_on AS due_before, judged.due_on AS due_after, published.verdict AS verdict_before, judged.verdict AS verdict_after,
    coalesce(judged.due_on, judged.triggered_on) IS NOT NULL AS counts_after
FROM (FROM {snapshot}.marts.obligations WHERE list_contains($touched, rule_id)) AS published
FULL JOIN obligations.judged_duties AS judged
    ON published.rule_id = judged.rule_id AND published.subject_type = judged.subject_type AND published.subject_id = judged.subject_id
    AND published.trigger_source_row = judged.trigger_source_row
"""

_FLIPPED = "verdict_before IS DISTINCT FROM verdict_after"

_FLIPS = f"""
SELECT obligation_id, compared.rule_id, region_code, coalesce(regions.name, region_code) AS region, due_before, due_after, verdict_before, verdict_after
FROM compared LEFT JOIN {{snapshot}}.marts.regions AS regions USING (region_code)
WHERE {_FLIPPED} ORDER BY obligation_id
"""

_BY_RULE = f"""
SELECT rule_id, verdict_before, verdict_after, count(*) FROM compared WHERE {_FLIPPED} GROUP BY ALL ORDER BY rule_id, count(*) DESC, verdict_before, verdict_after
"""

# Before, everything as published; after, the touched rules as judged anew.
_REGIONS = """
WITH counted AS (
    SELECT region_code, measure, verdict AS before, CASE WHEN NOT list_contains($touched, rule_id) THEN verdict END AS after, count(*) AS n
    FROM {snapshot}.marts.obligations WHERE due_on IS NOT NULL OR triggered_at IS NOT NULL GROUP BY ALL
    UNION ALL SELECT region_code, measure, NULL, verdict_after, count(*) FROM compared WHERE counts_after GROUP BY ALL
), told AS (
    SELECT 'before' AS side, region_code, measure, before AS verdict, n FROM counted UNION ALL SELECT 'after', region_code, measure, after, n FROM counted
)
SELECT
    side, measure, region_code, coalesce(regions.name, region_code) AS region, coalesce(sum(n) FILTER (verdict = 'met'), 0)::BIGINT AS met,
    coalesce(sum(n) FILTER (verdict = 'undecidable'), 0)::BIGINT AS undecidable,
    coalesce(sum(n) FILTER (verdict IN ('met', 'missed', 'undecidable')), 0)::BIGINT AS due
FROM told LEFT JOIN {snapshot}.marts.regions AS regions USING (region_code)
GROUP BY ALL
"""


def what_if(connection: duckdb.DuckDBPyConnection, change: Change, threshold: int | None = None, out: Path | None = None) -> list[str]:
    """What the change would do, as lines; every flipped verdict into the CSV `out`. The threshold given goes before that of the file.

    Raises AnswerError for a change that is none.
    """
    line = threshold or change.threshold or THRESHOLD_PERCENT
    with judging(connection, change.rules, change.days) as (snapshot, touched):
        connection.execute(_COMPARED.format(snapshot=snapshot), {"touched": touched})
        if out is not None:
            connection.sql(_FLIPS.format(snapshot=snapshot)).pl().write_csv(out, include_bom=True)
        regions = connection.sql(_REGIONS.format(snapshot=snapshot), params={"touched": touched}).pl()
        return [*_summary(connection, touched), *_flips(connection, snapshot), *_crossings(regions, line)]


def _summary(connection: duckdb.DuckDBPyConnection, touched: list[str]) -> Iterator[str]:
    ((judged, moved, flipped),) = connection.execute(
        f"SELECT count(*), count(*) FILTER (due_before IS DISTINCT FROM due_after), count(*) FILTER ({_FLIPPED}) FROM compared"
    ).fetchall()
    values = {"count": f"{judged:,}", "rules": ", ".join(touched) or "—", "moved": f"{moved:,}", "flipped": f"{flipped:,}"}
    yield from (label("whatif.judged", tongue, **values) for tongue in LANGUAGES)


def _flips(connection: duckdb.DuckDBPyConnection, snapshot: str) -> Iterator[str]:
    by_rule = connection.execute(_BY_RULE).fetchall()
    if not by_rule:
        return
    yield ""
    yield from table([(rule, f"{_verdict(before)} → {_verdict(after)}", f"{count:,}") for rule, before, after, count in by_rule], frozenset({2}))
    yield ""
    total = sum(count for *_, count in by_rule)
    yield both("whatif.first", shown=min(LISTED, total), total=f"{total:,}")
    first = connection.execute(f"{_FLIPS.format(snapshot=snapshot)} LIMIT {LISTED}").fetchall()
    yield from table(
        [
            (number, region, f"{due_before or '—'} → {due_after or '—'}", f"{_verdict(before)} → {_verdict(after)}")
            for number, _, _, region, due_before, due_after, before, after in first
        ]
    )


def _verdict(verdict: str | None) -> str:
    return both(f"verdict.{verdict}") if verdict else both("whatif.no_duty")


def _crossings(regions: pl.DataFrame, line: int) -> Iterator[str]:
    """The regions whose state against the line is another than before: published at the usual line, and after at the line asked about."""
    keys = ["measure", "region_code", "region"]
    decided = pl.col("due") - pl.col("undecidable")
    told = [
        regions.filter(pl.col("side") == side).select(*keys, threshold_state(at).alias(side), percent(pl.col("met"), decided).alias(f"rate_{side}"))
        for side, at in (("before", THRESHOLD_PERCENT), ("after", line))
    ]
    crossed = told[0].join(told[1], on=keys).filter(pl.col("before") != pl.col("after")).sort("measure", "region_code")
    yield ""
    yield both("whatif.crossed", count=crossed.height, line=line)
    state, measure = section("threshold"), {name: label(f"{name}.rate") for name in ("disclosure", "timeliness")}
    if crossed.height:
        yield from table(
            [
                (
                    row["region"],
                    measure[row["measure"]],
                    f"{row['rate_before']} → {row['rate_after']}",
                    f"{state[row['before']]} → {state[row['after']]}",
                )
                for row in crossed.iter_rows(named=True)
            ]
        )
