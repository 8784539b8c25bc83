"""The tables that sources write: ``raw.*``, made from the definitions, and ``meta.*``, the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from sources.definitions import Column, Dataset, datasets
from sources.masking import masked

#: ``source_row`` = delivery number × this + row number: one number leads to the file and the line.
ROWS_PER_DELIVERY = 1_000_000_000

_SQL_TYPES = {
    "text": "VARCHAR",
    "code": "VARCHAR",
    "flag": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMPTZ",
    "integer": "BIGINT",
    "decimal": "DECIMAL(20, 6)",
}

_META = """
CREATE SCHEMA IF NOT EXISTS meta;
CREATE SCHEMA IF NOT EXISTS raw;
CREATE SCHEMA IF NOT EXISTS quality;
CREATE TABLE IF NOT EXISTS meta.sources (
    source_id VARCHAR PRIMARY KEY, label VARCHAR, jurisdiction VARCHAR, region_code VARCHAR);
CREATE TABLE IF NOT EXISTS meta.delivery_numbers (
    source_id VARCHAR, file VARCHAR, sha256 VARCHAR, first_number INTEGER, numbers INTEGER, PRIMARY KEY (source_id, file, sha256));
CREATE TABLE IF NOT EXISTS meta.deliveries (
    delivery_id VARCHAR PRIMARY KEY, delivery_number INTEGER, source_id VARCHAR, dataset VARCHAR, file VARCHAR, sha256 VARCHAR,
    size_bytes BIGINT, modified_ns BIGINT, status VARCHAR, reader VARCHAR, encoding VARCHAR,
    rows_received BIGINT, rows_loaded BIGINT, rows_quarantined BIGINT, rows_duplicate BIGINT,
    received_at TIMESTAMPTZ, covers_from DATE, covers_to DATE, message VARCHAR);
CREATE TABLE IF NOT EXISTS meta.quarantine (
    delivery_id VARCHAR, dataset VARCHAR, file VARCHAR, row_number BIGINT, column_name VARCHAR, rule VARCHAR, value VARCHAR, reason VARCHAR,
    record VARCHAR, subject_code VARCHAR, row_hash UHUGEINT, record_key UHUGEINT);
ALTER TABLE meta.quarantine ADD COLUMN IF NOT EXISTS record_key UHUGEINT;
CREATE TABLE IF NOT EXISTS meta.held_values (
    delivery_id VARCHAR, dataset VARCHAR, file VARCHAR, row_number BIGINT, column_name VARCHAR, rule VARCHAR, value VARCHAR, reason VARCHAR);
CREATE TABLE IF NOT EXISTS meta.last_build (built_from VARCHAR, as_of DATE, known_at DATE, sources VARCHAR, is_whole BOOLEAN);
CREATE TABLE IF NOT EXISTS meta.modelled_deliveries (delivery_number INTEGER);
CREATE TABLE IF NOT EXISTS meta.issued_statements (
    period VARCHAR, period_kind VARCHAR, period_start DATE, period_end DATE, edition INTEGER, issued_at TIMESTAMPTZ, reason VARCHAR,
    snapshot VARCHAR, as_of DATE, known_at DATE, obligations BIGINT, digest VARCHAR, is_current BOOLEAN);
CREATE TABLE IF NOT EXISTS meta.issued_obligations (
    period VARCHAR, obligation_id VARCHAR, rule_id VARCHAR, rule_version INTEGER, measure VARCHAR, transaction_type VARCHAR, region_code VARCHAR,
    subject_type VARCHAR, subject_id VARCHAR, subject_title VARCHAR, triggered_at TIMESTAMPTZ, due_on DATE, fulfilled_at TIMESTAMPTZ, verdict VARCHAR, missed_reason VARCHAR,
    undecidable_reason VARCHAR, trigger_delivery_id VARCHAR, trigger_row BIGINT, duty_delivery_id VARCHAR, duty_row BIGINT);
CREATE TABLE IF NOT EXISTS meta.issued_rules (
    period VARCHAR, rule_id VARCHAR, version INTEGER, trigger_event VARCHAR, duty_event VARCHAR, matching VARCHAR, kind VARCHAR, amount INTEGER,
    unit VARCHAR, rolls_over_holiday BOOLEAN, if_earlier VARCHAR, jurisdiction VARCHAR, region_prefix VARCHAR, valid_from DATE, valid_to DATE);
CREATE TABLE IF NOT EXISTS meta.issued_holidays (period VARCHAR, day DATE, is_working_day BOOLEAN);
CREATE TABLE IF NOT EXISTS meta.issued_deliveries (period VARCHAR, delivery_id VARCHAR);
"""


def sql_type(column: Column) -> str:
    """The DuckDB type of a raw column."""
    return _SQL_TYPES[column.type]


#: What every raw table has before the columns of its definition.
_ROW_COLUMNS = {
    "source_row": "BIGINT",
    "row_hash": "UHUGEINT",
    "record_key": "UHUGEINT",
    "version_at": "TIMESTAMPTZ",
    "is_withdrawn": "BOOLEAN",
    "held_values": "UTINYINT",
    "data_key": "VARCHAR",
}


def raw_columns(dataset: Dataset) -> dict[str, str]:
    """The columns of the raw table of a data set and their DuckDB types: the row's numbers, then the columns of the definition."""
    return _ROW_COLUMNS | {column.name: sql_type(column) for column in dataset.columns}


def _raw_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the raw tables that are not there; columns that were defined after the warehouse was made are added, empty in what was loaded before."""
    there = set(connection.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'raw'").fetchall())
    tables = {table for table, _ in there}
    for dataset in datasets().values():
        columns = raw_columns(dataset)
        if dataset.table not in tables:
            described = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            connection.execute(f"CREATE TABLE raw.{dataset.table} ({described})")
        else:
            for name in [name for name in columns if (dataset.table, name) not in there]:
                connection.execute(f'ALTER TABLE raw.{dataset.table} ADD COLUMN "{name}" {columns[name]}')


@contextmanager
def open_warehouse(path: Path, *, memory_limit: str = "1200MB") -> Iterator[duckdb.DuckDBPyConnection]:
    """The working warehouse with all raw and meta tables in place; closed on leaving, so that the next process can open it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "threads": "2",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(str(path), config=settings)
    try:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        # One transaction: a commit for each of fifty tables takes longer than making them.
        connection.execute("BEGIN")
        connection.execute(_META)
        connection.execute(f"CREATE OR REPLACE MACRO meta.masked(value) AS {masked('value')}")
        _raw_tables(connection)
        connection.execute("COMMIT")
        yield connection
    finally:
        connection.close()
