"""What falls due soon: open duties by county, office, rule and day, from the as-of day through the n-th working day after it."""

from pathlib import Path

import duckdb
import polars as pl

from dashboards.rates import NOT_APPLICABLE
from dashboards.rules import rule_in_both
from exports.answers.asking import AnswerError, both, table

_LONGEST = 250

_UNTIL = """
SELECT as_of, day, is_published
FROM (SELECT max(as_of) AS as_of FROM marts.obligations) AS asked
LEFT JOIN reference.calendar ON day = (SELECT day FROM reference.calendar WHERE day > as_of AND is_working_day ORDER BY day LIMIT 1 OFFSET $days - 1)
"""

# The office is whoever buys: a subject without one (a request, a penalty) is the region's own affair.
_OPEN = """
SELECT o.region_code, coalesce(regions.name, o.region_code) AS region, subjects.procuring_entity AS office, o.rule_id, rules.label, rules.label_en, rules.status, due_on,
    count(*)::BIGINT AS open
FROM marts.obligations AS o
LEFT JOIN events.subjects AS subjects ON subjects.subject_type = o.subject_type AND subjects.subject_id = o.subject_id
LEFT JOIN marts.regions AS regions ON regions.region_code = o.region_code
LEFT JOIN marts.rules AS rules ON rules.rule_id = o.rule_id AND rules.version = o.rule_version
WHERE verdict = 'pending' AND due_on BETWEEN $first AND $last
GROUP BY o.region_code, regions.name, office, o.rule_id, rules.label, rules.label_en, rules.status, due_on
ORDER BY o.region_code, office NULLS LAST, o.rule_id, due_on
"""


def forecast(connection: duckdb.DuckDBPyConnection, days: int, out: Path | None = None) -> list[str]:
    """What falls due in the next `days` working days as lines; day by day into the CSV `out`. Raises AnswerError for days that cannot be counted."""
    if not 1 <= days <= _LONGEST:
        raise AnswerError(f"{days} working days: say 1 to {_LONGEST} with --days")
    as_of, last, is_published = connection.execute(_UNTIL, {"days": days}).fetchall()[0]
    if as_of is None:
        raise AnswerError("the snapshot holds no obligation")
    if last is None:
        raise AnswerError(f"the calendar of the snapshot ends before {days} working days after {as_of}")
    due = connection.sql(_OPEN, params={"first": as_of, "last": last}).pl()
    if out is not None:
        due.write_csv(out, include_bom=True)
    heading = f"{both('ask.as_of')} {as_of} · {both('forecast.until')} {last}" + ("" if is_published else f"〔{both('ask.provisional')}〕")
    return [heading, "", *(_listed(due) if due.height else [both("forecast.none")])]


def _listed(due: pl.DataFrame) -> list[str]:
    office = pl.col("office").fill_null(NOT_APPLICABLE)
    groups = due.group_by("region", office, rule_in_both().alias("rule"), maintain_order=True).agg(
        pl.col("open").sum(), pl.col("due_on").min().alias("first"), pl.col("due_on").max().alias("last")
    )
    headings = [
        both("column.region"),
        both("forecast.office"),
        both("column.rule"),
        both("forecast.open"),
        both("forecast.first"),
        both("forecast.last"),
    ]
    rows = [(row["region"], row["office"], row["rule"], f"{row['open']:,}", row["first"], row["last"]) for row in groups.iter_rows(named=True)]
    total = (both("column.total"), "", "", f"{due['open'].sum():,}", due["due_on"].min(), due["due_on"].max())
    return table([headings, *rows, total], frozenset({3}))
