"""How long the whole way takes, beside the time DuckDB alone needs to load the same files: ``pytest -n 0 -m benchmark -s tests/benchmarks``.

GONGKAI_BENCHMARK_RECORDS chooses the sizes (default 100000,1000000,3000000). The bounds are asked of 1,000,000 records on two free cores.
What is made once for each version of the models (the manifest, the prepared warehouse) is made before and told apart.
"""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from sources.simulated import simulate_sections

ROOT = Path(__file__).resolve().parents[2]
SIZES = [int(size) for size in os.environ.get("GONGKAI_BENCHMARK_RECORDS", "100000,1000000,3000000").split(",")]
RECORDS_PER_SECTION = 8.15
BOUND_RECORDS = 1_000_000
_PREPARE = """
from dagster_project.prepared_warehouse import prepare_warehouse
from dagster_project.project import prepare_manifest
prepare_manifest()
prepare_warehouse()
"""


@dataclass(frozen=True)
class Measured:
    """Wall clock and the peak memory of the largest process."""

    seconds: float
    megabytes: float


def _measure(command: list[str]) -> Measured:
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": str(ROOT)})
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, command
    # wait4 reports the largest process among the command and its own children.
    return Measured(time.monotonic() - started, usage.ru_maxrss / 1024)


def _run(deliveries: Path, home: Path) -> Measured:
    measured = _measure([str(Path(sys.executable).with_name("gongkai")), "run", "--deliveries", str(deliveries), "--home", str(home)])
    assert (home / "published" / "current" / "manifest.json").is_file()
    return measured


@pytest.mark.benchmark
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("records", SIZES)
def test_whole_run(tmp_path: Path, records: int, capsys: pytest.CaptureFixture[str]) -> None:
    deliveries, home = tmp_path / "deliveries", tmp_path / "home"
    total = simulate_sections(round(records / RECORDS_PER_SECTION), 7, deliveries).total
    simulate_sections(max(1, round(records / RECORDS_PER_SECTION / 100)), 8, tmp_path / "new")
    floor = _measure([sys.executable, str(ROOT / "tests" / "benchmarks" / "typed_load.py"), str(deliveries), str(tmp_path / "floor.duckdb")])
    prepared = _measure([sys.executable, "-c", _PREPARE])
    whole = _run(deliveries, home)
    unchanged = _run(deliveries, home)
    shutil.copytree(tmp_path / "new", deliveries / "new", ignore=shutil.ignore_patterns("*.toml", "*.json"))
    one_percent = _run(deliveries, home)
    bound = 3 * floor.seconds + 20
    with capsys.disabled():
        print(
            f"\n{total:>9,} records: DuckDB alone {floor.seconds:5.1f} s · whole run {whole.seconds:6.1f} s (bound {bound:5.1f} s, "
            f"{whole.seconds / bound:4.2f} of it; {whole.seconds / floor.seconds:4.1f} × the floor; prepared before in {prepared.seconds:.1f} s), "
            f"{whole.megabytes:5.0f} MB · "
            f"nothing new {unchanged.seconds:4.1f} s · 1 % new {one_percent.seconds:5.1f} s"
        )
    assert whole.megabytes < 2048
    if total >= BOUND_RECORDS:
        growth = total / BOUND_RECORDS
        assert whole.seconds < bound
        assert unchanged.seconds < 15 * growth
        assert one_percent.seconds < 25 * growth
