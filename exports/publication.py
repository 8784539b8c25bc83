"""Publication of a snapshot: built beside, made durable, and switched in by one rename, so that a reader never sees half of it."""

import fcntl
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from quality.desk.log import Head

BUILDING = ".building-"
CURRENT = "current"
MANIFEST = "manifest.json"
WAREHOUSE = "warehouse.duckdb"
_FICLONE = 0x40049409


class PublicationError(Exception):
    """A snapshot that could not be published; the current one is untouched."""


class PublicationForbidden(PublicationError):
    """The audit found what must not be published."""


def published_folder(home: Path) -> Path:
    """Where the snapshots of a home are."""
    return home / "published"


def current_snapshot(home: Path) -> Path | None:
    """The folder of the snapshot that readers see, or None when nothing was published yet."""
    current = published_folder(home) / CURRENT
    return current.resolve() if (current / MANIFEST).is_file() else None


def read_manifest(snapshot: Path) -> dict[str, Any]:
    """What a snapshot says about itself: snapshot, run_id, as_of, known_at, state, fingerprint, inputs, tables, verdicts, checks, desk."""
    content: dict[str, Any] = json.loads((snapshot / MANIFEST).read_text(encoding="utf-8"))
    return content


def current_manifest(home: Path) -> dict[str, Any]:
    """The manifest of the current snapshot, empty when there is none."""
    snapshot = current_snapshot(home)
    return read_manifest(snapshot) if snapshot else {}


def published_log_heads(home: Path, *, only_current: bool = False) -> dict[str, Head]:
    """By snapshot, the last entry of the desk's log when it was published: a log that was shortened or written anew does not lead there."""
    found = {}
    for manifest in sorted(published_folder(home).glob(f"{CURRENT if only_current else '[!.]*'}/{MANIFEST}")):
        content = read_manifest(manifest.parent)
        # Snapshots from before there was a desk say nothing.
        if "desk" in content:
            found[str(content["snapshot"])] = Head(int(content["desk"]["entries"]), str(content["desk"]["head"]))
    return found


def table_rows(warehouse: Path) -> dict[str, int]:
    """Rows by ``schema.table`` for every table of a warehouse file that nobody has open for writing."""
    with _reading(warehouse) as connection:
        tables = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary ORDER BY schema_name, table_name"
        ).fetchall()
        if not tables:
            return {}
        counts = " UNION ALL ".join(f"SELECT '{schema}.{table}', count(*) FROM {_quoted(schema)}.{_quoted(table)}" for schema, table in tables)
        return dict(connection.execute(counts).fetchall())


def remove_leftovers(home: Path) -> list[str]:
    """Remove what killed publications left behind and say what it was; only while holding the writer's lock."""
    leftovers = sorted(published_folder(home).glob(f"{BUILDING}*")) + sorted(published_folder(home).glob(f".{CURRENT}-*"))
    for path in leftovers:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return [path.name for path in leftovers]


def publish(home: Path, warehouse: Path, *, manifest: Mapping[str, Any], build: Callable[[Path], None]) -> Path:
    """Publish a copy of the working warehouse and what ``build`` makes of it, and switch ``current`` to it.

    ``manifest`` must hold ``as_of`` and ``known_at`` (ISO dates) and what makes the content: ``state`` and ``fingerprint``; it is completed with the snapshot's name,
    the inputs, the table row counts, the verdicts and the checks, and written before ``build`` is called with the folder, in which
    ``warehouse.duckdb`` and ``manifest.json`` are then found. A failure of ``build`` leaves nothing behind. An existing snapshot is never overwritten.
    Raises PublicationError when the warehouse is missing or the disk is too full for the copy.
    """
    if not warehouse.is_file():
        raise PublicationError(f"{warehouse}: nothing to publish; load a delivery first")
    folder = published_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    name = _free_name(folder, manifest)
    building = folder / f"{BUILDING}{name}"
    building.mkdir()
    try:
        _checkpoint(warehouse)
        _copy(warehouse, building / WAREHOUSE)
        threading.Thread(target=_flush_ahead, args=(building / WAREHOUSE,), name="flush-warehouse", daemon=True).start()
        content = {"snapshot": name, **manifest, **_describe(building / WAREHOUSE)}
        (building / MANIFEST).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        build(building)
        (building / WAREHOUSE).chmod(0o444)
        make_durable(building)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    snapshot = folder / name
    building.rename(snapshot)
    _switch(folder, name)
    return snapshot


def _free_name(folder: Path, manifest: Mapping[str, Any]) -> str:
    """As-of date and a digest of the content; the same content published again gets a number."""
    content = [manifest[part] for part in ("as_of", "known_at", "state", "fingerprint")]
    digest = hashlib.sha256("".join(content).encode()).hexdigest()[:8]
    first = f"{manifest['as_of']}-{digest}"
    name, number = first, 1
    while (folder / name).exists():
        number += 1
        name = f"{first}-{number}"
    return name


@contextmanager
def _reading(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(str(warehouse), read_only=True)
    try:
        yield connection
    finally:
        connection.close()


def _checkpoint(warehouse: Path) -> None:
    connection = duckdb.connect(str(warehouse))
    try:
        connection.execute("CHECKPOINT")
    finally:
        connection.close()


def _copy(source: Path, target: Path) -> None:
    """Share the blocks where the file system can; else copy them, after asking whether they fit."""
    with source.open("rb") as readable, target.open("wb") as writable:
        try:
            fcntl.ioctl(writable.fileno(), _FICLONE, readable.fileno())
            return
        except OSError:
            pass
    needed, free = source.stat().st_size, shutil.disk_usage(target.parent).free
    if needed > free:
        raise PublicationError(
            f"{target.parent.parent}: the snapshot needs {needed:,} bytes and {free:,} are free; remove old snapshots with `gongkai prune --keep N`"
        )
    shutil.copyfile(source, target)


def _describe(warehouse: Path) -> dict[str, Any]:
    tables = table_rows(warehouse)
    described: dict[str, Any] = {"warehouse_bytes": warehouse.stat().st_size, "tables": tables}
    with _reading(warehouse) as connection:
        if "meta.deliveries" in tables:
            described["inputs"] = _first_row(
                connection,
                """
                SELECT count(DISTINCT (source_id, file)) AS files, count(DISTINCT sha256) AS contents,
                       count(DISTINCT (source_id, file)) FILTER (status = 'refused') AS files_refused,
                       coalesce(sum(rows_received), 0)::BIGINT AS rows_received, coalesce(sum(rows_loaded), 0)::BIGINT AS rows_loaded,
                       coalesce(sum(rows_quarantined), 0)::BIGINT AS rows_quarantined, coalesce(sum(rows_duplicate), 0)::BIGINT AS rows_duplicate
                FROM meta.deliveries
                """,
            )
        if "marts.obligations" in tables:
            verdicts = connection.execute("SELECT verdict, count(*) FROM marts.obligations GROUP BY verdict ORDER BY verdict")
            described["verdicts"] = dict(verdicts.fetchall())
        if "quality.checks" in tables:
            described["checks"] = _first_row(
                connection, "SELECT count(*) AS run, count(*) FILTER (success IS NOT TRUE) AS failed FROM quality.checks"
            )
    return described


def _first_row(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    answer = connection.execute(sql)
    names = [column[0] for column in answer.description or []]
    row = answer.fetchone()
    assert row is not None, "an aggregate without GROUP BY always gives a row"
    return dict(zip(names, row, strict=True))


def make_durable(folder: Path) -> None:
    """Flush every file and folder to the disk, the innermost first."""
    for directory, _, files in os.walk(folder, topdown=False):
        for file in files:
            _flush(Path(directory) / file)
        _flush(Path(directory))


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_ahead(path: Path) -> None:
    """Begin to bring a file to the disk while others are made. ``make_durable`` flushes it again, waits for what is missing and tells of errors."""
    with suppress(OSError):
        _flush(path)


def _switch(folder: Path, name: str) -> None:
    _flush(folder)
    link = folder / f".{CURRENT}-{name}"
    link.symlink_to(name)
    link.replace(folder / CURRENT)
    _flush(folder)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
