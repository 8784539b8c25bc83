"""The desk's log: append-only, each entry with the hash of the one before, so that what was written cannot be changed unnoticed.

One SQLite file that several processes write (the live app, the command line, a run). Entry ``number`` has the digest
SHA-256(digest of the entry before, line feed, content), content being canonical JSON. Every published snapshot names the last entry and its digest:
a log that was shortened or written anew does not lead there.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from quality.desk.errors import LogAltered, LogBusy

FILE = "log.sqlite"
ORIGIN = "0" * 64
_WAIT_SECONDS = 30

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY,
    previous TEXT NOT NULL,
    content TEXT NOT NULL,
    digest TEXT NOT NULL,
    finding_id TEXT GENERATED ALWAYS AS (json_extract(content, '$.finding_id')) VIRTUAL
) STRICT;
CREATE INDEX IF NOT EXISTS entries_of_a_finding ON entries (finding_id);
CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'an entry of the log is never changed'); END;
CREATE TRIGGER IF NOT EXISTS entries_are_kept BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'an entry of the log is never removed'); END;
CREATE TRIGGER IF NOT EXISTS entries_follow BEFORE INSERT ON entries
    WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM entries)
    OR NEW.previous <> coalesce((SELECT digest FROM entries ORDER BY number DESC LIMIT 1), '0000000000000000000000000000000000000000000000000000000000000000')
    BEGIN SELECT RAISE(ABORT, 'an entry of the log follows the last one'); END;
"""


@dataclass(frozen=True)
class Head:
    """The last entry of a log: its number (0 of an empty log) and digest."""

    number: int = 0
    digest: str = ORIGIN


@dataclass(frozen=True)
class Entry:
    """One entry: number, digest, and what it says."""

    number: int
    digest: str
    content: Mapping[str, Any]


def desk_folder(home: Path) -> Path:
    """Where the desk of a home keeps its log and what the audits saw."""
    return home / "desk"


def canonical(content: Mapping[str, Any]) -> str:
    """The one way to write a content: JSON with sorted keys and no blanks."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_after(previous: str, content: str) -> str:
    """The digest of an entry that follows ``previous``."""
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()


#: Finding and content of the last action to each finding after an entry.
_LAST_ACTIONS = """SELECT finding_id, content FROM entries
    WHERE number IN (SELECT max(number) FROM entries WHERE number > ? AND finding_id IS NOT NULL GROUP BY finding_id)"""


class DeskLog:
    """The log of a home's desk. Nothing is written, and no file is made, before the first entry."""

    def __init__(self, folder: Path) -> None:
        """The log in ``folder``, see ``desk_folder``."""
        self.folder = folder
        self.path = folder / FILE

    def head(self) -> Head:
        """The last entry."""
        with self._reading() as connection:
            row = connection.execute("SELECT number, digest FROM entries ORDER BY number DESC LIMIT 1").fetchone() if connection else None
        return Head(*row) if row else Head()

    def last_of_people(self) -> Head:
        """The last entry that a person made; what audits saw follows from the data and is no news to them."""
        with self._reading() as connection:
            row = (
                connection.execute(
                    "SELECT number, digest FROM entries WHERE json_extract(content, '$.kind') <> 'sighting' ORDER BY number DESC LIMIT 1"
                ).fetchone()
                if connection
                else None
            )
        return Head(*row) if row else Head()

    def digest_of(self, number: int) -> str:
        """The digest of an entry; that of the origin for 0. Raises LogAltered when it is not there."""
        if number == 0:
            return ORIGIN
        with self._reading() as connection:
            row = connection.execute("SELECT digest FROM entries WHERE number = ?", [number]).fetchone() if connection else None
        if row is None:
            raise LogAltered(number, "is missing")
        return str(row[0])

    def entries(self, after: int = 0, finding_id: str | None = None) -> Iterator[Entry]:
        """The entries with a number above ``after``, in order; of one finding when it is given."""
        condition, parameters = ("AND finding_id = ?", [after, finding_id]) if finding_id else ("", [after])
        with self._reading() as connection:
            if connection:
                selection = f"SELECT number, digest, content FROM entries WHERE number > ? {condition} ORDER BY number"
                for number, digest, content in connection.execute(selection, parameters):
                    yield Entry(number, digest, json.loads(content))

    def last_actions(self, after: int = 0) -> tuple[int, list[str]]:
        """The number of the last entry, and of every finding the content, as it was written, of its last action with a number above ``after``."""
        with self._reading() as connection:
            if not connection:
                return after, []
            # One look: what is appended meanwhile is read the next time.
            connection.execute("BEGIN")
            return max(after, _head(connection).number), [content for _, content in connection.execute(_LAST_ACTIONS, [after])]

    def append(self, contents: Callable[["Tail"], Sequence[Mapping[str, Any]]]) -> Head:
        """Append what ``contents`` gives, all or nothing, and return the new last entry; contents get their number.

        ``contents`` is called while no other process can write: what it reads from the tail still holds when its entries stand.
        Raises LogBusy when others keep writing for half a minute.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._writing() as connection:
            head = _head(connection)
            rows = []
            number, previous = head.number, head.digest
            for content in contents(Tail(connection)):
                number += 1
                text = canonical({**content, "number": number})
                digest = digest_after(previous, text)
                rows.append((number, previous, text, digest))
                previous = digest
            connection.executemany("INSERT INTO entries (number, previous, content, digest) VALUES (?, ?, ?, ?)", rows)
        return Head(number, previous)

    def verify(self, anchors: Mapping[str, Head] | None = None, *, contents_to: Path | None = None) -> Head:
        """Compute every digest again and return the last entry. With ``contents_to``, write the contents there, a line an entry.

        ``anchors``: the last entries that published snapshots name. Raises LogAltered naming the first entry that is not as it was written.
        """
        head = Head()
        wanted: dict[int, list[tuple[str, str]]] = {}
        for name, anchor in (anchors or {}).items():
            wanted.setdefault(anchor.number, []).append((name, anchor.digest))
        with self._reading() as connection, contents_to.open("w", encoding="utf-8") if contents_to else _nowhere() as stream:
            rows = connection.execute("SELECT number, previous, content, digest FROM entries ORDER BY number") if connection else []
            for expected, (number, previous, content, digest) in zip(count(1), rows, strict=False):
                if number != expected:
                    raise LogAltered(expected, "is missing")
                if previous != head.digest or digest != digest_after(previous, content):
                    raise LogAltered(expected, "was changed: its digest does not follow from the entry before and its content")
                if not _is_entry(content, number):
                    raise LogAltered(expected, "is not an entry of this log")
                for name, anchored in wanted.pop(number, []):
                    if anchored != digest:
                        raise LogAltered(expected, f"is another than when snapshot {name} was published; the log was written anew")
                head = Head(number, digest)
                if stream:
                    stream.write(content + "\n")
        wanted.pop(0, None)
        if wanted:
            name = wanted[max(wanted)][0][0]
            raise LogAltered(head.number + 1, f"is missing: snapshot {name} was published with {max(wanted):,} entries, {head.number:,} are left")
        return head

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        if not self.path.is_file():
            yield None
            return
        # Not opened read-only: a reader of a WAL file must be able to make its index.
        with closing(sqlite3.connect(self.path, timeout=_WAIT_SECONDS)) as connection, _as_altered(connection):
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.executescript(_SCHEMA)
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise LogBusy(f"{self.path}: {error}; another process keeps writing, try again") from error
            except sqlite3.DatabaseError as error:
                raise LogAltered(1, f"cannot be read ({error})") from error
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")


class Tail:
    """What stands at the end of the log, read while nobody else can write."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Of an open transaction."""
        self._connection = connection

    def last_actions(self, after: int) -> dict[str, Mapping[str, Any]]:
        """By finding, the last action with a number above ``after``."""
        return {finding: json.loads(content) for finding, content in self._connection.execute(_LAST_ACTIONS, [after])}


@contextmanager
def _as_altered(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise LogAltered(1, f"cannot be read ({error})") from error


@contextmanager
def _nowhere() -> Iterator[None]:
    yield None


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute("SELECT number, digest FROM entries ORDER BY number DESC LIMIT 1").fetchone()
    return Head(*row) if row else Head()


def _is_entry(content: str, number: int) -> bool:
    try:
        read = json.loads(content)
    except ValueError:
        return False
    return isinstance(read, dict) and read.get("number") == number and canonical(read) == content
