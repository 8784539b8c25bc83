"""Takes over what the province has already: for an outbox that was lost, or a province that was reached by another way before.

Afterwards a push sends what differs and nothing twice. A record is known again by its DATA_KEY; one that was delivered without a key, and got one from an
outbox that is lost, by its content: of equal contents it is no matter which.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from exports.publication import WAREHOUSE
from exports.push.content import content_digest, national_names, pushed_datasets, rendered_rows
from exports.push.errors import PushUsageError
from exports.push.http_channel import HttpChannel
from exports.push.outbox import count, transaction
from exports.push.reconciliation import read_theirs
from sources.definitions import Dataset


@dataclass(frozen=True)
class Adoption:
    """How many records of the province were known again, and how many it has of which the snapshot knows nothing."""

    adopted: int
    unknown: int


def adopt(connection: duckdb.DuckDBPyConnection, channel: HttpChannel, snapshot: Path) -> Adoption:
    """Enter into an empty outbox what the province has of the snapshot's records, current or withdrawn, in one transaction.

    Raises PushUsageError when the outbox knows of a record already: what it knows is better than what is guessed here.
    """
    if known := count(connection, "SELECT count(*) FROM outbox.records"):
        raise PushUsageError(f"the outbox knows {known:,} records already; --adopt is for one that was lost")
    path = str(snapshot / WAREHOUSE).replace("'", "''")
    connection.execute(f"ATTACH '{path}' AS snapshot (READ_ONLY)")
    try:
        with transaction(connection):
            theirs = 0
            for dataset in pushed_datasets():
                read_theirs(connection, channel, dataset)
                theirs += count(connection, "SELECT count(*) FROM theirs")
                _adopt_by_key(connection, dataset)
                _adopt_by_content(connection, dataset)
            adopted = count(connection, "SELECT count(*) FROM outbox.records")
        return Adoption(adopted, theirs - adopted)
    finally:
        connection.execute("DETACH snapshot")


def _adopt_by_key(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """The row's digest stays unknown (0), so that the next fill looks at every record once and compares contents."""
    connection.execute(
        f"""INSERT INTO outbox.records
        SELECT $1, r.record_key, t.data_key, NULL, NULL, NULL, 0::UHUGEINT, t.digest, true, NULL
        FROM theirs AS t JOIN snapshot.raw.{dataset.table} AS r ON r.data_key = t.data_key
        QUALIFY row_number() OVER (PARTITION BY t.data_key ORDER BY r.source_row DESC) = 1
            AND row_number() OVER (PARTITION BY r.record_key ORDER BY t.data_key) = 1""",
        [dataset.name],
    )


def _adopt_by_content(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    if not count(
        connection, "SELECT count(*) FROM theirs WHERE data_key NOT IN (SELECT data_key FROM outbox.records WHERE dataset = $1)", [dataset.name]
    ):
        return
    current = f"""data_key IS NULL AND NOT is_withdrawn
        AND row_hash NOT IN (SELECT row_hash FROM snapshot.staging.superseded_rows WHERE table_name = '{dataset.table}')"""
    rows = rendered_rows(dataset, {"_record_key": "record_key"}, f"snapshot.raw.{dataset.table}", current)
    connection.execute(
        f"""INSERT INTO outbox.records
        WITH ours AS (
            SELECT _record_key AS record_key, {content_digest(national_names(dataset))} AS digest FROM ({rows})),
        ours_numbered AS (SELECT *, row_number() OVER (PARTITION BY digest ORDER BY record_key) AS number FROM ours),
        theirs_numbered AS (
            SELECT *, row_number() OVER (PARTITION BY digest ORDER BY data_key) AS number FROM theirs
            WHERE data_key NOT IN (SELECT data_key FROM outbox.records WHERE dataset = $1))
        SELECT $1, o.record_key, t.data_key, NULL, NULL, NULL, 0::UHUGEINT, t.digest, true, NULL
        FROM ours_numbered AS o JOIN theirs_numbered AS t ON o.digest = t.digest AND o.number = t.number""",
        [dataset.name],
    )
