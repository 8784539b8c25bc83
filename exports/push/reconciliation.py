"""Compares what we sent with what the province says it has: sent and not received, received and not sent, differing in a field."""

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from exports.publication import WAREHOUSE
from exports.push.content import content_digest, content_json, national_names, pushed_datasets, rendered_rows
from exports.push.http_channel import HttpChannel
from exports.push.outbox import count, transaction
from sources.definitions import Dataset

#: Of records that differ, so many a data set are compared field by field.
_COMPARED = 200


@dataclass(frozen=True)
class Reconciliation:
    """How many records both have, and the differences by kind."""

    agreed: int
    not_received: int
    not_sent: int
    differing: int

    @property
    def is_clean(self) -> bool:
        """Whether both have the same."""
        return not (self.not_received or self.not_sent or self.differing)


def reconcile(connection: duckdb.DuckDBPyConnection, channel: HttpChannel, snapshot: Path) -> Reconciliation:
    """Read the province's list, data set by data set, and keep every difference in ``outbox.differences``."""
    totals = [0, 0, 0, 0]
    path = str(snapshot / WAREHOUSE).replace("'", "''")
    connection.execute(f"ATTACH '{path}' AS snapshot (READ_ONLY)")
    try:
        connection.execute("DELETE FROM outbox.differences")
        for dataset in pushed_datasets():
            read_theirs(connection, channel, dataset)
            with transaction(connection):
                _enter_differences(connection, dataset)
            _compare_fields(connection, channel, dataset)
            for position, number in enumerate(_counts(connection, dataset)):
                totals[position] += number
    finally:
        connection.execute("DETACH snapshot")
    return Reconciliation(*totals)


def read_theirs(connection: duckdb.DuckDBPyConnection, channel: HttpChannel, dataset: Dataset) -> None:
    """The temp table ``theirs``: key and digest of every record that the province has of a data set."""
    listed = json.dumps([{"DATA_KEY": record["DATA_KEY"], "DIGEST": record["DIGEST"]} for record in channel.records(dataset.name)])
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE theirs AS
        SELECT t.DATA_KEY AS data_key, t.DIGEST AS digest FROM (SELECT unnest(from_json($1, '[{"DATA_KEY": "VARCHAR", "DIGEST": "VARCHAR"}]')) AS t)""",
        [listed],
    )


def _ours(dataset: Dataset) -> str:
    return f"(SELECT data_key, digest FROM outbox.records WHERE dataset = '{dataset.name}' AND is_at_province)"


def _enter_differences(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    connection.execute(
        f"""INSERT INTO outbox.differences
        SELECT CASE WHEN t.data_key IS NULL THEN 'not_received' WHEN o.data_key IS NULL THEN 'not_sent' ELSE 'differing' END, $1,
            coalesce(o.data_key, t.data_key), NULL, o.digest, t.digest, now()
        FROM {_ours(dataset)} AS o FULL JOIN theirs AS t ON o.data_key = t.data_key
        WHERE o.data_key IS NULL OR t.data_key IS NULL OR o.digest <> t.digest""",
        [dataset.name],
    )


def _counts(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> list[int]:
    agreed = count(connection, f"SELECT count(*) FROM {_ours(dataset)} AS o JOIN theirs AS t ON o.data_key = t.data_key AND o.digest = t.digest")
    kinds = ("not_received", "not_sent", "differing")
    return [
        agreed,
        *(
            count(connection, "SELECT count(DISTINCT data_key) FROM outbox.differences WHERE dataset = ? AND kind = ?", [dataset.name, kind])
            for kind in kinds
        ),
    ]


def _compare_fields(connection: duckdb.DuckDBPyConnection, channel: HttpChannel, dataset: Dataset) -> None:
    """Name the differing fields of a record: ours as the snapshot has it, when that is what we sent. The values themselves are compared, not kept."""
    differing = connection.execute(
        "SELECT data_key FROM outbox.differences WHERE dataset = ? AND kind = 'differing' ORDER BY data_key LIMIT ?", [dataset.name, _COMPARED]
    ).fetchall()
    if not differing:
        return
    names = national_names(dataset)
    of_differing = """NOT is_withdrawn AND record_key IN (
        SELECT r.record_key FROM outbox.records AS r JOIN outbox.differences AS d ON r.dataset = d.dataset AND r.data_key = d.data_key
        WHERE d.dataset = $1 AND d.kind = 'differing')"""
    rows = rendered_rows(dataset, {"_record_key": "record_key"}, f"snapshot.raw.{dataset.table}", of_differing)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE our_content AS
        SELECT r.data_key, w.content FROM (
            SELECT _record_key, {content_json(names)} AS content, {content_digest(names)} AS digest
            FROM ({rows})) AS w
        JOIN outbox.records AS r ON r.dataset = $1 AND r.record_key = w._record_key AND r.digest = w.digest""",
        [dataset.name],
    )
    for (data_key,) in differing:
        row = connection.execute("SELECT content FROM our_content WHERE data_key = ?", [data_key]).fetchone()
        if row is None:
            continue
        ours, theirs = json.loads(row[0]), channel.record(dataset.name, data_key)
        for name in [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]:
            connection.execute(
                "INSERT INTO outbox.differences VALUES ('differing', ?, ?, ?, ?, ?, now())",
                [dataset.name, data_key, name, _told(ours.get(name)), _told(theirs.get(name))],
            )


def _told(value: str | None) -> str:
    """A value may be personal: that it is there and how long it is says enough to find the difference."""
    return "空" if value is None else f"{len(value)} 字"
