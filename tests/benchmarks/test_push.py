"""How long it takes to package, send to a province on loopback and reconcile 100,000 records: ``pytest -n 0 -m benchmark -s tests/benchmarks/test_push.py``.

The floor is what two processes alone need: DuckDB to read the same rows and write them as JSON, SQLite to keep as many rows.
"""

import os
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from exports.push.pushing import compare, push
from exports.push.settings import PushSettings
from sources.definitions import datasets
from tests.exports.push.city import City

ROOT = Path(__file__).resolve().parents[2]
RECORDS = int(os.environ.get("GONGKAI_PUSH_RECORDS", "100000"))
RECORDS_PER_SECTION, BOUND_SECONDS = 7.4, 60
_PROVINCE = "from dagster_project.command_line import main; main()"


def _floor(city: City, folder: Path) -> float:
    started = time.monotonic()
    rows = 0
    with duckdb.connect(str(city.warehouse), read_only=True) as connection, sqlite3.connect(folder / "floor.sqlite") as kept:
        kept.execute("CREATE TABLE records (content TEXT)")
        for dataset in datasets().values():
            if dataset.number:
                found = connection.execute(f"SELECT to_json(t)::VARCHAR FROM raw.{dataset.table} AS t").fetchall()
                kept.executemany("INSERT INTO records VALUES (?)", found)
                rows += len(found)
    assert rows
    return time.monotonic() - started


@pytest.mark.benchmark
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("form", ["xml", "json"])
def test_push(tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    city = City(tmp_path)
    city.simulate(round(RECORDS / RECORDS_PER_SECTION))
    city.publish()
    floor = _floor(city, tmp_path)
    port = 8790
    province = subprocess.Popen(
        [sys.executable, "-c", _PROVINCE, "province", "--store", str(tmp_path / "p.sqlite"), "--port", str(port)], cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        assert province.stdout is not None
        province.stdout.readline()
        settings = PushSettings(url=f"http://127.0.0.1:{port}")
        started = time.monotonic()
        pushed = push(city.home, settings, "xml" if form == "xml" else "json", lambda: datetime.now(UTC))
        sent = time.monotonic()
        found = compare(city.home, settings)
        reconciled = time.monotonic()
        again = push(city.home, settings, "xml", lambda: datetime.now(UTC))
        repeated = time.monotonic() - reconciled
    finally:
        province.terminate()
        province.wait()
    total = reconciled - started
    with capsys.disabled():
        print(
            f"\n{pushed.settled.accepted:>9,} records as {form}: packaged and sent {sent - started:5.1f} s, reconciled {reconciled - sent:4.1f} s, together {total:5.1f} s "
            f"({total / BOUND_SECONDS:4.2f} of the bound; {total / floor:4.1f} × the floor of {floor:4.1f} s) · nothing new {repeated:4.1f} s"
        )
    assert pushed.status.left_behind == 0 and found.is_clean
    assert again.settled.accepted == 0
    if RECORDS >= 100_000:
        assert found.agreed > 90_000
    assert total < BOUND_SECONDS * max(1, RECORDS / 100_000)
