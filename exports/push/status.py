"""What the outbox says: how many records are where, and the list of those that stay behind with their reason."""

from dataclasses import dataclass

import duckdb

from exports.push.outbox import count

#: One row a record that the province should have and has not (or has otherwise), with the reason in words.
LEFT_BEHIND = """
SELECT 'blocked' AS state, dataset, CAST(record_key AS VARCHAR) AS data_key, check_id AS code, concat_ws(': ', column_name, reason) AS reason FROM outbox.blocked
UNION ALL
SELECT state, dataset, data_key, reason_code, reason FROM outbox.messages WHERE state IN ('refused', 'parked')
UNION ALL
SELECT 'waiting', m.dataset, m.data_key, 'parent_not_there', m.parent_dataset || ' ' || m.parent_code || ' is not at the province'
FROM outbox.messages AS m WHERE m.state = 'queued' AND m.parent_code IS NOT NULL AND NOT EXISTS (
    FROM outbox.records AS p WHERE p.dataset = m.parent_dataset AND p.identity = m.parent_code AND p.is_at_province)
"""


@dataclass(frozen=True)
class Status:
    """Records at the province; messages that wait, are under way or wait for a parent; those refused and parked; records that are blocked; anomalies of receipts."""

    at_province: int
    queued: int
    under_way: int
    waiting: int
    refused: int
    parked: int
    blocked: int
    anomalies: int
    differences: int

    @property
    def left_behind(self) -> int:
        """How many records the province should have and has not."""
        return self.queued + self.under_way + self.refused + self.parked + self.blocked


def status(connection: duckdb.DuckDBPyConnection) -> Status:
    """Count what is where."""

    def messages(state: str) -> int:
        return count(connection, "SELECT count(*) FROM outbox.messages WHERE state = ?", [state])

    return Status(
        at_province=count(connection, "SELECT count(*) FROM outbox.records WHERE is_at_province"),
        queued=messages("queued"),
        under_way=messages("sealed"),
        waiting=count(connection, f"SELECT count(*) FROM ({LEFT_BEHIND}) WHERE state = 'waiting'"),
        refused=messages("refused"),
        parked=messages("parked"),
        blocked=count(connection, "SELECT count(DISTINCT (dataset, record_key)) FROM outbox.blocked"),
        anomalies=count(connection, "SELECT count(*) FROM outbox.anomalies"),
        differences=count(connection, "SELECT count(DISTINCT (kind, dataset, data_key)) FROM outbox.differences"),
    )


def reasons(connection: duckdb.DuckDBPyConnection, limit: int = 10) -> list[tuple[str, str, str, str, int]]:
    """The most frequent reasons: state, data set, code, reason and how many records."""
    return connection.execute(
        f"""SELECT state, dataset, code, any_value(reason), count(*) AS records FROM ({LEFT_BEHIND})
        GROUP BY state, dataset, code ORDER BY records DESC, state, dataset, code LIMIT {limit}"""
    ).fetchall()
