"""A snapshot is there whole or not at all, whenever its publication is killed."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from exports.pruning import older_snapshots, remove_snapshots, size_of
from exports.publication import (
    BUILDING,
    PublicationError,
    current_manifest,
    current_snapshot,
    publish,
    published_folder,
    read_manifest,
    remove_leftovers,
    table_rows,
)

ROOT = Path(__file__).resolve().parents[2]

#: Publishes edition argv[2] of home argv[1], killed before or after (argv[4]) the step argv[3]; pathlib's steps count only in the published folder.
PUBLISHER = """
import os, signal, sys
from pathlib import Path
from exports import publication

home, edition, step, moment = Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
owner, name = (Path, step[5:]) if step.startswith("Path.") else (publication, step)
original = getattr(owner, name)

def killed(*arguments, **named):
    if moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    original(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, killed)

def build(folder):
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text(edition)

publication.publish(
    home, home / "work.duckdb", manifest={"as_of": "2018-01-25", "known_at": "2018-01-25", "state": edition, "fingerprint": "f"}, build=build
)
"""
STEPS = ["_checkpoint", "_copy", "_describe", "Path.write_text", "make_durable", "Path.rename", "_switch", "Path.symlink_to", "Path.replace"]


def fill(home: Path, rows: int) -> Path:
    warehouse = home / "work.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS marts")
        connection.execute(
            f"CREATE OR REPLACE TABLE marts.obligations AS SELECT range AS id, IF(range % 3 = 0, 'missed', 'met') AS verdict FROM range({rows})"
        )
    return warehouse


def publish_edition(home: Path, rows: int, edition: str, **more: str) -> Path:
    def build(folder: Path) -> None:
        (folder / "site").mkdir()
        (folder / "site" / "index.html").write_text(edition)

    manifest = {"as_of": "2018-01-25", "known_at": "2018-01-25", "state": edition, "fingerprint": "f", **more}
    return publish(home, fill(home, rows), manifest=manifest, build=build)


def assert_whole(snapshot: Path) -> str:
    """Everything a reader opens is there and agrees; returns the edition."""
    manifest = read_manifest(snapshot)
    assert manifest["snapshot"] == snapshot.name
    assert table_rows(snapshot / "warehouse.duckdb") == manifest["tables"]
    assert sum(manifest["verdicts"].values()) == manifest["tables"]["marts.obligations"]
    assert (snapshot / "site" / "index.html").read_text() == manifest["state"]
    return str(manifest["state"])


@pytest.mark.thorough
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_leaves_a_whole_snapshot(tmp_path: Path, step: str, moment: str) -> None:
    publish_edition(tmp_path, 10, "first")
    fill(tmp_path, 20)
    done = subprocess.run([sys.executable, "-c", PUBLISHER, str(tmp_path), "second", step, moment], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL, f"{step} was never reached"

    current = current_snapshot(tmp_path)
    assert current is not None
    switched = (step, moment) in {("Path.replace", "after"), ("_switch", "after")}
    assert assert_whole(current) == ("second" if switched else "first")

    remove_leftovers(tmp_path)
    assert not [path for path in published_folder(tmp_path).iterdir() if path.name.startswith(".")]
    again = publish_edition(tmp_path, 20, "second")
    assert current_snapshot(tmp_path) == again
    assert assert_whole(again) == "second"


@pytest.mark.thorough
def test_a_reader_sees_whole_snapshots_while_others_are_published(tmp_path: Path) -> None:
    publish_edition(tmp_path, 1, "0")
    seen: set[str] = set()
    ended = threading.Event()
    errors: list[BaseException] = []

    def read() -> None:
        try:
            while not ended.is_set():
                seen.add(json.loads((published_folder(tmp_path) / "current" / "manifest.json").read_text())["state"])
                snapshot = current_snapshot(tmp_path)
                assert snapshot is not None
                assert_whole(snapshot)
        except BaseException as error:
            errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for edition in range(1, 15):
            publish_edition(tmp_path, edition, str(edition))
    finally:
        ended.set()
        reader.join()
    assert not errors
    assert len(seen) > 1


def test_a_failed_build_leaves_the_current_snapshot_and_nothing_else(tmp_path: Path) -> None:
    first = publish_edition(tmp_path, 10, "first")

    def build(folder: Path) -> None:
        assert (folder / "warehouse.duckdb").is_file()
        raise RuntimeError("no page today")

    with pytest.raises(RuntimeError, match="no page today"):
        publish(
            tmp_path, fill(tmp_path, 20), manifest={"as_of": "2018-01-26", "known_at": "2018-01-26", "state": "s", "fingerprint": "f"}, build=build
        )
    assert current_snapshot(tmp_path) == first
    assert sorted(path.name for path in published_folder(tmp_path).iterdir()) == [first.name, "current"]


def test_a_snapshot_is_never_overwritten_nor_writable(tmp_path: Path) -> None:
    first = publish_edition(tmp_path, 10, "same")
    second = publish_edition(tmp_path, 10, "same")
    assert second.name == f"{first.name}-2"
    assert first.name.startswith("2018-01-25-")
    assert assert_whole(first) == assert_whole(second) == "same"
    assert not (second / "warehouse.duckdb").stat().st_mode & 0o222


def test_manifest_tells_rows_and_verdicts(tmp_path: Path) -> None:
    publish_edition(tmp_path, 10, "first")
    manifest = current_manifest(tmp_path)
    assert manifest["tables"] == {"marts.obligations": 10}
    assert manifest["verdicts"] == {"met": 6, "missed": 4}


def test_nothing_published_yet(tmp_path: Path) -> None:
    assert current_snapshot(tmp_path) is None
    assert current_manifest(tmp_path) == {}
    with pytest.raises(PublicationError, match="nothing to publish"):
        publish(
            tmp_path,
            tmp_path / "missing.duckdb",
            manifest={"as_of": "2018-01-25", "known_at": "2018-01-25", "state": "s", "fingerprint": "f"},
            build=lambda _: None,
        )


def test_leftovers_are_named_and_snapshots_kept(tmp_path: Path) -> None:
    first = publish_edition(tmp_path, 1, "first")
    (published_folder(tmp_path) / f"{BUILDING}x").mkdir()
    (published_folder(tmp_path) / f"{BUILDING}x" / "half").write_text("half")
    assert remove_leftovers(tmp_path) == [f"{BUILDING}x"]
    assert current_snapshot(tmp_path) == first


def test_old_snapshots_go_and_the_current_one_stays_even_when_it_is_old(tmp_path: Path) -> None:
    first, second, third, fourth = (
        publish_edition(tmp_path, 1, name, published_at=f"2018-01-2{day}T08:00:00+08:00") for day, name in enumerate("dcba")
    )
    assert older_snapshots(tmp_path, 2) == [first, second]
    assert older_snapshots(tmp_path, 4) == older_snapshots(tmp_path, 9) == []
    current = published_folder(tmp_path) / "current"
    current.unlink()
    current.symlink_to(first.name)
    assert older_snapshots(tmp_path, 1) == [second, third]
    assert size_of(second) == sum(path.stat().st_size for path in second.rglob("*") if path.is_file()) > 0
    remove_snapshots([second, third])
    assert sorted(path.name for path in published_folder(tmp_path).iterdir()) == sorted(["current", first.name, fourth.name])
    assert_whole(first)


def test_a_snapshot_whose_removal_was_killed_is_cleared_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = publish_edition(tmp_path, 1, "old"), publish_edition(tmp_path, 1, "new")

    def killed(folder: Path) -> None:
        (folder / "warehouse.duckdb").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("exports.pruning.shutil.rmtree", killed)
        remove_snapshots([old])
    assert remove_leftovers(tmp_path) == [f"{BUILDING}{old.name}"]
    assert [path.name for path in published_folder(tmp_path).glob("[!.c]*")] == [new.name]
