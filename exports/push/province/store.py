"""What the province has: one SQLite file. A message that was judged is remembered with its answer, so that sending it again does nothing."""

import json
import sqlite3
from pathlib import Path

from exports.push.province.rules import IMMUTABLE_CODES, Fields, Record

_TABLES = """
CREATE TABLE IF NOT EXISTS records (
    dataset TEXT, data_key TEXT, platform TEXT, code TEXT, content TEXT, digest TEXT, accepted_at TEXT, PRIMARY KEY (dataset, data_key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS codes ON records (dataset, code) WHERE code IS NOT NULL;
CREATE TABLE IF NOT EXISTS judged (message_id TEXT PRIMARY KEY, answer TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS receipts (package TEXT PRIMARY KEY, receipt TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS arrivals (number INTEGER PRIMARY KEY, message_id TEXT, dataset TEXT, data_key TEXT, data_type TEXT, outcome TEXT);
"""


class Store:
    """The province's records. Not for several threads at once: the server lets one package in at a time."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_TABLES)

    def begin(self) -> None:
        """What follows is kept together."""
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Keep it."""
        self._connection.execute("COMMIT")

    def rollback(self) -> None:
        """Forget it."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def owner(self, dataset: str, data_key: str) -> str | None:
        """The platform that sent a record."""
        row = self._connection.execute("SELECT platform FROM records WHERE dataset = ? AND data_key = ?", (dataset, data_key)).fetchone()
        return row[0] if row else None

    def content(self, dataset: str, data_key: str) -> Fields:
        """The content of a record, empty when it is not there."""
        row = self._connection.execute("SELECT content FROM records WHERE dataset = ? AND data_key = ?", (dataset, data_key)).fetchone()
        return json.loads(row[0]) if row else {}

    def key_of_code(self, dataset: str, code: str) -> str | None:
        """The key of the record with this unique code."""
        row = self._connection.execute("SELECT data_key FROM records WHERE dataset = ? AND code = ?", (dataset, code)).fetchone()
        return row[0] if row else None

    def put(self, record: Record, digest: str, accepted_at: str) -> None:
        """Add or replace a record."""
        code = record.content.get(IMMUTABLE_CODES.get(record.dataset, ""))
        content = json.dumps(dict(record.content), ensure_ascii=False)
        row = (record.dataset, record.message["DATA_KEY"], record.message["PLATFORM_CODE"], code, content, digest, accepted_at)
        self._connection.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def remove(self, record: Record) -> None:
        """Delete a record."""
        self._connection.execute("DELETE FROM records WHERE dataset = ? AND data_key = ?", (record.dataset, record.message["DATA_KEY"]))

    def answer(self, message_id: str) -> dict[str, str | None] | None:
        """What a message was answered before."""
        row = self._connection.execute("SELECT answer FROM judged WHERE message_id = ?", (message_id,)).fetchone()
        return json.loads(row[0]) if row else None

    def remember(self, record: Record, answer: dict[str, str | None]) -> None:
        """Keep the answer of a message and that it arrived."""
        message_id = record.message["MESSAGE_ID"]
        self._connection.execute("INSERT INTO judged VALUES (?, ?)", (message_id, json.dumps(answer, ensure_ascii=False)))
        self._connection.execute(
            "INSERT INTO arrivals (message_id, dataset, data_key, data_type, outcome) VALUES (?, ?, ?, ?, ?)",
            (message_id, record.dataset, record.message["DATA_KEY"], record.message["DATA_TYPE"], answer["STATUS"]),
        )

    def receipt(self, package: str) -> str | None:
        """The receipt of a package, as JSON."""
        row = self._connection.execute("SELECT receipt FROM receipts WHERE package = ?", (package,)).fetchone()
        return row[0] if row else None

    def keep_receipt(self, package: str, receipt: str) -> None:
        """Keep the receipt of a package."""
        self._connection.execute("INSERT OR REPLACE INTO receipts VALUES (?, ?)", (package, receipt))

    def page(self, dataset: str, after: str, size: int) -> list[dict[str, str]]:
        """The next records of a data set by key: DATA_KEY, DIGEST, ACCEPTED_TIME."""
        rows = self._connection.execute(
            "SELECT data_key, digest, accepted_at FROM records WHERE dataset = ? AND data_key > ? ORDER BY data_key LIMIT ?", (dataset, after, size)
        )
        return [{"DATA_KEY": key, "DIGEST": digest, "ACCEPTED_TIME": accepted_at} for key, digest, accepted_at in rows]

    def count(self) -> int:
        """How many records there are."""
        return int(self._connection.execute("SELECT count(*) FROM records").fetchone()[0])
