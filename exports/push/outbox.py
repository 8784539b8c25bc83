"""The outbox: what the province has, what it must still get, and every answer it gave. One DuckDB file a home, which no rebuilt warehouse touches."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from exports.push.errors import PushBusy

#: The state of a message: ``queued`` waits to be packed, ``sealed`` is in a package whose answer is not known; ``accepted``, ``refused``, ``parked`` and
#: ``superseded`` are settled.
_TABLES = """
CREATE SCHEMA IF NOT EXISTS outbox;
CREATE SEQUENCE IF NOT EXISTS outbox.message_numbers;
CREATE SEQUENCE IF NOT EXISTS outbox.package_numbers;
CREATE TABLE IF NOT EXISTS outbox.identity (outbox_id VARCHAR, created_at TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS outbox.fills (snapshot VARCHAR, form VARCHAR, known_at DATE, filled_at TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS outbox.records (
    dataset VARCHAR, record_key UHUGEINT, data_key VARCHAR, identity VARCHAR, region_code VARCHAR, published_at TIMESTAMPTZ,
    row_hash UHUGEINT, digest VARCHAR, is_at_province BOOLEAN, accepted_at TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS outbox.messages (
    message_number BIGINT, dataset VARCHAR, record_key UHUGEINT, data_key VARCHAR, data_type VARCHAR, data_timestamp TIMESTAMPTZ, attempt INTEGER,
    identity VARCHAR, parent_dataset VARCHAR, parent_code VARCHAR, region_code VARCHAR, published_at TIMESTAMPTZ, source_row BIGINT, row_hash UHUGEINT,
    digest VARCHAR, state VARCHAR, package VARCHAR, tries INTEGER, reason_code VARCHAR, reason VARCHAR,
    queued_at TIMESTAMPTZ, sent_at TIMESTAMPTZ, answered_at TIMESTAMPTZ, accepted_at TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS outbox.contents (message_number BIGINT, content VARCHAR);
CREATE TABLE IF NOT EXISTS outbox.packages (
    package VARCHAR, dataset VARCHAR, format VARCHAR, file VARCHAR, sha256 VARCHAR, records BIGINT, state VARCHAR, sealed_at TIMESTAMPTZ,
    sent_at TIMESTAMPTZ, answered_at TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS outbox.blocked (
    dataset VARCHAR, record_key UHUGEINT, source_row BIGINT, check_id VARCHAR, column_name VARCHAR, reason VARCHAR);
CREATE TABLE IF NOT EXISTS outbox.anomalies (found_at TIMESTAMPTZ, package VARCHAR, what VARCHAR, data_key VARCHAR);
CREATE TABLE IF NOT EXISTS outbox.told_receipts (message_number BIGINT, status VARCHAR);
CREATE TABLE IF NOT EXISTS outbox.differences (kind VARCHAR, dataset VARCHAR, data_key VARCHAR, column_name VARCHAR, ours VARCHAR, theirs VARCHAR, found_at TIMESTAMPTZ);
"""


def push_folder(home: Path) -> Path:
    """Where the push of a home keeps its outbox, its packages and its receipts."""
    return home / "push"


def packages_folder(home: Path) -> Path:
    """The packages that were sealed, each a ZIP file."""
    return push_folder(home) / "packages"


@contextmanager
def open_outbox(home: Path, *, memory_limit: str = "1GB") -> Iterator[duckdb.DuckDBPyConnection]:
    """The outbox of a home, made when it is not there; one push at a time. Raises PushBusy when another one runs."""
    folder = push_folder(home)
    packages_folder(home).mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "push.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise PushBusy("another push of this home is running (另一个推送正在进行); let it end") from None
    try:
        connection = duckdb.connect(
            str(folder / "push.duckdb"),
            config={"memory_limit": memory_limit, "threads": "2", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
        )
        try:
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            connection.execute("BEGIN")
            connection.execute(_TABLES)
            connection.execute(
                "INSERT INTO outbox.identity SELECT ?, now() WHERE NOT EXISTS (FROM outbox.identity)",
                [uuid.uuid4().hex[:12]],
            )
            connection.execute("COMMIT")
            yield connection
        finally:
            connection.close()
    finally:
        lock.release()


def outbox_id(connection: duckdb.DuckDBPyConnection) -> str:
    """Twelve hexadecimal digits that begin every message's id: two outboxes never give the same id."""
    row = connection.execute("SELECT outbox_id FROM outbox.identity").fetchone()
    assert row is not None
    return str(row[0])


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it or nothing."""
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def count(connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[object] | None = None) -> int:
    """The one number that a statement selects."""
    row = connection.execute(sql, parameters or []).fetchone()
    return int(row[0]) if row and row[0] is not None else 0
