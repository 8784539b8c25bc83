"""What is issued, and what is counted otherwise since, as lines on a terminal."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from dashboards.labels import section
from dashboards.rates import percent
from dashboards.rules import rule_in_both
from exports.answers.asking import AnswerError, asking, both, named, table
from exports.answers.period import Period
from exports.publication import current_manifest
from sources.issued_statements import Edition, editions
from sources.warehouse import ROWS_PER_DELIVERY

LISTED = 20

_RATE_COLUMNS = "measure, region_code, rule_id, met, missed, undecidable, pending, exempt"

# The rates of two editions, or of one and the present, where they differ.
_MOVED = f"""
WITH told AS (
    SELECT 'before' AS side, {_RATE_COLUMNS} FROM {{before}} UNION ALL BY NAME SELECT 'after' AS side, {_RATE_COLUMNS} FROM {{after}}
), counted AS (
    SELECT measure, region_code, rule_id,
           coalesce(sum(met) FILTER (side = 'before'), 0)::BIGINT AS met_before, coalesce(sum(met + missed) FILTER (side = 'before'), 0)::BIGINT AS judged_before,
           coalesce(sum(met) FILTER (side = 'after'), 0)::BIGINT AS met_after, coalesce(sum(met + missed) FILTER (side = 'after'), 0)::BIGINT AS judged_after,
           coalesce(sum(undecidable + pending + exempt) FILTER (side = 'before'), 0)::BIGINT AS other_before,
           coalesce(sum(undecidable + pending + exempt) FILTER (side = 'after'), 0)::BIGINT AS other_after
    FROM told GROUP BY ALL
)
SELECT counted.*, coalesce(regions.name, region_code) AS region, rules.label, rules.label_en, rules.status
FROM counted
LEFT JOIN marts.regions AS regions USING (region_code)
LEFT JOIN (SELECT rule_id, arg_max(label, version) AS label, arg_max(label_en, version) AS label_en, max(status) AS status FROM marts.rules GROUP BY rule_id) AS rules USING (rule_id)
WHERE (met_before, judged_before, other_before) IS DISTINCT FROM (met_after, judged_after, other_after)
ORDER BY measure DESC, region_code, rule_id
"""

_LISTED = f"""
SELECT obligation_id, coalesce(regions.name, region_after, region_before) AS region, counted_before, counted_after, reason,
       coalesce(files.file || ' · ' || coalesce(correcting_row, duty_after, trigger_after) % {ROWS_PER_DELIVERY}, '—') AS place
FROM {{differences}} AS differences
LEFT JOIN marts.regions AS regions ON regions.region_code = coalesce(region_after, region_before)
LEFT JOIN meta.deliveries AS files ON files.delivery_number = coalesce(correcting_row, duty_after, trigger_after) // {ROWS_PER_DELIVERY}
WHERE period = $period ORDER BY obligation_id
"""


def list_issued(home: Path) -> list[str]:
    """Every edition of every period, one a line. Raises StatementAltered when one is not as it was issued."""
    found = editions(home)
    if not found:
        return [both("issued.none")]
    headings = [both(f"issued.{name}") for name in ("period", "edition", "issued_on", "as_of", "obligations", "reason")]
    rows = []
    for edition in found:
        told = edition.content
        rows.append((edition.period, edition.number, str(told["issued_at"])[:10], told["as_of"], f"{told['obligations']:,}", told["reason"] or "—"))
    return table([headings, *rows], frozenset({1, 4}))


def differences(home: Path, period: Period, number: int | None = None) -> list[str]:
    """What is counted otherwise than in an edition (the latest without a number): now, or for an earlier edition in the one after it.

    Raises AnswerError for a period or edition that was not issued, or that the snapshot does not compare with yet.
    """
    found = {edition.number: edition for edition in editions(home) if edition.period == str(period)}
    if not found:
        there = sorted({edition.period for edition in editions(home)})
        raise AnswerError(f"{period} was not issued; there are {named(there) or 'no statements'}: `gongkai issue --period {period}` issues it")
    asked = found.get(max(found) if number is None else number)
    if asked is None:
        raise AnswerError(f"{period} has no edition {number}; there are {named(sorted(found))}")
    with asking(home) as connection:
        return list(_told(connection, asked, found.get(asked.number + 1), current_manifest(home)))


def _told(connection: duckdb.DuckDBPyConnection, asked: Edition, later: Edition | None, manifest: dict[str, object]) -> Iterator[str]:
    now = f"{both('issued.edition')} {later.number}" if later else f"{both('issued.now')} {manifest['as_of']}"
    yield f"{asked.period} · {both('issued.edition')} {asked.number} · {both('issued.as_of')} {asked.content['as_of']} → {now}"
    if later is None and asked.content["snapshot"] == manifest["snapshot"]:
        yield both("issued.same_snapshot")
        return
    if later is None and not connection.execute("SELECT 1 FROM marts.issued_statements WHERE digest = ?", [asked.digest]).fetchall():
        raise AnswerError(f"the snapshot does not compare with edition {asked.number} of {asked.period} yet; publish with `gongkai run` first")
    before, after = _rates_of(asked), _rates_of(later) if later else _rates_now(asked)
    rows = connection.sql(_MOVED.format(before=before, after=after)).pl()
    yield from _rates(rows)
    source = f"read_parquet({_text(later.folder / 'differences.parquet')})" if later else "marts.issued_differences"
    yield from _listed(connection.execute(_LISTED.format(differences=source), {"period": asked.period}).fetchall())


def _rates_of(edition: Edition) -> str:
    return f"read_csv({_text(edition.folder / 'rates.csv')}, types = {{'region_code': 'VARCHAR', 'rule_id': 'VARCHAR'}})"


def _rates_now(edition: Edition) -> str:
    of_period = f"period_kind = '{edition.content['period_kind']}' AND period_start = DATE '{edition.content['period_start']}'"
    return (
        f"(SELECT 'disclosure' AS measure, * FROM marts.disclosure_rates WHERE {of_period} "
        f"UNION ALL SELECT 'timeliness', * FROM marts.timeliness WHERE {of_period})"
    )


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _rates(rows: pl.DataFrame) -> Iterator[str]:
    yield ""
    yield both("issued.rates_moved", count=rows.height)
    if rows.is_empty():
        return
    shown = rows.with_columns(rule_in_both().alias("rule"), *(_share(side).alias(side) for side in ("before", "after")))
    headings = [both("column.region"), both("column.rule"), both("issued.published"), both("issued.at_present"), both("issued.not_judged")]
    lines = [
        (row["region"], row["rule"], row["before"], row["after"], f"{row['other_before']:,} → {row['other_after']:,}")
        for row in shown.iter_rows(named=True)
    ]
    yield from table([headings, *lines], frozenset({2, 3}))


def _share(side: str) -> pl.Expr:
    met, judged = pl.col(f"met_{side}"), pl.col(f"judged_{side}")
    return pl.format("{}/{} {}", met, judged, percent(met, judged))


def _listed(rows: list[tuple[str, str, str | None, str | None, str, str]]) -> Iterator[str]:
    yield ""
    yield both("issued.listed", count=f"{len(rows):,}", shown=min(LISTED, len(rows)))
    if rows:
        yield from table(
            [
                (number, region, f"{counted_as(before)} → {counted_as(after)}", both(f"issued_reason.{reason}"), place)
                for number, region, before, after, reason, place in rows[:LISTED]
            ]
        )


def counted_as(outcome: str | None) -> str:
    """What an obligation counts as in a period: its verdict, how it was missed, or not at all."""
    if outcome is None:
        return both("issued.not_counted")
    return both(f"{'missed_reason' if outcome in section('missed_reason') else 'verdict'}.{outcome}")
