"""A run killed at any moment, and run again, publishes what an undisturbed run publishes."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from exports.publication import current_snapshot, published_folder, read_manifest, table_rows
from sources.simulated import simulate_sections
from tests import forked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

#: One moment in each part of a run: the seed fixes them, the machine does the rest. GONGKAI_MOMENTS=10 kills ten runs.
MOMENTS = int(os.environ.get("GONGKAI_MOMENTS", "5"))
CHANCE = random.Random(20180125)

Digests = Callable[[Path], dict[str, str]]


@dataclass(frozen=True)
class Undisturbed:
    deliveries: Path
    seconds: float
    tables: dict[str, str]


def arguments(home: Path, deliveries: Path) -> list[str]:
    return ["run", "--home", str(home), "--deliveries", str(deliveries), "--as-of", "2018-01-25"]


def start(command: list[str], environment: dict[str, str], home: Path, deliveries: Path) -> subprocess.Popen[bytes]:
    with (home.parent / f"{home.name}.txt").open("ab") as output:
        return subprocess.Popen(
            [*command, *arguments(home, deliveries)],
            env=environment,
            cwd=home.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, gongkai_command: list[str], gongkai_environment: dict[str, str], table_digests: Digests
) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    deliveries = folder / "city"
    simulate_sections(200, 7, deliveries)
    home = folder / "home"
    started = time.monotonic()
    assert start(gongkai_command, gongkai_environment, home, deliveries).wait() == 0, (folder / "home.txt").read_text()
    seconds = time.monotonic() - started
    snapshot = current_snapshot(home)
    assert snapshot is not None
    return Undisturbed(deliveries, seconds, table_digests(snapshot / "warehouse.duckdb"))


@pytest.mark.parametrize("moment", [(part + CHANCE.random()) / MOMENTS for part in range(MOMENTS)], ids=lambda moment: f"at {moment:.0%}")
def test_killed_and_run_again_publishes_the_same(
    undisturbed: Undisturbed,
    moment: float,
    tmp_path: Path,
    gongkai_command: list[str],
    gongkai_environment: dict[str, str],
    table_digests: Digests,
) -> None:
    home = tmp_path / "home"
    first = start(gongkai_command, gongkai_environment, home, undisturbed.deliveries)
    time.sleep(moment * undisturbed.seconds)
    # Only the process itself: what it started, dbt among them, may live on, as after the kernel's out-of-memory killer.
    os.kill(first.pid, signal.SIGKILL)
    first.wait()

    left = current_snapshot(home)
    if left is not None:
        assert table_rows(left / "warehouse.duckdb") == read_manifest(left)["tables"]

    again = forked.gongkai(arguments(home, undisturbed.deliveries), folder=tmp_path, environment=gongkai_environment)
    assert again.returncode == 0, again.stdout + again.stderr
    snapshot = current_snapshot(home)
    assert snapshot is not None
    published = table_digests(snapshot / "warehouse.duckdb")
    assert {name for name in published | undisturbed.tables if published.get(name) != undisturbed.tables.get(name)} == set()
    assert not [path.name for path in published_folder(home).iterdir() if path.name.startswith(".")]
    assert sorted(path.name for path in (home / "work").iterdir()) == ["dbt", "warehouse.duckdb", "writer.lock"]
