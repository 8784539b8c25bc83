"""How each region stands, read from the desk's tables of a published snapshot."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from dashboards.regions import UNKNOWN_REGION
from quality.checks import Dimension
from sources.definitions import Dataset, datasets
from sources.masking import HIDDEN, masked
from sources.warehouse import ROWS_PER_DELIVERY

LISTED = 300
"""Findings that a sheet lists, the most severe and oldest first; a workbook has all."""


@dataclass(frozen=True)
class Standing:
    """One region. Counts of findings: open now, of these blocking the push or the publication, overdue, accepted as exceptions; opened and closed in the month of
    the snapshot and by its audit; open before the month. ``asked`` and ``failing``: records × checks (``quality.region_checks``), from which the score follows.
    ``lost``: failing by dimension."""

    region_code: str
    region: str
    open: int
    blocking: int
    overdue: int
    accepted: int
    opened: int
    closed: int
    open_before: int
    opened_last: int
    closed_last: int
    median_days: float | None
    asked: int
    failing: int
    lost: dict[Dimension, int]

    @property
    def score(self) -> int | None:
        """100 × (asked − failing) ÷ asked, in ten-thousandths, cut off; None where nothing was asked."""
        return 1_000_000 * (self.asked - self.failing) // self.asked if self.asked else None

    def lost_points(self, dimension: Dimension) -> float:
        """What a dimension takes from the hundred points; over all dimensions it adds up to what the score lacks."""
        return 100 * self.lost.get(dimension, 0) / self.asked if self.asked else 0.0

    @property
    def moved(self) -> int:
        """By how much the open findings are more than before the month."""
        return self.open - self.open_before


@dataclass(frozen=True)
class Report:
    """All regions as of the snapshot's day, the best first; those without a score last. ``samples``: of each drawn sample that was checked, the rows of
    ``quality.samples``, the whole last."""

    as_of: date
    month: date
    standings: list[Standing]
    samples: list[list[dict[str, Any]]]


def read_report(connection: duckdb.DuckDBPyConnection) -> Report | None:
    """The standings; None for a snapshot from before there was a desk."""
    if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE schema_name = 'quality' AND table_name = 'tracking'").fetchone():
        return None
    answer = connection.execute(f"""
        WITH as_of AS (SELECT as_of, date_trunc('month', as_of)::DATE AS month FROM quality.tracking),
        events AS (
            SELECT coalesce(t.region_code, '{UNKNOWN_REGION}') AS region_code, e.*, e.entry = (SELECT max(entry) FROM quality.finding_events) AS is_last,
                e.as_of = (SELECT as_of FROM as_of) AS is_of_the_day
            FROM quality.finding_events AS e JOIN quality.tracked_findings AS t USING (finding_id)
        ),
        findings AS (
            SELECT coalesce(region_code, '{UNKNOWN_REGION}') AS region_code, count(*) FILTER (state <> 'closed') AS open,
                count(*) FILTER (state <> 'closed' AND severity <> 'warn') AS blocking,
                count(*) FILTER (state <> 'closed' AND due_on < (SELECT as_of FROM as_of)) AS overdue, count(*) FILTER (state = 'accepted') AS accepted
            FROM quality.tracked_findings GROUP BY 1
        ),
        moves AS (
            SELECT region_code, count(*) FILTER (event <> 'closed' AND as_of >= (SELECT month FROM as_of)) AS opened,
                count(*) FILTER (event = 'closed' AND as_of >= (SELECT month FROM as_of)) AS closed,
                count(*) FILTER (event <> 'closed' AND as_of < (SELECT month FROM as_of)) - count(*) FILTER (event = 'closed' AND as_of < (SELECT month FROM as_of)) AS open_before,
                count(*) FILTER (event <> 'closed' AND is_last AND is_of_the_day) AS opened_last, count(*) FILTER (event = 'closed' AND is_last AND is_of_the_day) AS closed_last,
                median(days_open) FILTER (event = 'closed' AND as_of >= (SELECT month FROM as_of)) AS median_days
            FROM events GROUP BY 1
        ),
        by_dimension AS (
            SELECT coalesce(region_code, '{UNKNOWN_REGION}') AS region_code, dimension, sum(records)::BIGINT AS asked, sum(failing_records)::BIGINT AS failing
            FROM quality.region_checks GROUP BY ALL
        ),
        scores AS (
            SELECT region_code, sum(asked)::BIGINT AS asked, sum(failing)::BIGINT AS failing, map_from_entries(list((dimension, failing) ORDER BY dimension)) AS lost FROM by_dimension GROUP BY 1
        )
        SELECT region_code, coalesce(r.name, region_code) AS region, coalesce(f.open, 0) AS open, coalesce(f.blocking, 0) AS blocking,
            coalesce(f.overdue, 0) AS overdue, coalesce(f.accepted, 0) AS accepted, coalesce(m.opened, 0) AS opened, coalesce(m.closed, 0) AS closed,
            coalesce(m.open_before, 0) AS open_before, coalesce(m.opened_last, 0) AS opened_last, coalesce(m.closed_last, 0) AS closed_last, m.median_days,
            coalesce(s.asked, 0) AS asked, coalesce(s.failing, 0) AS failing, s.lost
        FROM findings AS f FULL JOIN scores AS s USING (region_code) LEFT JOIN moves AS m USING (region_code) LEFT JOIN marts.regions AS r USING (region_code)""")
    names = [column[0] for column in answer.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    standings = [Standing(**{**row, "lost": dict(row["lost"] or {})}) for row in rows]
    day = connection.execute("SELECT as_of, date_trunc('month', as_of)::DATE FROM quality.tracking").fetchone()
    assert day is not None, "the table has one row"
    ordered = sorted(standings, key=lambda one: (one.region_code == UNKNOWN_REGION, one.score is None, -(one.score or 0), one.region_code))
    return Report(day[0], day[1], ordered, _samples(connection))


def _samples(connection: duckdb.DuckDBPyConnection) -> list[list[dict[str, Any]]]:
    if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE schema_name = 'quality' AND table_name = 'samples'").fetchone():
        return []
    answer = connection.execute("""SELECT s.*, r.name AS region FROM quality.samples AS s LEFT JOIN marts.regions AS r USING (region_code)
        WHERE sample_id IN (SELECT sample_id FROM quality.samples WHERE checked > 0) ORDER BY drawn_on, sample_id, region_code NULLS LAST, population""")
    names = [column[0] for column in answer.description or []]
    found: dict[str, list[dict[str, Any]]] = {}
    for row in answer.fetchall():
        found.setdefault(row[0], []).append(dict(zip(names, row, strict=True)))
    return list(found.values())


def open_findings(connection: duckdb.DuckDBPyConnection, region_code: str) -> list[dict[str, Any]]:
    """The open findings of a region, the most severe and oldest first, at most LISTED; with the clause of their rule."""
    answer = connection.execute(
        f"""SELECT t.*, (SELECT as_of FROM quality.tracking) - t.opened_on AS age_days, r.legal_source AS rule_source
        FROM quality.tracked_findings AS t
        LEFT JOIN (SELECT rule_id, arg_max(legal_source, version) AS legal_source FROM marts.rules GROUP BY rule_id) AS r ON t.rule_id = r.rule_id
        WHERE state <> 'closed' AND coalesce(t.region_code, '{UNKNOWN_REGION}') = $1
        ORDER BY CASE severity WHEN 'blocks_publication' THEN 0 WHEN 'blocks_push' THEN 1 ELSE 2 END, t.opened_on, t.finding_id LIMIT {LISTED}""",
        [region_code],
    )
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def delivered_rows(connection: duckdb.DuckDBPyConnection, findings: list[dict[str, Any]]) -> dict[int, list[tuple[str, str, str]]]:
    """By source_row the filled cells of the rows behind findings, as they were delivered: name, label, value; personal data masked. A query a data set."""
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        if finding["source_row"] is not None and finding["source_row"] % ROWS_PER_DELIVERY and finding["dataset"] in datasets():
            wanted.setdefault(finding["dataset"], set()).add(finding["source_row"])
    found: dict[int, list[tuple[str, str, str]]] = {}
    for name, rows in wanted.items():
        dataset = datasets()[name]
        for source_row, values in connection.execute(_cells(dataset), [sorted(rows)]).fetchall():
            cells = zip(dataset.columns, values, strict=True)
            found[source_row] = [(column.name, column.label, HIDDEN if column.personal else value) for column, value in cells if value is not None]
    return found


def _cells(dataset: Dataset) -> str:
    # One list: to plan the masking of each column takes longer than to mask.
    values = ", ".join(
        f"CASE WHEN \"{column.name}\" IS NOT NULL THEN '' END" if column.personal else f'"{column.name}"::VARCHAR' for column in dataset.columns
    )
    return f"""SELECT source_row, list_transform([{values}], lambda value: {masked("value")}) FROM raw.{dataset.table}
        WHERE source_row IN (SELECT unnest($1::BIGINT[]))"""
