"""The whole way on the example city, from outside: what is published, and that nothing new costs nothing."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import duckdb
import pytest

from exports.publication import current_snapshot, read_manifest

pytestmark = pytest.mark.thorough

Gongkai = Callable[..., CompletedProcess[str]]


def test_a_run_publishes_and_a_second_finds_nothing_new(gongkai: Gongkai, example: Path, example_home: Path) -> None:
    home, first = example_home, json.loads((example / "said.json").read_text(encoding="utf-8"))
    printed = first["printed"].replace(str(example), str(home.parent))
    snapshot = current_snapshot(home)
    assert snapshot is not None
    manifest = read_manifest(snapshot)

    assert str(home / "published" / "current" / "site" / "index.html") in printed
    assert (snapshot / "site" / "index.html").stat().st_size > 10_000
    workbooks = list((snapshot / "exports").glob("*.xlsx"))
    assert workbooks
    assert str(home / "published" / "current" / "exports" / workbooks[0].name) in printed
    assert all(f"{verdict} {count:,}" in printed for verdict, count in manifest["verdicts"].items())
    assert manifest["tables"]["marts.obligations"] == sum(manifest["verdicts"].values()) > 0
    assert manifest["checks"]["run"] > 0
    assert_balanced(snapshot / "warehouse.duckdb")

    started = time.monotonic()
    second = gongkai("run", "--home", home)
    seconds = time.monotonic() - started
    assert second.returncode == 0, second.stdout + second.stderr
    assert "unchanged" in second.stdout
    assert second.stdout.count("skipped") == 3
    assert current_snapshot(home) == snapshot
    assert len(list((home / "published").iterdir())) == 2
    # In seconds it is bounded by tests/benchmarks/test_whole_run.py, on a machine that does nothing else.
    assert seconds < first["seconds"], f"a run with nothing new took {seconds:.1f} s, the first {first['seconds']:.1f} s"

    # Another day is another edition of the same data; the first stays as it was printed.
    third = gongkai("run", "--home", home, "--as-of", "2018-03-01")
    assert third.returncode == 0, third.stdout + third.stderr
    latest = current_snapshot(home)
    assert latest is not None
    assert latest.name.startswith("2018-03-01-")
    assert read_manifest(snapshot) == manifest


def assert_balanced(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        unbalanced = connection.execute(
            "SELECT file, dataset FROM meta.deliveries WHERE rows_received <> rows_loaded + rows_quarantined + rows_duplicate"
        ).fetchall()
    assert unbalanced == []


def test_a_broken_working_warehouse_fails_and_leaves_the_snapshot(gongkai: Gongkai, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "work").mkdir(parents=True)
    (home / "work" / "warehouse.duckdb").write_bytes(b"no database" * 1000)
    done = gongkai("run", "--home", home)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "warehouse.duckdb" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert current_snapshot(home) is None
    logs = list((home / "logs").glob("*.log"))
    assert len(logs) == 1
    assert str(logs[0]) in done.stdout


def test_a_second_run_at_once_is_refused_by_name(gongkai: Gongkai, tmp_path: Path) -> None:
    from dagster_project.writer import Holder, writing

    home = tmp_path / "home"
    with writing(home / "work", Holder("run-1", 4711, "2018-01-25T07:00:00+08:00", "gongkai run"), wait_seconds=0):
        done = gongkai("run", "--home", home)
    assert done.returncode == 1, done.stdout + done.stderr
    refused = next(line for line in done.stdout.splitlines() if "failed" in line)
    for part in ("run-1", "4711", "2018-01-25T07:00:00+08:00", "--wait"):
        assert part in refused
    assert not (home / "work" / "warehouse.duckdb").exists()


def test_the_run_is_recorded_for_the_ui(example_home: Path) -> None:
    from dagster import DagsterInstance
    from dagster._core.instance.ref import InstanceRef

    home = example_home
    with DagsterInstance.from_ref(InstanceRef.from_dir(str(home / "dagster"))) as instance:
        runs = instance.get_runs()
        assert [(run.job_name, run.status.value) for run in runs] == [("whole_way", "SUCCESS")]
        snapshot = current_snapshot(home)
        assert snapshot is not None
        assert json.loads((snapshot / "manifest.json").read_text())["run_id"] == runs[0].run_id
        assert not instance.telemetry_enabled
