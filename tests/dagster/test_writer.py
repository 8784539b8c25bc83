"""One writer at a time, across real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import WriterBusy
from dagster_project.writer import Holder, holder_of_lock, recorded_holder, writing

ROOT = Path(__file__).resolve().parents[2]
ME = Holder("run-2", os.getpid(), "2018-01-25T08:00:00+08:00", "gongkai run")

WRITER = """
import os, sys, time
from pathlib import Path
from dagster_project.writer import Holder, writing
with writing(Path(sys.argv[1]), Holder("run-1", os.getpid(), "2018-01-25T07:00:00+08:00", "gongkai run --home h"), wait_seconds=0):
    print("writing", flush=True)
    time.sleep(float(sys.argv[2]))
"""

OPENER = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
time.sleep(float(sys.argv[2]))
"""


@contextmanager
def other_process(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline()
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_second_writer_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    with other_process(WRITER, str(tmp_path), "30") as first:
        with pytest.raises(WriterBusy) as refused, writing(tmp_path, ME, wait_seconds=0):
            pass
        message = str(refused.value)
        for part in ("run-1", str(first.pid), "2018-01-25T07:00:00+08:00", "gongkai run --home h", "--wait"):
            assert part in message
        assert "\n" not in message
        assert holder_of_lock(tmp_path) == Holder("run-1", first.pid, "2018-01-25T07:00:00+08:00", "gongkai run --home h")


def test_waiting_gets_the_place_when_the_first_ends(tmp_path: Path) -> None:
    with other_process(WRITER, str(tmp_path), "1"), writing(tmp_path, ME, wait_seconds=20) as killed:
        assert killed is None
        assert recorded_holder(tmp_path) == ME
    assert recorded_holder(tmp_path) is None
    assert holder_of_lock(tmp_path) is None


def test_waiting_too_short_is_refused_and_says_so(tmp_path: Path) -> None:
    started = time.monotonic()
    with other_process(WRITER, str(tmp_path), "30"), pytest.raises(WriterBusy, match=r"waited 0\.5 s"), writing(tmp_path, ME, wait_seconds=0.5):
        pass
    assert time.monotonic() - started < 10


def test_a_killed_writer_blocks_nobody_and_is_named(tmp_path: Path) -> None:
    with other_process(WRITER, str(tmp_path), "30") as first:
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert holder_of_lock(tmp_path) is None
        with writing(tmp_path, ME, wait_seconds=0) as killed:
            assert killed is not None
            assert (killed.run_id, killed.pid) == ("run-1", first.pid)


def test_a_warehouse_open_elsewhere_is_refused_with_the_process(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    duckdb.connect(str(warehouse)).close()
    with other_process(OPENER, str(warehouse), "30") as other:
        with pytest.raises(WriterBusy, match=f"open in process {other.pid}"), writing(tmp_path, ME, wait_seconds=0):
            pass
        assert holder_of_lock(tmp_path) is None


def test_what_a_killed_run_left_running_is_waited_for(tmp_path: Path) -> None:
    """A killed run's dbt still has the file open for a moment; the next run starts when it has ended, without being told to wait."""
    warehouse = tmp_path / "warehouse.duckdb"
    duckdb.connect(str(warehouse)).close()
    with other_process(WRITER, str(tmp_path), "30") as first, other_process(OPENER, str(warehouse), "1.5") as orphan:
        first.kill()
        first.wait()
        with writing(tmp_path, ME, wait_seconds=0) as killed:
            assert killed is not None
            assert orphan.wait(5) == 0


def test_an_error_inside_frees_the_place(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), writing(tmp_path, ME, wait_seconds=0):
        raise RuntimeError
    assert holder_of_lock(tmp_path) is None
    assert recorded_holder(tmp_path) is None
