"""The snapshot that readers see, held open read-only, and the change to a new one without a restart."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dashboards.snapshot import Snapshot, SnapshotError, read_snapshot

# Of the whole instance, so that every cursor has them. Options given while connecting would keep others in this process from opening the same file.
_SETTINGS = "SET GLOBAL TimeZone = 'Asia/Shanghai'; SET GLOBAL threads = 2; SET GLOBAL memory_limit = '1GB'"


class NothingPublishedError(Exception):
    """No snapshot was published yet."""


@dataclass(frozen=True)
class OpenSnapshot:
    """A published snapshot: its folder, what its manifest says, the frames of the pages, and its warehouse open for reading.

    kept: what was made of it and will be asked for again; it goes when the snapshot goes."""

    folder: Path
    manifest: Mapping[str, Any]
    frames: Snapshot
    connection: duckdb.DuckDBPyConnection
    kept: dict[tuple, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the snapshot's folder."""
        return self.folder.name

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for one request: requests of several threads do not wait for each other."""
        cursor = self.connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


def open_snapshot(folder: Path, manifest: Mapping[str, Any]) -> OpenSnapshot:
    """Opens the snapshot of a folder. Raises SnapshotError where its warehouse cannot be read."""
    warehouse = folder / "warehouse.duckdb"
    as_of = manifest.get("as_of")
    frames = read_snapshot(warehouse, as_of=date.fromisoformat(str(as_of)[:10]) if as_of else None, run_id=str(manifest.get("run_id") or ""))
    try:
        connection = duckdb.connect(str(warehouse), read_only=True)
        connection.execute(_SETTINGS)
    except duckdb.Error as error:
        raise SnapshotError(f"{warehouse}: not a readable snapshot ({str(error).splitlines()[0]})", "unreadable") from error
    return OpenSnapshot(folder, manifest, frames, connection)


class Snapshots:
    """The current snapshot of a home. One look at a symbolic link tells whether there is a new one; it is opened beside the old one, which answers until then."""

    def __init__(self, current: Callable[[], Path | None], manifest: Callable[[Path], Mapping[str, Any]]) -> None:
        self._current, self._manifest = current, manifest
        self._open: OpenSnapshot | None = None
        self._opening = threading.Lock()
        self._broken: Path | None = None

    def now(self) -> OpenSnapshot:
        """The snapshot to answer from. Raises NothingPublishedError, and SnapshotError when the first one cannot be read."""
        folder = self._current()
        held = self._open
        if held is None:
            if folder is None:
                raise NothingPublishedError
            with self._opening:
                if self._open is None:
                    self._open = open_snapshot(folder, self._manifest(folder))
                return self._open
        if folder is not None and folder not in (held.folder, self._broken) and self._opening.acquire(blocking=False):
            threading.Thread(target=self._replace, args=(folder,), name="open-snapshot", daemon=True).start()
        return held

    def prepare(self) -> None:
        """Opens the snapshot that is there, so that the first reader need not wait; what is wrong with it the first reader is told."""
        with suppress(NothingPublishedError, SnapshotError):
            self.now()

    def _replace(self, folder: Path) -> None:
        # The old connection is not closed here: requests that began on it end on it, and with the last of them it is gone.
        try:
            self._open = open_snapshot(folder, self._manifest(folder))
        except (SnapshotError, OSError, ValueError):
            # What cannot be read is looked at once; the one before goes on answering and shows its age.
            self._broken = folder
        finally:
            self._opening.release()
