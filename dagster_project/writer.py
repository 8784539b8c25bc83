"""One writer at a time: the lock of a home's working warehouse, and who holds it."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from dagster_project.errors import WriterBusy

_POLL_SECONDS = 0.2
#: A killed run's dbt may live on for a moment and hold the file; waiting for it is no wait for another run.
_ORPHAN_SECONDS = 60


@dataclass(frozen=True)
class Holder:
    """Who writes: the run, its process, since when (ISO, Asia/Shanghai) and by which command."""

    run_id: str
    pid: int
    since: str
    command: str


def lock_path(work: Path) -> Path:
    """The file whose lock is the right to write."""
    return work / "writer.lock"


def _holder_path(work: Path) -> Path:
    return work / "writer.json"


def recorded_holder(work: Path) -> Holder | None:
    """Who last said to be writing; the writer removes it when it ends, so what is left without a lock is a killed run."""
    try:
        return Holder(**json.loads(_holder_path(work).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def holder_of_lock(work: Path) -> Holder | None:
    """Who holds the lock at this moment, or None when it is free; a holder that has not yet said who it is has an empty run."""
    if not lock_path(work).exists():
        return None
    try:
        with FileLock(lock_path(work)).acquire(timeout=0):
            return None
    except Timeout:
        return recorded_holder(work) or Holder("", 0, "", "")


@contextmanager
def writing(work: Path, holder: Holder, *, wait_seconds: float) -> Iterator[Holder | None]:
    """Hold the right to write for as long as the block runs; yields the holder of a killed run whose place was taken, or None.

    The kernel frees the lock of a dead process, so a killed run blocks nobody. Raises WriterBusy, naming the holder, after ``wait_seconds``.
    """
    work.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_path(work))
    try:
        lock.acquire(timeout=wait_seconds, poll_interval=_POLL_SECONDS)
    except Timeout:
        # Whoever reads the message wants the holder, not the lock's own complaint.
        raise WriterBusy(_busy(recorded_holder(work), wait_seconds)) from None
    try:
        killed = recorded_holder(work)
        _await_free_file(work / "warehouse.duckdb", max(wait_seconds, _ORPHAN_SECONDS if killed else 0))
        _write(_holder_path(work), holder)
        try:
            yield killed
        finally:
            _holder_path(work).unlink(missing_ok=True)
    finally:
        lock.release()


def _write(path: Path, holder: Holder) -> None:
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(asdict(holder), ensure_ascii=False), encoding="utf-8")
    partial.replace(path)


def _busy(holder: Holder | None, wait_seconds: float) -> str:
    waited = f" (waited {wait_seconds:g} s)" if wait_seconds else ""
    if holder is None:
        return f"another run is just starting to write{waited}; try again or wait with --wait SECONDS"
    return (
        f"another run is writing (另一个运行正在写库): run {holder.run_id}, process {holder.pid}, since {holder.since}, "
        f"by `{holder.command}`{waited}; let it end or wait with --wait SECONDS"
    )


def _await_free_file(warehouse: Path, patience_seconds: float) -> None:
    """Wait until no other process has the warehouse file open: the dbt of a killed run, or somebody's DuckDB shell."""
    deadline = time.monotonic() + patience_seconds
    while warehouse.exists():
        try:
            duckdb.connect(str(warehouse)).close()
            return
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            if time.monotonic() >= deadline:
                opener = re.search(r"PID (\d+)", str(error))
                who = f"process {opener.group(1)}" if opener else "another process"
                raise WriterBusy(f"{warehouse} is open in {who}, which is no run of Gongkai; close it there and run again") from error
        time.sleep(_POLL_SECONDS)
