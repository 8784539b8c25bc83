"""How long all checks take through Great Expectations, beside the same checks as plain SQL: ``pytest -n 0 -m benchmark -s tests/benchmarks/test_audit_speed.py``.

Both keep every failing row in Parquet; the audit also masks them and writes the tables of findings. GONGKAI_BENCHMARK_RECORDS chooses the size (1,000,000).
"""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sources.loader import load_deliveries
from sources.simulated import simulate_sections
from tests.dbt.building import build

ROOT = Path(__file__).resolve().parents[2]
RECORDS = int(os.environ.get("GONGKAI_BENCHMARK_RECORDS", "1000000"))
RECORDS_PER_SECTION = 8.15
BOUND_RATIO, BOUND_SECONDS, BOUND_MEGABYTES = 1.5, 10, 2048

_PLAIN = """
import sys
from pathlib import Path
import duckdb
from quality.audit import applicable
from quality.checks import all_checks
warehouse, folder = Path(sys.argv[1]), Path(sys.argv[2])
settings = {"memory_limit": "1GB", "threads": "2"}
found = 0
with duckdb.connect(str(warehouse), read_only=True, config=settings) as connection:
    connection.execute("SET enable_progress_bar = false; SET TimeZone = 'Asia/Shanghai'")
    for check in applicable(warehouse, all_checks(), settings):
        found += connection.execute(f"COPY ({check.violations}) TO '{folder / check.check_id}.parquet' (FORMAT parquet)").fetchone()[0]
        connection.execute(check.evaluated).fetchall()
print(found)
"""
_AUDIT = """
import sys
from pathlib import Path
from quality.audit import run_audit
result = run_audit(Path(sys.argv[1]), run_id="benchmark", scratch=Path(sys.argv[2]))
print(sum(outcome.unexpected for outcome in result.checks))
"""


def _measure(program: str, warehouse: Path, folder: Path) -> tuple[float, float, int]:
    """Seconds, megabytes at the peak, and how many failing rows were found."""
    folder.mkdir(parents=True)
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(warehouse), str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, printed
    return time.monotonic() - started, usage.ru_maxrss / 1024, int(printed.split()[-1])


@pytest.mark.benchmark
@pytest.mark.timeout(1800)
def test_all_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    total = simulate_sections(round(RECORDS / RECORDS_PER_SECTION), 7, tmp_path / "city").total
    warehouse = tmp_path / "warehouse.duckdb"
    load_deliveries(warehouse, tmp_path / "city", home=tmp_path, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    build(warehouse, tmp_path / "scratch", as_of="2018-01-25")
    plain, _, of_plain = _measure(_PLAIN, warehouse, tmp_path / "plain")
    audit, megabytes, of_audit = _measure(_AUDIT, warehouse, tmp_path / "audit")
    bound = BOUND_RATIO * plain + BOUND_SECONDS
    with capsys.disabled():
        print(
            f"\n{total:>9,} records: plain SQL {plain:4.1f} s · all checks {audit:4.1f} s with their imports (bound {bound:4.1f} s, {audit / bound:4.2f} of it; "
            f"{audit / plain:4.2f} × plain), {megabytes:,.0f} MB · {of_audit:,} failing rows, all kept"
        )
    assert of_audit == of_plain
    assert audit < bound
    assert megabytes < BOUND_MEGABYTES
