"""Loads a delivery folder into the raw tables: every file once, two data sets at a time, with a ledger that balances."""

import hashlib
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path

import duckdb

from sources.deliveries import DeliveredFile, Statement, delivered_files, is_archive, is_hidden, read_statement, readable_name, sha256_of
from sources.errors import UnreadableFile
from sources.feeds import Source, feed_for_content, feed_for_file
from sources.file_loading import FileLoader, FileReport, PlannedFile
from sources.readers.archives import extract
from sources.warehouse import open_warehouse

__all__ = ["FileReport", "LoadSummary", "load_deliveries"]

# Numbering the rows of a file keeps one processor busy; two files of different tables keep two.
_WORKERS = 2
_PATTERN = re.compile(r"[*?\[\]]")


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

    def then(self, later: "LoadSummary") -> "LoadSummary":
        """This load and one after it into the same warehouse as one."""
        counts = {part.name: getattr(self, part.name) + getattr(later, part.name) for part in fields(self) if part.type is int}
        return replace(later, **counts, changed=self.changed or later.changed)


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
        loader = _DeliveryLoader(connection, deliveries.name, statement, home, received_at, Path(scratch), report)
        reports = loader.load(files)
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


class _DeliveryLoader:
    """Plans the files of one delivery and loads them."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: str,
        statement: Statement,
        home: Path,
        received_at: datetime,
        scratch: Path,
        report: Callable[[FileReport], None],
    ) -> None:
        self._connection = connection
        self._statement = statement
        self._home = home
        self._received_at = received_at
        self._scratch = scratch
        self._report = report
        self._own_source = Source(
            source_id=statement.source_id or folder,
            label=statement.label or folder,
            jurisdiction=statement.jurisdiction,
            region_code=statement.region_code,
        )

    def load(self, files: Sequence[DeliveredFile]) -> list[FileReport]:
        """Load the new ones of the files, then the members of the archives among them."""
        with ThreadPoolExecutor(_WORKERS) as workers:
            digests = list(workers.map(lambda file: sha256_of(file.path), files))
        planned = self._reserve([plan for plan in map(self._plan, files, digests) if plan is not None])
        groups: dict[str, list[PlannedFile]] = defaultdict(list)
        for plan in planned:
            if not is_archive(plan.file.name):
                groups[plan.table_group].append(plan)
        # What is mapped may lead into any table, so nothing runs beside it.
        with ThreadPoolExecutor(1 if "mapped" in groups else _WORKERS) as workers:
            reports = [line for lines in workers.map(self._load_group, groups.values()) for line in lines]
        for plan in planned:
            if is_archive(plan.file.name):
                # Its own line comes last: an archive that was left half-way is opened again.
                reports += self._load_members(plan)
                reports += self._load_group([plan])
        return reports

    def _plan(self, file: DeliveredFile, sha256: str) -> PlannedFile | None:
        feed = feed_for_file(file.name)
        if feed is None and file.dataset is None and not is_archive(file.name):
            feed = feed_for_content(file.path)
        plan = PlannedFile(replace(file, path=self._plain_path(file, sha256)), feed, feed.source if feed else self._own_source, sha256)
        return None if self._is_known(plan) else plan

    def _is_known(self, plan: PlannedFile) -> bool:
        known = self._connection.execute(
            "SELECT 1 FROM meta.deliveries WHERE source_id = ? AND file = ? AND sha256 = ? LIMIT 1",
            [plan.source.source_id, plan.file.name, plan.sha256],
        ).fetchall()
        return bool(known)

    def _plain_path(self, file: DeliveredFile, sha256: str) -> Path:
        """A path that DuckDB takes literally: it would read *, ? and [ as patterns, and cannot take names that are no UTF-8."""
        if readable_name(str(file.path)) == str(file.path) and not _PATTERN.search(str(file.path)):
            return file.path
        link = self._scratch / sha256 / _PATTERN.sub("_", Path(file.name).name)
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(file.path.absolute())
        return link

    def _reserve(self, plans: Sequence[PlannedFile]) -> list[PlannedFile]:
        """Give every file its delivery numbers before anything is loaded, so that a run that was killed goes on with the same numbers."""
        self._connection.execute("BEGIN")
        numbered = []
        for plan in plans:
            source, key = plan.source, [plan.source.source_id, plan.file.name, plan.sha256]
            self._connection.execute(
                "INSERT INTO meta.sources VALUES (?, ?, ?, ?) ON CONFLICT (source_id) DO UPDATE "
                "SET label = excluded.label, jurisdiction = excluded.jurisdiction, region_code = excluded.region_code",
                [source.source_id, source.label, source.jurisdiction, source.region_code],
            )
            self._connection.execute(
                "INSERT INTO meta.delivery_numbers SELECT ?, ?, ?, coalesce(max(first_number + numbers), 1), ? FROM meta.delivery_numbers ON CONFLICT DO NOTHING",
                [*key, plan.numbers],
            )
            number = self._connection.execute(
                "SELECT first_number FROM meta.delivery_numbers WHERE source_id = ? AND file = ? AND sha256 = ?", key
            ).fetchone()
            assert number is not None
            numbered.append(replace(plan, number=int(number[0])))
        self._connection.execute("COMMIT")
        return numbered

    def _load_group(self, plans: Sequence[PlannedFile]) -> list[FileReport]:
        reports = []
        with self._connection.cursor() as connection:
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            loader = FileLoader(connection, self._statement, self._home, self._received_at, self._scratch)
            for plan in plans:
                for line in loader.load(plan):
                    self._report(line)
                    reports.append(line)
        return reports

    def _load_members(self, plan: PlannedFile) -> list[FileReport]:
        into = self._scratch / f"archive-{plan.number}"
        into.mkdir()
        try:
            extraction = extract(plan.file.path, into)
        except UnreadableFile as refusal:
            return self._refuse_members(plan, [(None, refusal)])
        refused = [(member.value, UnreadableFile(member.rule, member.reason)) for member in extraction.refusals]
        members = []
        for path in extraction.paths:
            status, name = path.stat(), readable_name(path.relative_to(into).as_posix())
            if not is_hidden(name):
                members.append(DeliveredFile(path, f"{plan.file.name}/{name}", status.st_size, status.st_mtime_ns))
        return self._refuse_members(plan, refused) + self.load(members)

    def _refuse_members(self, archive: PlannedFile, refused: Sequence[tuple[str | None, UnreadableFile]]) -> list[FileReport]:
        """Enter members that were not extracted: they have no content of their own, so their name stands for it."""
        plans = []
        for name, _ in refused:
            member = f"{archive.file.name}/{name or 'damaged'}"
            file = DeliveredFile(archive.file.path, member, 0, archive.file.modified_ns)
            plans.append(PlannedFile(file, None, self._own_source, hashlib.sha256(f"{archive.sha256}{member}".encode()).hexdigest()))
        reports = []
        loader = FileLoader(self._connection, self._statement, self._home, self._received_at, self._scratch)
        for plan, (_, refusal) in zip(self._reserve(plans), refused, strict=True):
            if self._is_known(plan):
                continue
            self._connection.execute("BEGIN")
            line = loader.refuse(plan, refusal)
            self._connection.execute("COMMIT")
            self._report(line)
            reports.append(line)
        return reports
