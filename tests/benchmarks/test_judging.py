"""How long all rules take over a million and ten million events, and one changed rule again: ``pytest -n 0 -m benchmark -s tests/benchmarks/test_judging.py``.

A simulated city is delivered and built once; its events and subjects are then multiplied in SQL under new subject codes (to write and load ten million
records says something about files, not about judging), and dbt builds the obligations and the rates from them. GONGKAI_BENCHMARK_EVENTS chooses the sizes.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from exports.publication import publish
from sources.loader import load_deliveries
from sources.simulated import simulate_sections
from tests.dbt.building import build

ROOT = Path(__file__).resolve().parents[2]
SIZES = [int(size) for size in os.environ.get("GONGKAI_BENCHMARK_EVENTS", "1000000,10000000").split(",")]
AS_OF = "2018-01-25"
SECTIONS = 3_000
#: What is built from the events, as in a run from the ground.
JUDGED = "first_events coverage duties judged_duties obligations disclosure_rates timeliness"
MEGABYTES = 1200

_DBT = "from dagster_project.dbt_process import main; main()"
_ASK = """
import sys, time
from pathlib import Path
from exports.answers.asking import asking
from exports.answers.change import read_change
from exports.answers.whatif import what_if
with asking(Path(sys.argv[1])) as connection:
    # DuckDB takes a program without a file for a person who watches.
    connection.execute("SET enable_progress_bar = false")
    started = time.monotonic()
    lines = what_if(connection, read_change(Path(sys.argv[2])))
    print(time.monotonic() - started)
    print(lines[1])
"""


@dataclass(frozen=True)
class Measured:
    """Wall clock, the peak memory of the largest process, and what was printed."""

    seconds: float
    megabytes: float
    printed: str


def _measure(arguments: list[str], **environment: str) -> Measured:
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)} | environment
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, printed
    return Measured(time.monotonic() - started, usage.ru_maxrss / 1024, printed)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built warehouse of some hundred thousand records."""
    folder = tmp_path_factory.mktemp("judging")
    simulate_sections(SECTIONS, 7, folder / "city")
    warehouse = folder / "warehouse.duckdb"
    load_deliveries(warehouse, folder / "city", home=folder, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    build(warehouse, folder / "scratch", as_of=AS_OF)
    return warehouse


def _multiplied(city: Path, target: Path, events: int) -> int:
    """The city's events and subjects as often as it takes, each copy under codes of its own; gives how many events there are."""
    target.parent.mkdir(parents=True)
    with duckdb.connect(str(city)) as connection:
        connection.execute("CHECKPOINT")
    target.write_bytes(city.read_bytes())
    with duckdb.connect(str(target), config={"threads": 2, "memory_limit": f"{MEGABYTES}MB"}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        ((count,),) = connection.execute("SELECT count(*) FROM events.events").fetchall()
        copy = 0
        while count < events:
            # Each time as many again. A record of a copy has a key of its own, or its duties would answer each other's triggers.
            copy += 1
            code = f"subject_type, subject_id || '-{copy}'"
            key = f"xor(record_key, {1 << copy}::UHUGEINT) AS record_key"
            connection.execute(
                f"INSERT INTO events.events SELECT {code}, e.* EXCLUDE (subject_type, subject_id) REPLACE ({key}) FROM events.events AS e"
            )
            connection.execute(f"INSERT INTO events.subjects SELECT {code}, s.* EXCLUDE (subject_type, subject_id) FROM events.subjects AS s")
            count *= 2
    return int(count)


@pytest.mark.benchmark
@pytest.mark.timeout(3600)
def test_judging_all_events_by_all_rules(city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for size in SIZES:
        home = tmp_path / str(size)
        warehouse = home / "work" / "warehouse.duckdb"
        events = _multiplied(city, warehouse, size)
        places = {name: str(home / folder) for name, folder in (("DBT_TARGET_PATH", "target"), ("DBT_LOG_PATH", "logs"))}
        dbt = {"DBT_PROJECT_DIR": str(ROOT / "dbt"), "DBT_PROFILES_DIR": str(ROOT / "dbt"), "GONGKAI_WAREHOUSE": str(warehouse), "DO_NOT_TRACK": "1"}
        arguments = ["build", "--full-refresh", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test", "--select", JUDGED]
        floor = _measure([_DBT, "ls", "--select", "rules"], **dbt, **places)
        judged = _measure([_DBT, *arguments, "--vars", f"{{as_of: '{AS_OF}'}}"], **dbt, **places)
        with duckdb.connect(str(warehouse)) as connection:
            ((obligations,),) = connection.execute("SELECT count(*) FROM marts.obligations").fetchall()
            connection.execute("CREATE SCHEMA IF NOT EXISTS quality")
        publish(home, warehouse, manifest={"as_of": AS_OF, "known_at": AS_OF, "state": "", "fingerprint": ""}, build=lambda folder: None)
        (home / "change.toml").write_text('[[rule]]\nrule_id = "T-08"\namount = 4\n', encoding="utf-8")
        (home / "threshold.toml").write_text("threshold = 99\n", encoding="utf-8")
        (home / "holiday.toml").write_text("[[calendar]]\nday = 2017-10-09\nis_working_day = false\n", encoding="utf-8")
        asked = {name: _measure([_ASK, str(home), str(home / f"{name}.toml")]) for name in ("change", "threshold", "holiday")}
        again = {name: float(measured.printed.split()[0]) for name, measured in asked.items()}
        told.append((events, judged.seconds - floor.seconds))
        with capsys.disabled():
            print(
                f"\n{events:>10,} events: {obligations:>10,} obligations by all rules in {judged.seconds - floor.seconds:6.1f} s "
                f"(and {floor.seconds:.1f} s for dbt to start), {judged.megabytes:,.0f} MB · one changed rule {again['change']:.2f} s "
                f"({asked['change'].megabytes:,.0f} MB), threshold {again['threshold']:.2f} s, one more holiday {again['holiday']:.2f} s"
            )
        assert judged.megabytes < 4096
        assert again["change"] < 5 * max(1, obligations / 1_000_000)
    if len(told) > 1:
        growth = (told[-1][1] / told[0][1]) / (told[-1][0] / told[0][0])
        with capsys.disabled():
            print(f"growth: {told[-1][0] / told[0][0]:.1f} × the events take {told[-1][1] / told[0][1]:.1f} × the time ({growth:.2f} of linear)")
