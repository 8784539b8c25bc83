"""How each check stands in each region: ``quality.region_records`` and ``quality.region_checks``, from the findings of an audit.

A check about a data set is asked of its current records; one about all data sets, of the current records of all. What is counted in a region are
records, so that several empty cells of one count once. A finding about a whole file counts all its records.
Checks of marts have no records and are not counted by region.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

from quality.checks import Check
from quality.shares import shows_share
from quality.thresholds import Thresholds
from sources.definitions import Dataset, datasets
from sources.warehouse import ROWS_PER_DELIVERY

#: The tables that checks about all data sets name as theirs.
_ABOUT_ALL = frozenset({"meta.deliveries", "meta.quarantine", "meta.held_values"})
_COLUMNS = """run_id VARCHAR, check_id VARCHAR, dataset VARCHAR, dimension VARCHAR, region_code VARCHAR, records BIGINT, failing_records BIGINT, findings BIGINT,
    accepted BIGINT, kept BIGINT, out_of BIGINT, meets BOOLEAN, severity VARCHAR, threshold_source VARCHAR, threshold_status VARCHAR"""


def readable_region(region_code: str, source_region: str) -> str:
    """A SQL expression: a record's region, where it is a code of six digits, else that of the source which delivered it."""
    return f"coalesce(CASE WHEN regexp_full_match({region_code}, '[0-9]{{6}}') THEN {region_code} END, {source_region})"


def write_region_checks(
    connection: duckdb.DuckDBPyConnection, checks: Sequence[Check], thresholds: Thresholds, *, run_id: str, day: date | None
) -> None:
    """Make both tables in the open transaction. ``checks``: those that were asked."""
    delivered = _delivered(connection)
    connection.execute(
        "CREATE OR REPLACE TABLE quality.region_records (dataset VARCHAR, delivery_number BIGINT, region_code VARCHAR, records BIGINT)"
    )
    for dataset in delivered:
        connection.execute(_records(dataset))
    connection.execute(f"CREATE OR REPLACE TABLE quality.region_checks ({_COLUMNS})")
    counted = [check for check in checks if check.dataset in _ABOUT_ALL or check.dataset in {dataset.name for dataset in delivered}]
    regions = [code for (code,) in connection.execute("SELECT DISTINCT region_code FROM quality.region_records ORDER BY 1").fetchall()]
    rows = [_asked(check, region, thresholds, day) for check in counted for region in regions]
    if not rows:
        return
    names = ("check_id", "dataset", "dimension", "region_code", "accepted", "kept", "out_of", "severity", "source", "status")
    kinds = dict.fromkeys(("accepted", "kept", "out_of"), "BIGINT")
    unnested = ", ".join(f"unnest(${place}::{kinds.get(name, 'VARCHAR')}[]) AS {name}" for place, name in enumerate(names, start=2))
    connection.execute(_outcomes(unnested, thresholds.confidence_percent), [run_id, *(list(column) for column in zip(*rows, strict=True))])


def _delivered(connection: duckdb.DuckDBPyConnection) -> list[Dataset]:
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (FROM raw.{dataset.table})" for name, dataset in datasets().items())
    return [datasets()[name] for (name,) in connection.execute(filled).fetchall()]


def _records(dataset: Dataset) -> str:
    region = "region_code" if any(column.name == "region_code" for column in dataset.columns) else "NULL::VARCHAR"
    superseded = f"SELECT row_hash FROM staging.superseded_rows WHERE table_name = '{dataset.table}'"
    return f"""INSERT INTO quality.region_records
        SELECT '{dataset.name}', r.delivery_number, {readable_region("r.region_code", "s.region_code")}, sum(r.records)
        FROM (
            SELECT source_row // {ROWS_PER_DELIVERY} AS delivery_number, {region} AS region_code, count(*) AS records FROM raw.{dataset.table}
            WHERE NOT is_withdrawn AND row_hash NOT IN ({superseded}) GROUP BY ALL
        ) AS r LEFT JOIN meta.deliveries AS d USING (delivery_number) LEFT JOIN meta.sources AS s ON d.source_id = s.source_id GROUP BY ALL"""


def _asked(check: Check, region: str | None, thresholds: Thresholds, day: date | None) -> tuple[Any, ...]:
    row = thresholds.of(check, region or "", day)
    accepted = (row.accepted if row.kept is None else None) if row else 0
    severity = (row.severity if row else None) or check.severity
    return (
        check.check_id, check.dataset, check.dimension, region, accepted, row.kept if row else None, row.of if row else None, severity,
        row.source if row else None, row.status if row else None,
    )  # fmt: skip


def _outcomes(unnested: str, confidence: int) -> str:
    about_all = ", ".join(f"'{name}'" for name in sorted(_ABOUT_ALL))
    kept = "(records - failing_records)"
    return f"""INSERT INTO quality.region_checks
        WITH asked AS (SELECT {unnested}),
        held AS (
            SELECT a.check_id, a.region_code, sum(r.records)::BIGINT AS records FROM asked AS a
            JOIN quality.region_records AS r ON r.region_code IS NOT DISTINCT FROM a.region_code AND (r.dataset = a.dataset OR a.dataset IN ({about_all})) GROUP BY ALL
        ),
        found AS (
            SELECT check_id, region_code, count(*) AS findings, count(DISTINCT (dataset, record_key)) FILTER (source_row % {ROWS_PER_DELIVERY} <> 0) AS single_records
            FROM quality.findings GROUP BY ALL
        ),
        of_files AS (
            SELECT f.check_id, r.region_code, sum(r.records)::BIGINT AS records
            FROM (
                SELECT DISTINCT check_id, dataset, source_row // {ROWS_PER_DELIVERY} AS delivery_number FROM quality.findings WHERE source_row % {ROWS_PER_DELIVERY} = 0
            ) AS f JOIN quality.region_records AS r ON f.delivery_number = r.delivery_number AND f.dataset = r.dataset GROUP BY ALL
        ),
        counted AS (
            SELECT a.*, h.records, coalesce(f.findings, 0) AS findings, least(h.records, coalesce(f.single_records, 0) + coalesce(w.records, 0))::BIGINT AS failing_records
            FROM asked AS a JOIN held AS h ON a.check_id = h.check_id AND a.region_code IS NOT DISTINCT FROM h.region_code
            LEFT JOIN found AS f ON a.check_id = f.check_id AND a.region_code IS NOT DISTINCT FROM f.region_code
            LEFT JOIN of_files AS w ON a.check_id = w.check_id AND a.region_code IS NOT DISTINCT FROM w.region_code
        )
        SELECT $1, check_id, dataset, dimension, region_code, records, failing_records, findings, accepted, kept, out_of,
            CASE WHEN kept IS NULL THEN failing_records <= accepted ELSE {shows_share(kept, "records", "counted.kept", confidence, "counted.out_of")} END,
            severity, source, status
        FROM counted ORDER BY check_id, region_code"""
