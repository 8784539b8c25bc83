"""Loads one file into the raw tables: rows, ledger and quarantine in one transaction."""

import csv
import hashlib
import shutil
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from sources import raw_rows
from sources.definitions import Dataset, datasets
from sources.deliveries import DeliveredFile, Statement, is_archive, sha256_of
from sources.errors import UnreadableFile
from sources.feeds import Feed, Source, Target, canonical_target
from sources.readers import Refusal, csv_source, read
from sources.readers.encodings import canonical_encoding
from sources.warehouse import ROWS_PER_DELIVERY

_FAST_ENDINGS = (".csv", ".tsv")
_SHOWN_HEADINGS, _SHOWN_LETTERS = 6, 60
#: What a reader or DuckDB may say of content that nobody foresaw: the file is refused. Anything else (no memory, no room) is not the file's fault.
_ODD_CONTENT = (duckdb.DataError, duckdb.InvalidInputException, pa.ArrowInvalid, UnicodeError, RecursionError, csv.Error)


@dataclass(frozen=True)
class FileReport:
    """What became of one file for one data set (``dataset`` is None when the whole file was refused)."""

    file: str
    dataset: str | None
    rows_received: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    seconds: float = 0.0
    message: str | None = None


@dataclass(frozen=True)
class PlannedFile:
    """A file that the ledger does not know yet: whose it is, what reads it, and the first delivery number reserved for it."""

    file: DeliveredFile
    feed: Feed | None
    source: Source
    sha256: str
    number: int = 0

    @property
    def numbers(self) -> int:
        """How many delivery numbers the file takes: one a data set that is read out of it."""
        return len(self.feed.targets) if self.feed else 1

    @property
    def datasets(self) -> tuple[str, ...]:
        """The national names of the data sets that are read out of the file."""
        if self.feed:
            return tuple(target.dataset for target in self.feed.targets)
        dataset = self.file.dataset
        return (dataset.name,) if dataset else ()

    @property
    def table_group(self) -> str:
        """Files of one group are loaded one after the other: they may hold the same rows."""
        dataset = self.file.dataset
        return "mapped" if self.feed or dataset is None else dataset.table


@dataclass(frozen=True)
class _Relation:
    """Text columns of one file inside DuckDB: its SQL, its headings, and the rows that the reader had to refuse."""

    sql: str
    headings: Sequence[str]
    reader: str
    encoding: str | None
    refusals: Sequence[Refusal] = ()
    notes: Sequence[str] = ()


class FileLoader:
    """Loads planned files through one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, statement: Statement, home: Path, received_at: datetime, scratch: Path) -> None:
        self._connection = connection
        self._statement = statement
        self._home = home
        self._received_at = received_at
        self._scratch = scratch

    def load(self, planned: PlannedFile) -> list[FileReport]:
        """Load one file; what it became, one line a data set."""
        started = time.monotonic()
        try:
            self._archive(planned)
            lines = self._read(planned)
        except UnreadableFile as refusal:
            lines = [self._refuse_now(planned, refusal)]
        seconds = time.monotonic() - started
        return [replace(line, seconds=seconds) for line in lines if line.message != "opened"]

    def _read(self, planned: PlannedFile) -> list[FileReport]:
        known = self._same_content(planned)
        try:
            return self._enter_all(planned, known, tolerantly=False)
        except (duckdb.Error, *_ODD_CONTENT):
            # DuckDB complains of the file: it is read again line by line, so that only the broken lines are lost to it.
            try:
                return self._enter_all(planned, known, tolerantly=True)
            except _ODD_CONTENT as error:
                reason = f"{planned.file.name}: its content cannot be taken ({str(error).splitlines()[0]}); deliver it in another format"
                raise UnreadableFile("unreadable_content", reason) from error

    def _same_content(self, planned: PlannedFile) -> list[tuple[str, str | None, int]]:
        """The ledger lines (file, data set, rows) of the first file that had the same content and was read into the same data sets."""
        earlier: dict[str, list[tuple[str, str | None, int]]] = defaultdict(list)
        declared = (planned.feed.encoding if planned.feed else None) or self._statement.encoding
        for file, dataset, rows, encoding in self._connection.execute(
            "SELECT file, dataset, rows_received, encoding FROM meta.deliveries "
            "WHERE sha256 = ? AND source_id = ? AND status = 'loaded' AND dataset IS NOT NULL ORDER BY delivery_number",
            [planned.sha256, planned.source.source_id],
        ).fetchall():
            if declared is None or encoding is None or canonical_encoding(declared) == encoding:
                earlier[file].append((file, dataset, rows))
        return next((lines for lines in earlier.values() if tuple(dataset for _, dataset, _ in lines) == planned.datasets), [])

    def _refuse_now(self, planned: PlannedFile, refusal: UnreadableFile) -> FileReport:
        self._connection.execute("BEGIN")
        line = self.refuse(planned, refusal)
        self._connection.execute("COMMIT")
        return line

    def _enter_all(self, planned: PlannedFile, known: Sequence[tuple[str, str | None, int]], *, tolerantly: bool) -> list[FileReport]:
        """Everything that one file brings, committed together; nothing of it when anything fails."""
        # Reading comes before the transaction: an error of the reader must not abort what is to be committed.
        opened: tuple[list[Target], _Relation] | UnreadableFile | None = None
        if not known and not is_archive(planned.file.name):
            try:
                opened = self._open(planned.file, planned.feed, tolerantly=tolerantly)
            except UnreadableFile as refusal:
                opened = refusal
        self._connection.execute("BEGIN")
        try:
            if known:
                lines = [self._same_again(planned, offset, *earlier) for offset, earlier in enumerate(known)]
            elif opened is None:
                lines = [self._enter(planned, None, status="opened", reader="archive")]
            elif isinstance(opened, UnreadableFile):
                lines = [self.refuse(planned, opened)]
            else:
                targets, relation = opened
                lines = [self._load_target(planned, offset, target, relation) for offset, target in enumerate(targets)]
            if planned.file.path.stat().st_size != planned.file.size_bytes:
                raise _still_written(planned.file)
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        return lines

    # Reading

    def _open(self, file: DeliveredFile, feed: Feed | None, *, tolerantly: bool) -> tuple[list[Target], _Relation]:
        dataset = file.dataset
        if feed is None and dataset is None:
            raise UnreadableFile(
                "no_data_set",
                f"{file.name}: the name stands for no known data set and no mapping knows the file by name or content; "
                "name it like TENDER_CANDIDATE_ANNOUNCE.csv or 511.csv, or add a mapping in sources/mappings",
            )
        relation = self._relation(file, feed, tolerantly=tolerantly)
        # Where every record was refused there are no headings to judge: the refusals say what is wrong.
        told = relation.refusals and not relation.headings
        if feed is not None:
            missing = [] if told else [heading for heading in feed.signature if heading not in relation.headings]
            if missing:
                raise UnreadableFile(
                    "unknown_layout",
                    f"{file.name}: the mapping of {feed.source.source_id} expects the heading {missing[0]}, which is not there; correct the file or its mapping",
                )
            return list(feed.targets), relation
        assert dataset is not None
        target = canonical_target(dataset, relation.headings)
        present = {dataset.column_for_heading(heading) for heading in relation.headings}
        needed = [name for name in (dataset.subject, *dataset.key) if name]
        if not told and not present.intersection(needed):
            raise UnreadableFile(
                "no_key_columns",
                f"{file.name}: none of the columns that identify a {dataset.label} is there "
                f"({', '.join(dict.fromkeys(dataset.column(name).national for name in needed))}); "
                f"what was taken for the headings is: {_shown(relation.headings)}; correct them, and leave nothing above them",
            )
        return [target], relation

    def _relation(self, file: DeliveredFile, feed: Feed | None, *, tolerantly: bool) -> _Relation:
        headings = feed.headings if feed else None
        encoding = (feed.encoding if feed else None) or self._statement.encoding
        if not tolerantly and file.name.lower().endswith(_FAST_ENDINGS):
            delimited = csv_source(file.path, declared_encoding=encoding, headings=headings, scratch=self._scratch)
            names = ", ".join(f'c{position} AS "{heading.replace(chr(34), chr(34) * 2)}"' for position, heading in enumerate(delimited.headings))
            sql = f"(SELECT row_number() OVER () + 1 AS row_number, {names} FROM {delimited.relation_sql()})"
            if not self._has_values_without_heading(delimited.relation_sql(), delimited.headings):
                return _Relation(sql, delimited.headings, "csv", delimited.encoding, notes=delimited.notes)
        result = read(file.path, declared_encoding=encoding, headings=headings, record_paths=feed.record_paths if feed else ())
        self._connection.register("delivered", result.table)
        columns = [name for name in result.table.column_names if name != "row_number"]
        return _Relation("delivered", columns, result.reader, result.encoding, result.refusals, result.notes)

    def _has_values_without_heading(self, relation: str, headings: Sequence[str]) -> bool:
        """Whether anything stands under an empty heading: then a heading is missing somewhere before it, and no column can be trusted."""
        unnamed = [f"count(c{position})" for position, heading in enumerate(headings) if heading == f"column_{position + 1}"]
        return bool(unnamed) and self._count(f"SELECT {' + '.join(unnamed)} FROM {relation}") > 0

    # Writing

    def _load_target(self, planned: PlannedFile, offset: int, target: Target, relation: _Relation) -> FileReport:
        dataset = datasets()[target.dataset]
        number = planned.number + offset
        selection = f"({target.select_sql(relation.sql, relation.headings)})"
        present = {row[0] for row in self._connection.execute(f"DESCRIBE {selection[1:-1]}").fetchall()} - {"row_number"}
        delivery_id = planned_id(planned, dataset.name)
        received = duplicates = quarantined = 0
        # A small file read into several data sets mostly has nothing for some of them; to plan reading nothing takes as long as reading.
        if planned.numbers == 1 or self._connection.execute(f"SELECT 1 FROM {selection} LIMIT 1").fetchone():
            received = self._count(raw_rows.insertion(dataset, selection, present, number))
            mine = f"source_row BETWEEN {number * ROWS_PER_DELIVERY} AND {(number + 1) * ROWS_PER_DELIVERY}"
            duplicates = self._drop_duplicates(dataset, mine)
            quarantined = self._quarantine_rows(dataset, selection, present, mine, delivery_id, planned.file.name)
            self._hold_values(dataset, selection, present, mine, delivery_id, planned.file.name)
        # What the reader refused belongs to the file, not to one of its data sets: it is counted with the first.
        refusals = relation.refusals if offset == 0 else ()
        self._quarantine_refusals(refusals, dataset.name, delivery_id, planned.file.name)
        return self._enter(
            planned,
            dataset.name,
            offset=offset,
            reader=relation.reader,
            encoding=relation.encoding,
            message="; ".join([*relation.notes, *_unknown_columns(target)]) or None,
            rows_received=received + len(refusals),
            rows_loaded=received - duplicates - quarantined,
            rows_quarantined=quarantined + len(refusals),
            rows_duplicate=duplicates,
        )

    def _drop_duplicates(self, dataset: Dataset, mine: str) -> int:
        """Remove rows of this file that are equal to an earlier row, loaded or quarantined, and count them."""
        table = f"raw.{dataset.table}"
        repeated = self._count(
            f"""CREATE OR REPLACE TEMP TABLE repeated AS
            WITH new_rows AS (SELECT row_hash, count(*) AS copies, min(source_row) AS first_row FROM {table} WHERE {mine} GROUP BY row_hash)
            SELECT n.row_hash, n.first_row, bool_or(o.row_hash IS NOT NULL) AS is_known, any_value(n.copies) AS copies
            FROM new_rows AS n
            LEFT JOIN (SELECT row_hash FROM {table} WHERE NOT ({mine}) UNION ALL SELECT row_hash FROM meta.quarantine WHERE dataset = '{dataset.name}') AS o
                ON o.row_hash = n.row_hash
            GROUP BY n.row_hash, n.first_row HAVING is_known OR any_value(n.copies) > 1"""
        )
        if not repeated:
            return 0
        return self._count(
            f"""DELETE FROM {table} WHERE {mine} AND rowid IN (
                SELECT r.rowid FROM {table} AS r JOIN repeated AS d ON r.row_hash = d.row_hash
                WHERE {mine} QUALIFY d.is_known OR row_number() OVER (PARTITION BY r.row_hash ORDER BY r.source_row, r.rowid) > 1)"""
        )

    def _quarantine_rows(self, dataset: Dataset, selection: str, present: set[str], mine: str, delivery_id: str, file: str) -> int:
        unreadable = f"{mine} AND held_values = {raw_rows.UNREADABLE}"
        if not self._count(
            f"CREATE OR REPLACE TEMP TABLE unreadable AS SELECT source_row % {ROWS_PER_DELIVERY} AS row_number, row_hash, record_key FROM raw.{dataset.table} WHERE {unreadable}"
        ):
            return 0
        # The items of one line have one number, and copies among them were dropped.
        self._connection.execute(
            f"""INSERT INTO meta.quarantine
            SELECT DISTINCT '{delivery_id}', '{dataset.name}', ?, row_number, column_name, rule, value, reason, record, subject_code, row_hash, record_key
            FROM ({raw_rows.refused_rows(dataset, selection, present)}) JOIN unreadable USING (row_number, row_hash)""",
            [file],
        )
        return self._count(f"DELETE FROM raw.{dataset.table} WHERE {unreadable}")

    def _hold_values(self, dataset: Dataset, selection: str, present: set[str], mine: str, delivery_id: str, file: str) -> None:
        if not self._count(f"SELECT count(*) FROM raw.{dataset.table} WHERE {mine} AND held_values > 0"):
            return
        holding = f"SELECT (source_row % {ROWS_PER_DELIVERY}, row_hash) FROM raw.{dataset.table} WHERE {mine} AND held_values > 0"
        self._connection.execute(
            f"""INSERT INTO meta.held_values SELECT '{delivery_id}', '{dataset.name}', ?, * EXCLUDE (row_hash)
            FROM (SELECT DISTINCT * FROM ({raw_rows.held_values(dataset, selection, present)}) WHERE (row_number, row_hash) IN ({holding}))""",
            [file],
        )

    def _quarantine_refusals(self, refusals: Sequence[Refusal], dataset: str, delivery_id: str, file: str) -> None:
        if not refusals:
            return
        names = ("row_number", "column", "value", "rule", "reason", "record")
        table = pa.table(
            {name: pa.array([getattr(refusal, name) for refusal in refusals], pa.int64() if name == "row_number" else pa.string()) for name in names}
        )
        self._connection.register("refused", table)
        self._connection.execute(
            'INSERT INTO meta.quarantine SELECT ?, ?, ?, row_number, "column", rule, value, reason, record, NULL, NULL, NULL FROM refused',
            [delivery_id, dataset, file],
        )
        self._connection.unregister("refused")

    def refuse(self, planned: PlannedFile, refusal: UnreadableFile) -> FileReport:
        """Enter a file that cannot be read; the caller commits."""
        self._connection.execute(
            "INSERT INTO meta.quarantine VALUES (?, NULL, ?, NULL, NULL, ?, NULL, ?, NULL, NULL, NULL, NULL)",
            [planned_id(planned, None), planned.file.name, refusal.rule, refusal.reason],
        )
        return self._enter(planned, None, status="refused", message=refusal.reason)

    def _count(self, statement: str) -> int:
        """The number that a statement answers: rows written, or counted. The answer is read to its end, or DuckDB refuses what follows."""
        return int(self._connection.execute(statement).fetchall()[0][0])

    # The ledger

    def _enter(
        self,
        planned: PlannedFile,
        dataset: str | None,
        *,
        offset: int = 0,
        status: str = "loaded",
        reader: str | None = None,
        encoding: str | None = None,
        message: str | None = None,
        rows_received: int = 0,
        rows_loaded: int = 0,
        rows_quarantined: int = 0,
        rows_duplicate: int = 0,
    ) -> FileReport:
        file, statement = planned.file, self._statement
        origin = [planned.source.source_id, dataset, file.name, planned.sha256, file.size_bytes, file.modified_ns, status, reader, encoding]
        counts = [rows_received, rows_loaded, rows_quarantined, rows_duplicate]
        numbers = [planned_id(planned, dataset), planned.number + offset]
        values: list[object] = [*numbers, *origin, *counts, self._received_at, statement.covers_from, statement.covers_to, message]
        self._connection.execute(f"INSERT INTO meta.deliveries VALUES ({', '.join('?' * len(values))})", values)
        received, loaded, quarantined, duplicate = counts
        return FileReport(file.name, dataset, received, loaded, quarantined, duplicate, message=status if status == "opened" else message)

    def _same_again(self, planned: PlannedFile, offset: int, earlier: str, dataset: str | None, rows: int) -> FileReport:
        status, message = "loaded" if dataset else "refused", f"the same content as {earlier}"
        return self._enter(planned, dataset, offset=offset, status=status, message=message, rows_received=rows, rows_duplicate=rows)

    def _archive(self, planned: PlannedFile) -> None:
        """Keep the file as it came, under its content hash; written beside and renamed, so never half. Raises UnreadableFile for a file that changes."""
        kept = self._home / "archive" / planned.sha256[:2] / planned.sha256
        if kept.exists():
            return
        kept.parent.mkdir(parents=True, exist_ok=True)
        # Two files may have one content and be kept at the same moment: each is written under a number of its own.
        partial = kept.with_suffix(f".{planned.number}.part")
        shutil.copyfile(planned.file.path, partial)
        if sha256_of(partial) != planned.sha256:
            partial.unlink()
            raise _still_written(planned.file)
        partial.replace(kept)


def _still_written(file: DeliveredFile) -> UnreadableFile:
    return UnreadableFile("still_written", f"{file.name}: it changed while it was read; when it is complete, run again")


def planned_id(planned: PlannedFile, dataset: str | None) -> str:
    """The delivery's id: the same file of the same source always has the same."""
    return hashlib.sha256(f"{planned.source.source_id}\n{planned.file.name}\n{planned.sha256}\n{dataset}".encode()).hexdigest()[:20]


def _shown(headings: Sequence[str]) -> str:
    """The first headings, each cut short: enough to know the line again."""
    return ", ".join(heading[:_SHOWN_LETTERS] for heading in headings[:_SHOWN_HEADINGS])


def _unknown_columns(target: Target) -> list[str]:
    unknown = target.unknown_headings
    return [f"columns unknown to the data set, kept in the archived file only: {', '.join(unknown)}"] if unknown else []
