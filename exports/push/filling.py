"""Fills the outbox from the published snapshot: what the province lacks, has differently, or must forget.

One hash join a data set tells which records changed since they were last looked at; only those are rendered, so the cost follows the change.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from exports.publication import WAREHOUSE, read_manifest
from exports.push.content import content_digest, content_json, national_names, parent_column, pushed_datasets, rendered_rows
from exports.push.errors import PushUsageError
from exports.push.outbox import count, transaction
from exports.push.settings import PushSettings
from sources.definitions import Dataset
from sources.warehouse import ROWS_PER_DELIVERY

#: What was sent and is not settled may be at the province: it is not overtaken, and the change behind it is seen by the next fill.
_IN_FLIGHT = "SELECT record_key FROM outbox.messages WHERE dataset = $1 AND (state = 'sealed' OR (state = 'queued' AND sent_at IS NOT NULL))"


@dataclass(frozen=True)
class Filling:
    """What a fill found: messages queued by operation, records that may not leave, and whether the snapshot was looked at at all."""

    snapshot: str
    additions: int
    changes: int
    deletions: int
    blocked: int
    is_new: bool

    @property
    def queued(self) -> int:
        """All messages that were queued."""
        return self.additions + self.changes + self.deletions


def form_digest() -> str:
    """A digest of how contents are rendered: another definition or another masking makes every content be looked at again."""
    text = "".join(rendered_rows(dataset, {"_": "0"}, dataset.table) for dataset in pushed_datasets())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fill(connection: duckdb.DuckDBPyConnection, snapshot: Path, settings: PushSettings) -> Filling:
    """Queue what the snapshot has and the province does not, in one transaction; a snapshot that was looked at and left nothing open is not looked at again.

    Raises PushUsageError for a snapshot that knows less than one pushed before: it would turn records back.
    """
    manifest = read_manifest(snapshot)
    known_at = date.fromisoformat(str(manifest["known_at"]))
    form = form_digest()
    last = connection.execute("SELECT snapshot, form, known_at FROM outbox.fills ORDER BY filled_at DESC LIMIT 1").fetchone()
    if last and last[2] > known_at:
        raise PushUsageError(
            f"snapshot {manifest['snapshot']} knows records up to {known_at}, one up to {last[2]} was pushed already; publish a later day first"
        )
    if last and (last[0], last[1]) == (manifest["snapshot"], form):
        return Filling(str(manifest["snapshot"]), 0, 0, 0, count(connection, "SELECT count(*) FROM outbox.blocked"), is_new=False)
    before = count(connection, "SELECT coalesce(max(message_number), 0) FROM outbox.messages")
    path = str(snapshot / WAREHOUSE).replace("'", "''")
    connection.execute(f"ATTACH '{path}' AS snapshot (READ_ONLY)")
    try:
        with transaction(connection):
            connection.execute("DELETE FROM outbox.blocked")
            in_flight = 0
            for dataset in pushed_datasets():
                if connection.execute(f"SELECT 1 FROM snapshot.raw.{dataset.table} LIMIT 1").fetchone():
                    _fill_dataset(connection, dataset, settings, known_at, anew=last is not None and last[1] != form)
                    in_flight += count(connection, f"SELECT count(*) FROM ({_IN_FLIGHT})", [dataset.name])
            if not in_flight:
                connection.execute("INSERT INTO outbox.fills VALUES (?, ?, ?, now())", [manifest["snapshot"], form, known_at])
        return Filling(str(manifest["snapshot"]), *_queued_since(connection, before), is_new=True)
    finally:
        connection.execute("DETACH snapshot")


def _queued_since(connection: duckdb.DuckDBPyConnection, before: int) -> tuple[int, int, int, int]:
    row = connection.execute(
        "SELECT count(*) FILTER (data_type = '1'), count(*) FILTER (data_type = '2'), count(*) FILTER (data_type = '3'), "
        "(SELECT count(*) FROM outbox.blocked) FROM outbox.messages WHERE message_number > ?",
        [before],
    ).fetchone()
    assert row is not None
    return row


def _fill_dataset(connection: duckdb.DuckDBPyConnection, dataset: Dataset, settings: PushSettings, known_at: date, *, anew: bool) -> None:
    """Find the changed records of one data set, render them, and queue a message for each that the province must be told."""
    name = [dataset.name]
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE current_rows AS
        SELECT record_key, row_hash, source_row FROM snapshot.raw.{dataset.table}
        WHERE NOT is_withdrawn AND row_hash NOT IN (SELECT row_hash FROM snapshot.staging.superseded_rows WHERE table_name = '{dataset.table}')"""
    )
    _block(connection, dataset)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE changed_rows AS
        SELECT c.source_row, r.is_at_province, r.digest AS province_digest, r.data_key AS given_key
        FROM current_rows AS c LEFT JOIN (SELECT * FROM outbox.records WHERE dataset = $1) AS r ON c.record_key = r.record_key
        WHERE ({"true" if anew else "r.row_hash IS DISTINCT FROM c.row_hash"})
            AND c.record_key NOT IN (SELECT record_key FROM outbox.blocked WHERE dataset = $1) AND c.record_key NOT IN ({_IN_FLIGHT})""",
        name,
    )
    if count(connection, "SELECT count(*) FROM changed_rows"):
        _render(connection, dataset, settings, known_at)
        _queue(connection, dataset)
    _queue_deletions(connection, dataset)


def _block(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """What a finding holds back: a record, or all records of a file that never fills a column."""
    connection.execute(
        f"""INSERT INTO outbox.blocked
        WITH findings AS (
            SELECT check_id, column_name, reason, source_row FROM snapshot.quality.findings WHERE severity = 'blocks_push' AND dataset = $1)
        SELECT $1, c.record_key, c.source_row, f.check_id, f.column_name, f.reason
        FROM current_rows AS c JOIN findings AS f ON c.source_row = f.source_row
        UNION ALL
        SELECT $1, c.record_key, c.source_row, f.check_id, f.column_name, f.reason
        FROM current_rows AS c JOIN findings AS f ON c.source_row // {ROWS_PER_DELIVERY} = f.source_row // {ROWS_PER_DELIVERY}
        WHERE f.source_row % {ROWS_PER_DELIVERY} = 0""",
        [dataset.name],
    )


def _render(connection: duckdb.DuckDBPyConnection, dataset: Dataset, settings: PushSettings, known_at: date) -> None:
    """The temp table ``rendered``: one changed record with its content, its digest and its key."""
    names = national_names(dataset)
    has_region = any(column.name == "region_code" for column in dataset.columns)
    parent = parent_column(dataset)
    own = {
        "_region_code": '"region_code"' if has_region else "NULL::VARCHAR",
        # A date begins at midnight of the connection's time zone, which is Beijing's.
        "_published_at": f'CAST("{dataset.known_at}" AS TIMESTAMPTZ)' if dataset.known_at else "version_at",
        "_identity": f'"{dataset.identity}"',
        "_parent_code": f'"{parent.name}"' if parent else "NULL::VARCHAR",
        **{f"_{name}": name for name in ("source_row", "record_key", "row_hash", "data_key", "version_at")},
    }
    digits = 3 if (dataset.number or 0) < 1000 else 4
    prefix = f"{settings.system_number}{dataset.number:0{digits}d}{known_at:%Y%m%d}"
    keyless = "coalesce(c.given_key, w._data_key) IS NULL"
    serial = f"(SELECT count(*) FROM outbox.records WHERE dataset = $1) + row_number() OVER (PARTITION BY {keyless} ORDER BY w._source_row)"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE rendered AS
        SELECT w._source_row AS source_row, w._record_key AS record_key, w._row_hash AS row_hash, w._region_code AS region_code,
            w._published_at AS published_at, w._identity AS identity, w._parent_code AS parent_code,
            coalesce(w._version_at, d.received_at) AS data_timestamp,
            coalesce(c.given_key, w._data_key, '{prefix}' || lpad(CAST({serial} AS VARCHAR), {10 - digits}, '0')) AS data_key,
            c.is_at_province, c.province_digest, {content_json(names)} AS content, {content_digest(names)} AS digest
        FROM ({rendered_rows(dataset, own, f"snapshot.raw.{dataset.table}", "source_row IN (SELECT source_row FROM changed_rows)")}) AS w
        JOIN changed_rows AS c ON w._source_row = c.source_row
        LEFT JOIN snapshot.meta.deliveries AS d ON d.delivery_number = w._source_row // {ROWS_PER_DELIVERY}
        QUALIFY row_number() OVER (PARTITION BY w._record_key ORDER BY w._source_row) = 1""",
        [dataset.name],
    )


def _queue(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    name = [dataset.name]
    parent = parent_column(dataset)
    # What was queued and never sent is overtaken; what was refused or parked is settled by the new content.
    connection.execute(
        """UPDATE outbox.messages SET state = 'superseded' WHERE dataset = $1 AND state IN ('queued', 'refused', 'parked')
        AND record_key IN (SELECT record_key FROM rendered)""",
        name,
    )
    connection.execute("DELETE FROM outbox.contents WHERE message_number IN (SELECT message_number FROM outbox.messages WHERE state = 'superseded')")
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE queueing AS
        SELECT nextval('outbox.message_numbers') AS message_number, *,
            CASE WHEN is_at_province THEN '2' ELSE '1' END AS data_type,
            1 + (SELECT count(*) FROM outbox.messages AS m WHERE m.dataset = '{dataset.name}' AND m.record_key = rendered.record_key AND m.sent_at IS NOT NULL) AS attempt
        FROM rendered WHERE NOT coalesce(is_at_province, false) OR digest <> province_digest"""
    )
    connection.execute(
        f"""INSERT INTO outbox.messages
        SELECT message_number, $1, record_key, data_key, data_type, data_timestamp, attempt, identity,
            {f"'{parent.parent}'" if parent else "NULL"}, parent_code, region_code, published_at, source_row, row_hash, digest,
            'queued', NULL, 0, NULL, NULL, now(), NULL, NULL, NULL
        FROM queueing ORDER BY message_number""",
        name,
    )
    connection.execute("INSERT INTO outbox.contents SELECT message_number, content FROM queueing ORDER BY message_number")
    connection.execute(
        """UPDATE outbox.records SET row_hash = rendered.row_hash, identity = rendered.identity, region_code = rendered.region_code,
            published_at = rendered.published_at
        FROM rendered WHERE outbox.records.dataset = $1 AND outbox.records.record_key = rendered.record_key""",
        name,
    )
    connection.execute(
        """INSERT INTO outbox.records
        SELECT $1, record_key, data_key, identity, region_code, published_at, row_hash, NULL, false, NULL
        FROM rendered WHERE record_key NOT IN (SELECT record_key FROM outbox.records WHERE dataset = $1)""",
        name,
    )


def _queue_deletions(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """What was withdrawn: its deletion is queued, and what of it was not sent yet is not sent. A record that is merely not there any more is kept."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE withdrawn AS
        SELECT w.record_key, w.row_hash, w.source_row, coalesce(w.version_at, d.received_at) AS data_timestamp
        FROM snapshot.raw.{dataset.table} AS w
        LEFT JOIN snapshot.meta.deliveries AS d ON d.delivery_number = w.source_row // {ROWS_PER_DELIVERY}
        WHERE w.is_withdrawn AND w.row_hash NOT IN (SELECT row_hash FROM snapshot.staging.superseded_rows WHERE table_name = '{dataset.table}')
            AND w.record_key NOT IN (SELECT record_key FROM current_rows)
            AND w.record_key IN (SELECT record_key FROM outbox.records WHERE dataset = $1 AND row_hash <> w.row_hash)
            AND w.record_key NOT IN ({_IN_FLIGHT})""",
        [dataset.name],
    )
    if not count(connection, "SELECT count(*) FROM withdrawn"):
        return
    connection.execute(
        """UPDATE outbox.messages SET state = 'superseded' WHERE dataset = $1 AND state IN ('queued', 'refused', 'parked')
        AND record_key IN (SELECT record_key FROM withdrawn)""",
        [dataset.name],
    )
    connection.execute("DELETE FROM outbox.contents WHERE message_number IN (SELECT message_number FROM outbox.messages WHERE state = 'superseded')")
    connection.execute(
        """INSERT INTO outbox.messages
        SELECT nextval('outbox.message_numbers'), $1, r.record_key, r.data_key, '3', w.data_timestamp,
            1 + (SELECT count(*) FROM outbox.messages AS m WHERE m.dataset = $1 AND m.record_key = r.record_key AND m.sent_at IS NOT NULL),
            r.identity, NULL, NULL, r.region_code, r.published_at, w.source_row, w.row_hash, NULL, 'queued', NULL, 0, NULL, NULL, now(), NULL, NULL, NULL
        FROM withdrawn AS w JOIN outbox.records AS r ON r.dataset = $1 AND r.record_key = w.record_key
        WHERE r.is_at_province""",
        [dataset.name],
    )
    connection.execute(
        """UPDATE outbox.records SET row_hash = withdrawn.row_hash FROM withdrawn
        WHERE outbox.records.dataset = $1 AND outbox.records.record_key = withdrawn.record_key""",
        [dataset.name],
    )
