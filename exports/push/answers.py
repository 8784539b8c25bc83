"""What the province answered, entered into the outbox: each record's own answer, and whatever does not fit."""

import json
from dataclasses import dataclass, field

import duckdb

from exports.push.outbox import count, outbox_id, transaction
from exports.push.packages import Package

#: The forms of an answer, as DuckDB reads JSON.
_ANSWER = (
    '[{"MESSAGE_ID": "VARCHAR", "DATA_KEY": "VARCHAR", "STATUS": "VARCHAR", "CODE": "VARCHAR", "REASON": "VARCHAR", "ACCEPTED_TIME": "VARCHAR"}]'
)


@dataclass(frozen=True)
class Answer:
    """The province's receipt for a package: one answer a record (MESSAGE_ID, DATA_KEY, STATUS, CODE, REASON, ACCEPTED_TIME).

    STATUS is ``accepted``, ``refused`` (for good, with CODE and REASON) or ``later`` (not processed this time).
    """

    records: list[dict[str, str | None]] = field(default_factory=list)


@dataclass
class Settled:
    """How many records were settled in which way."""

    accepted: int = 0
    refused: int = 0
    parked: int = 0
    again: int = 0

    def add(self, other: "Settled") -> None:
        """Count the other's too."""
        self.accepted += other.accepted
        self.refused += other.refused
        self.parked += other.parked
        self.again += other.again


def enter_answer(connection: duckdb.DuckDBPyConnection, package: Package, answer: Answer, attempts: int) -> Settled:
    """Settle every record of a package in one transaction. Entering an answer a second time changes nothing.

    A record without an answer is tried again, and so is one that was put off; after ``attempts`` tries it is parked.
    Answers for records that are not in the package, and a receipt with too few of them, are kept as anomalies.
    """
    outbox = outbox_id(connection)
    with transaction(connection):
        connection.execute(
            """CREATE OR REPLACE TEMP TABLE answers AS
            SELECT try_cast(split_part(a.MESSAGE_ID, '-', 2) AS BIGINT) AS message_number, split_part(a.MESSAGE_ID, '-', 1) AS outbox_id, a.DATA_KEY AS data_key,
                a.STATUS AS status, a.CODE AS code, a.REASON AS reason, try_strptime(a.ACCEPTED_TIME, '%Y%m%d%H%M%S') AT TIME ZONE 'Asia/Shanghai' AS accepted_at
            FROM (SELECT unnest(from_json($1, $2)) AS a)""",
            [json.dumps(answer.records, ensure_ascii=False), _ANSWER],
        )
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE asked AS SELECT message_number, data_key, tries FROM outbox.messages WHERE package = ? AND state = 'sealed'",
            [package.name],
        )
        _enter_anomalies(connection, package, outbox)
        connection.execute(
            """CREATE OR REPLACE TEMP TABLE settled AS
            SELECT s.message_number,
                CASE WHEN a.status IN ('accepted', 'refused') THEN a.status WHEN s.tries >= $2 THEN 'parked' ELSE 'queued' END AS state,
                CASE WHEN a.status = 'accepted' THEN NULL ELSE coalesce(a.code, 'no_answer') END AS code,
                CASE WHEN a.status = 'accepted' THEN NULL ELSE coalesce(a.reason, 'the receipt does not mention the record') END AS reason,
                CASE WHEN a.status = 'accepted' THEN coalesce(a.accepted_at, now()) END AS accepted_at
            FROM asked AS s LEFT JOIN (
                SELECT * FROM answers WHERE outbox_id = $1 QUALIFY row_number() OVER (PARTITION BY message_number ORDER BY status) = 1
            ) AS a ON s.message_number = a.message_number""",
            [outbox, attempts],
        )
        settled = _settle(connection, package)
        if settled.refused:
            settled.again += _change_instead(connection)
        return settled


def take_back(connection: duckdb.DuckDBPyConnection, packages: list[str]) -> None:
    """Packages that failed because the province is not well: it was not the fault of their records, so the try does not count."""
    with transaction(connection):
        connection.execute(
            "UPDATE outbox.packages SET state = 'answered', answered_at = now() WHERE package IN (SELECT unnest($1::VARCHAR[]))", [packages]
        )
        connection.execute(
            """UPDATE outbox.messages SET state = 'queued', tries = greatest(tries - 1, 0)
            WHERE package IN (SELECT unnest($1::VARCHAR[])) AND state IN ('sealed', 'queued', 'parked')""",
            [packages],
        )


def enter_failure(connection: duckdb.DuckDBPyConnection, package: Package, code: str, reason: str, attempts: int) -> Settled:
    """A package that the province could not process as a whole: its records are tried again in smaller packages, and parked after ``attempts`` tries."""
    with transaction(connection):
        connection.execute(
            """CREATE OR REPLACE TEMP TABLE settled AS
            SELECT message_number, CASE WHEN tries >= $2 THEN 'parked' ELSE 'queued' END AS state, $3::VARCHAR AS code, $4::VARCHAR AS reason, NULL::TIMESTAMPTZ AS accepted_at
            FROM outbox.messages WHERE package = $1 AND state = 'sealed'""",
            [package.name, attempts, code, reason],
        )
        return _settle(connection, package)


def _enter_anomalies(connection: duckdb.DuckDBPyConnection, package: Package, outbox: str) -> None:
    connection.execute(
        """INSERT INTO outbox.anomalies
        SELECT now(), $1, 'answer for a record that is not in the package', data_key FROM answers
        WHERE outbox_id <> $2 OR message_number IS NULL OR message_number NOT IN (SELECT message_number FROM outbox.messages WHERE package = $1)
        UNION ALL
        SELECT now(), $1, 'no answer for a record of the package', data_key FROM asked WHERE message_number NOT IN (SELECT message_number FROM answers WHERE message_number IS NOT NULL)
        UNION ALL
        SELECT now(), $1, 'several answers for one record', any_value(data_key) FROM answers GROUP BY message_number HAVING count(*) > 1""",
        [package.name, outbox],
    )


def _change_instead(connection: duckdb.DuckDBPyConnection) -> int:
    """What was parked may have reached the province all the same: where it says that it has the key already, the new content is queued as a change."""
    changed = """outbox.messages AS m WHERE m.data_type = '1' AND m.message_number IN (SELECT message_number FROM settled WHERE state = 'refused' AND code = 'key_exists')
        AND EXISTS (FROM outbox.messages AS e WHERE e.dataset = m.dataset AND e.record_key = m.record_key AND e.message_number < m.message_number
            AND e.state = 'superseded' AND e.sent_at IS NOT NULL)"""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE changing AS SELECT nextval('outbox.message_numbers') AS new_number, m.* FROM {changed}")
    connection.execute(
        """INSERT INTO outbox.messages SELECT * EXCLUDE (new_number) REPLACE (new_number AS message_number, '2' AS data_type, attempt + 1 AS attempt,
            'queued' AS state, NULL AS package, 0 AS tries, NULL AS reason_code, NULL AS reason, now() AS queued_at, NULL AS sent_at, NULL AS answered_at)
        FROM changing"""
    )
    connection.execute(
        "INSERT INTO outbox.contents SELECT c.new_number, o.content FROM changing AS c JOIN outbox.contents AS o ON c.message_number = o.message_number"
    )
    return count(connection, "SELECT count(*) FROM changing")


def _settle(connection: duckdb.DuckDBPyConnection, package: Package) -> Settled:
    connection.execute(
        """UPDATE outbox.messages SET state = s.state, reason_code = s.code, reason = s.reason, accepted_at = s.accepted_at, answered_at = now()
        FROM settled AS s WHERE outbox.messages.message_number = s.message_number AND outbox.messages.state = 'sealed'"""
    )
    # A message of deletion has no digest: the record is no longer there.
    connection.execute(
        """UPDATE outbox.records SET digest = m.digest, is_at_province = m.data_type <> '3', accepted_at = m.accepted_at, identity = m.identity
        FROM (SELECT * FROM outbox.messages WHERE message_number IN (SELECT message_number FROM settled WHERE state = 'accepted')) AS m
        WHERE outbox.records.dataset = m.dataset AND outbox.records.record_key = m.record_key"""
    )
    connection.execute("DELETE FROM outbox.contents WHERE message_number IN (SELECT message_number FROM settled WHERE state = 'accepted')")
    connection.execute("UPDATE outbox.packages SET state = 'answered', answered_at = now() WHERE package = ?", [package.name])
    counts = {
        state: count(connection, "SELECT count(*) FROM settled WHERE state = ?", [state]) for state in ("accepted", "refused", "parked", "queued")
    }
    return Settled(counts["accepted"], counts["refused"], counts["parked"], counts["queued"])
