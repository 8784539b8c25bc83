"""Loads a delivery folder into the raw tables: once, in one transaction per file, with a ledger that balances."""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from sources import raw_rows
from sources.definitions import Dataset, dataset_for_file, datasets
from sources.deliveries import DeliveredFile, Statement, delivered_files, is_archive, read_statement, sha256_of
from sources.errors import UnreadableFile
from sources.feeds import Feed, Source, Target, canonical_target, feed_for_file
from sources.readers import Refusal, csv_source, read
from sources.readers.archives import extract
from sources.warehouse import ROWS_PER_DELIVERY, open_warehouse

_FAST_ENDINGS = (".csv", ".tsv")


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
class LoadSummary:
    """What a load did. ``state`` is a digest of the whole ledger; ``changed`` says whether this load changed it."""

    files: int
    new_files: int
    files_refused: int
    rows_received: int
    rows_loaded: int
    rows_quarantined: int
    rows_duplicate: int
    changed: bool
    state: str


@dataclass(frozen=True)
class _Relation:
    """Text columns of one file inside DuckDB: its SQL, its headings, and the rows that the reader had to refuse."""

    sql: str
    headings: Sequence[str]
    reader: str
    encoding: str | None
    refusals: Sequence[Refusal] = ()
    notes: Sequence[str] = ()


def load_deliveries(
    warehouse: Path, deliveries: Path, *, home: Path, received_at: datetime, report: Callable[[FileReport], None] = lambda _: None
) -> LoadSummary:
    """Load every new file of a delivery folder; files seen before change nothing.

    Raises DeliveryError when the folder is missing or its statement cannot be read; a file that cannot be read is refused and the rest goes on.
    """
    statement = read_statement(deliveries)
    files = list(delivered_files(deliveries, statement))
    with open_warehouse(warehouse) as connection, tempfile.TemporaryDirectory(dir=warehouse.parent, prefix="reading-") as scratch:
        before = _state(connection)
        loader = _Loader(connection, deliveries.name, statement, home, received_at, Path(scratch))
        reports: list[FileReport] = []
        for file in files:
            for line in loader.load(file):
                report(line)
                reports.append(line)
        after = _state(connection)
    loaded = [line for line in reports if line.dataset is not None]
    return LoadSummary(
        files=len(files),
        new_files=len({line.file for line in reports}),
        files_refused=len(reports) - len(loaded),
        rows_received=sum(line.rows_received for line in loaded),
        rows_loaded=sum(line.rows_loaded for line in loaded),
        rows_quarantined=sum(line.rows_quarantined for line in loaded),
        rows_duplicate=sum(line.rows_duplicate for line in loaded),
        changed=before != after,
        state=after,
    )


def _state(connection: duckdb.DuckDBPyConnection) -> str:
    ledger = connection.execute("SELECT string_agg(delivery_id, ',' ORDER BY delivery_number) FROM meta.deliveries").fetchone()
    known = connection.execute("SELECT string_agg(s::VARCHAR, ',' ORDER BY source_id) FROM meta.sources s").fetchone()
    return hashlib.sha256(f"{ledger}{known}".encode()).hexdigest()[:16]


class _Loader:
    """Loads the files of one delivery through one connection."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, folder: str, statement: Statement, home: Path, received_at: datetime, scratch: Path
    ) -> None:
        self._connection = connection
        self._statement = statement
        self._home = home
        self._received_at = received_at
        self._scratch = scratch
        self._own_source = Source(
            source_id=statement.source_id or folder,
            label=statement.label or folder,
            jurisdiction=statement.jurisdiction,
            region_code=statement.region_code,
        )

    def load(self, file: DeliveredFile) -> Iterator[FileReport]:
        """Load one file, or the members of one archive; yields nothing for a file that the ledger knows."""
        started = time.monotonic()
        feed = feed_for_file(file.name)
        source = feed.source if feed else self._own_source
        sha256 = sha256_of(file.path)
        known = self._connection.execute(
            "SELECT file, dataset, rows_received FROM meta.deliveries WHERE sha256 = ? AND source_id = ? ORDER BY delivery_number",
            [sha256, source.source_id],
        ).fetchall()
        if any(name == file.name for name, _, _ in known):
            return
        self._archive(file, sha256)
        # Reading comes before the transaction: an error of the reader must not abort what is to be committed.
        opened: tuple[list[Target], _Relation] | UnreadableFile | None = None
        if not known and not is_archive(file.name):
            try:
                opened = self._open(file, feed)
            except UnreadableFile as refusal:
                opened = refusal
        self._connection.execute("BEGIN")
        try:
            self._remember(source)
            if known:
                lines = [self._same_again(file, source, sha256, *earlier) for earlier in known]
            elif opened is None:
                lines = [self._enter(file, source, sha256, None, status="opened", reader="archive")]
            elif isinstance(opened, UnreadableFile):
                lines = [self._refuse(file, source, sha256, opened)]
            else:
                targets, relation = opened
                lines = [self._load_target(file, source, sha256, target, relation, first=target is targets[0]) for target in targets]
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        for line in lines:
            if line.message != "opened":
                yield FileReport(**{**line.__dict__, "seconds": time.monotonic() - started})
        if is_archive(file.name) and not known:
            yield from self._load_members(file)

    # Reading

    def _open(self, file: DeliveredFile, feed: Feed | None) -> tuple[list[Target], _Relation]:
        stem = Path(file.name).name.split(".")[0]
        dataset = dataset_for_file(stem)
        if feed is None and dataset is None:
            raise UnreadableFile(
                "no_data_set",
                f"{file.name}: the name stands for no known data set and no mapping reads it; "
                "name it like TENDER_CANDIDATE_ANNOUNCE.csv or 511.csv, or add a mapping in sources/mappings",
            )
        relation = self._relation(file, feed)
        if feed is not None:
            missing = [heading for heading in feed.signature if heading not in relation.headings]
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
        if not present.intersection(needed):
            raise UnreadableFile(
                "no_key_columns",
                f"{file.name}: none of the columns that identify a {dataset.label} is there "
                f"({', '.join(dataset.column(name).national for name in needed)}); correct the headings",
            )
        return [target], relation

    def _relation(self, file: DeliveredFile, feed: Feed | None) -> _Relation:
        headings = feed.headings if feed else None
        encoding = (feed.encoding if feed else None) or self._statement.encoding
        if file.name.lower().endswith(_FAST_ENDINGS):
            delimited = csv_source(file.path, declared_encoding=encoding, headings=headings, scratch=self._scratch)
            names = ", ".join(f'c{position} AS "{heading.replace(chr(34), chr(34) * 2)}"' for position, heading in enumerate(delimited.headings))
            sql = f"(SELECT row_number() OVER () + 1 AS row_number, {names} FROM {delimited.relation_sql()})"
            if self._is_sound(delimited.relation_sql()):
                return _Relation(sql, delimited.headings, "csv", delimited.encoding, notes=delimited.notes)
        result = read(file.path, declared_encoding=encoding, headings=headings, record_paths=feed.record_paths if feed else ())
        self._connection.register("delivered", result.table)
        columns = [name for name in result.table.column_names if name != "row_number"]
        return _Relation("delivered", columns, result.reader, result.encoding, result.refusals, result.notes)

    def _is_sound(self, relation: str) -> bool:
        """Whether DuckDB reads the whole file without complaint; a scan that stores nothing costs a tenth of the load."""
        try:
            self._connection.execute(f"SELECT count(*) FROM {relation}")
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            return False
        return True

    # Writing

    def _load_target(self, file: DeliveredFile, source: Source, sha256: str, target: Target, relation: _Relation, *, first: bool) -> FileReport:
        dataset = datasets()[target.dataset]
        number = self._next_number()
        selection = f"({target.select_sql(relation.sql, relation.headings)})"
        present = {row[0] for row in self._connection.execute(f"DESCRIBE {selection[1:-1]}").fetchall()} - {"row_number"}
        inserted = self._connection.execute(raw_rows.insertion(dataset, selection, present, number)).fetchone()
        received = inserted[0] if inserted else 0
        lowest, highest = number * ROWS_PER_DELIVERY, (number + 1) * ROWS_PER_DELIVERY
        mine = f"source_row BETWEEN {lowest} AND {highest}"
        duplicates = self._drop_duplicates(dataset, mine)
        delivery_id = _delivery_id(source, file.name, sha256, dataset.name)
        quarantined = self._quarantine_rows(dataset, selection, present, mine, delivery_id, file.name)
        self._hold_values(dataset, selection, present, mine, delivery_id, file.name)
        refusals = relation.refusals if first else ()
        self._quarantine_refusals(refusals, dataset.name, delivery_id, file.name)
        message = "; ".join([*relation.notes, *_unknown_columns(target)]) or None
        return self._enter(
            file,
            source,
            sha256,
            dataset.name,
            number=number,
            reader=relation.reader,
            encoding=relation.encoding,
            message=message,
            rows_received=received + len(refusals),
            rows_loaded=received - duplicates - quarantined,
            rows_quarantined=quarantined + len(refusals),
            rows_duplicate=duplicates,
        )

    def _drop_duplicates(self, dataset: Dataset, mine: str) -> int:
        """Remove rows of this file that are equal to an earlier row, loaded or quarantined, and count them."""
        table = f"raw.{dataset.table}"
        repeated = self._connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE repeated AS
            WITH new_rows AS (SELECT row_hash, count(*) AS copies, min(source_row) AS first_row FROM {table} WHERE {mine} GROUP BY row_hash)
            SELECT n.row_hash, n.first_row, bool_or(o.row_hash IS NOT NULL) AS is_known, any_value(n.copies) AS copies
            FROM new_rows AS n
            LEFT JOIN (SELECT row_hash FROM {table} WHERE NOT ({mine}) UNION ALL SELECT row_hash FROM meta.quarantine WHERE dataset = '{dataset.name}') AS o
                ON o.row_hash = n.row_hash
            GROUP BY n.row_hash, n.first_row HAVING is_known OR any_value(n.copies) > 1"""
        ).fetchone()
        if not repeated or not repeated[0]:
            return 0
        dropped = self._connection.execute(
            f"""DELETE FROM {table} WHERE {mine} AND rowid IN (
                SELECT r.rowid FROM {table} AS r JOIN repeated AS d ON r.row_hash = d.row_hash
                WHERE {mine} QUALIFY d.is_known OR row_number() OVER (PARTITION BY r.row_hash ORDER BY r.source_row, r.rowid) > 1)"""
        ).fetchone()
        return dropped[0] if dropped else 0

    def _quarantine_rows(self, dataset: Dataset, selection: str, present: set[str], mine: str, delivery_id: str, file: str) -> int:
        unreadable = f"{mine} AND held_values = {raw_rows.UNREADABLE}"
        counted = self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE unreadable AS SELECT DISTINCT row_hash FROM raw.{dataset.table} WHERE {unreadable}"
        ).fetchone()
        if not counted or not counted[0]:
            return 0
        self._connection.execute(
            f"""INSERT INTO meta.quarantine
            SELECT '{delivery_id}', '{dataset.name}', ?, row_number, column_name, rule, value, reason, record, subject_code, row_hash
            FROM ({raw_rows.refused_rows(dataset, selection, present)}) WHERE row_hash IN (SELECT row_hash FROM unreadable)
            QUALIFY row_number() OVER (PARTITION BY row_hash ORDER BY row_number) = 1""",
            [file],
        )
        removed = self._connection.execute(f"DELETE FROM raw.{dataset.table} WHERE {unreadable}").fetchone()
        return removed[0] if removed else 0

    def _hold_values(self, dataset: Dataset, selection: str, present: set[str], mine: str, delivery_id: str, file: str) -> None:
        held = self._connection.execute(f"SELECT count(*) FROM raw.{dataset.table} WHERE {mine} AND held_values > 0").fetchone()
        if not held or not held[0]:
            return
        self._connection.execute(
            f"""INSERT INTO meta.held_values SELECT '{delivery_id}', '{dataset.name}', ?, row_number, column_name, rule, value, reason
            FROM ({raw_rows.held_values(dataset, selection, present)})
            WHERE row_number IN (SELECT source_row % {ROWS_PER_DELIVERY} FROM raw.{dataset.table} WHERE {mine} AND held_values > 0)""",
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
            'INSERT INTO meta.quarantine SELECT ?, ?, ?, row_number, "column", rule, value, reason, record, NULL, NULL FROM refused',
            [delivery_id, dataset, file],
        )
        self._connection.unregister("refused")

    def _refuse(self, file: DeliveredFile, source: Source, sha256: str, refusal: UnreadableFile) -> FileReport:
        self._connection.execute(
            "INSERT INTO meta.quarantine VALUES (?, NULL, ?, NULL, NULL, ?, NULL, ?, NULL, NULL, NULL)",
            [_delivery_id(source, file.name, sha256, None), file.name, refusal.rule, refusal.reason],
        )
        return self._enter(file, source, sha256, None, status="refused", message=refusal.reason)

    # The ledger

    def _enter(
        self,
        file: DeliveredFile,
        source: Source,
        sha256: str,
        dataset: str | None,
        *,
        number: int | None = None,
        status: str = "loaded",
        reader: str | None = None,
        encoding: str | None = None,
        message: str | None = None,
        rows_received: int = 0,
        rows_loaded: int = 0,
        rows_quarantined: int = 0,
        rows_duplicate: int = 0,
    ) -> FileReport:
        self._connection.execute(
            "INSERT INTO meta.deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                _delivery_id(source, file.name, sha256, dataset),
                number or self._next_number(),
                source.source_id,
                dataset,
                file.name,
                sha256,
                file.size_bytes,
                file.modified_ns,
                status,
                reader,
                encoding,
                rows_received,
                rows_loaded,
                rows_quarantined,
                rows_duplicate,
                self._received_at,
                self._statement.covers_from,
                self._statement.covers_to,
                message,
            ],
        )
        return FileReport(
            file.name,
            dataset,
            rows_received,
            rows_loaded,
            rows_quarantined,
            rows_duplicate,
            message=message or (status if status == "opened" else None),
        )

    def _same_again(self, file: DeliveredFile, source: Source, sha256: str, earlier: str, dataset: str | None, rows: int) -> FileReport:
        return self._enter(
            file,
            source,
            sha256,
            dataset,
            status="loaded" if dataset else "refused",
            message=f"the same content as {earlier}",
            rows_received=rows,
            rows_duplicate=rows,
        )

    def _next_number(self) -> int:
        row = self._connection.execute("SELECT coalesce(max(delivery_number), 0) + 1 FROM meta.deliveries").fetchone()
        assert row is not None
        return int(row[0])

    def _remember(self, source: Source) -> None:
        self._connection.execute(
            "INSERT INTO meta.sources VALUES (?, ?, ?, ?) ON CONFLICT (source_id) DO UPDATE "
            "SET label = excluded.label, jurisdiction = excluded.jurisdiction, region_code = excluded.region_code",
            [source.source_id, source.label, source.jurisdiction, source.region_code],
        )

    def _archive(self, file: DeliveredFile, sha256: str) -> None:
        """Keep the file as it came, under its content hash; written beside and renamed, so never half."""
        kept = self._home / "archive" / sha256[:2] / sha256
        if kept.exists():
            return
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".part")
        shutil.copyfile(file.path, partial)
        partial.replace(kept)

    def _load_members(self, file: DeliveredFile) -> Iterator[FileReport]:
        into = self._scratch / f"{len(list(self._scratch.iterdir()))}"
        into.mkdir()
        extracted = extract(file.path, into)
        for refusal in extracted.refusals:
            member = DeliveredFile(file.path, f"{file.name}/{refusal.value or 'member'}", 0, file.modified_ns)
            sha256 = hashlib.sha256(member.name.encode()).hexdigest()
            self._connection.execute("BEGIN")
            line = self._refuse(member, self._own_source, sha256, UnreadableFile(refusal.rule, refusal.reason))
            self._connection.execute("COMMIT")
            yield line
        for path in extracted.paths:
            status = path.stat()
            yield from self.load(DeliveredFile(path, f"{file.name}/{path.relative_to(into).as_posix()}", status.st_size, status.st_mtime_ns))


def _delivery_id(source: Source, file: str, sha256: str, dataset: str | None) -> str:
    return hashlib.sha256(f"{source.source_id}\n{file}\n{sha256}\n{dataset}".encode()).hexdigest()[:20]


def _unknown_columns(target: Target) -> list[str]:
    unknown = target.unknown_headings
    return [f"columns unknown to the data set, kept in the archived file only: {', '.join(unknown)}"] if unknown else []
