"""Drawn samples: the same for the same seed, by region in proportion, estimated with the exact interval, and never shown more than they show."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from math import comb
from pathlib import Path

import duckdb
import openpyxl
import pytest
from audited_warehouse import SECOND_FILE, add_file, add_row, warehouse
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.labels import label
from exports.desk.sample_workbook import is_sample, take_sample_back, write_sample
from quality.desk.errors import DeskUsageError
from quality.desk.lifecycle import Actor
from quality.desk.log import DeskLog
from quality.desk.sampling import Sample, allotted, draw, drawn_rows, enter_sample, estimates
from quality.desk.tracking import follow
from quality.shares import exact_interval
from sources.definitions import datasets

pytestmark = pytest.mark.thorough

DAY, NOW = date(2018, 1, 25), datetime(2018, 1, 26, tzinfo=UTC)
BOSS = Actor("王主任 13812345678", "administrator")
SECTION = datasets()["SECTION"]
COUNTS = {"421202": 120, "421221": 60, "421222": 3}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "warehouse.duckdb"
    with warehouse(path) as connection:
        add_file(connection)
        connection.execute("CREATE TABLE marts.regions (region_code VARCHAR, name VARCHAR); ALTER TABLE marts.rules ADD COLUMN label VARCHAR")
        number = 1
        for region, count in COUNTS.items():
            for _ in range(count):
                number += 1
                add_row(
                    connection,
                    SECTION,
                    number,
                    {"region_code": region, "section_code": f"S{number}", "section_content": f"电话13812345678 第{number}"},
                )
        add_row(connection, SECTION, 2, {"region_code": "421202"}, file=SECOND_FILE, is_withdrawn=True)
        connection.execute(
            "CREATE TABLE quality.checks (run_id VARCHAR, check_id VARCHAR, dataset VARCHAR, dimension VARCHAR, label VARCHAR, error VARCHAR)"
        )
        connection.execute(
            """CREATE TABLE quality.findings (run_id VARCHAR, check_id VARCHAR, dataset VARCHAR, record_key VARCHAR, column_name VARCHAR, value VARCHAR,
            reason VARCHAR, rule_id VARCHAR, region_code VARCHAR, source_file VARCHAR, source_row BIGINT, severity VARCHAR, finding_id VARCHAR)"""
        )
    return path


@pytest.fixture
def snapshot(city: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(city), read_only=True) as connection:
        yield connection


def _draw(snapshot: duckdb.DuckDBPyConnection, size: int = 61, seed: int = 7) -> Sample:
    return draw(snapshot, SECTION, size, seed, DAY, schema="")


def test_the_same_seed_draws_the_same_records_by_region_in_proportion(snapshot: duckdb.DuckDBPyConnection) -> None:
    sample = _draw(snapshot)
    assert sample == _draw(snapshot)
    assert {region: (count, len(keys)) for region, (count, keys) in sample.strata.items()} == {
        "421202": (120, 40),
        "421221": (60, 20),
        "421222": (3, 1),
    }
    assert len(set(sample.keys)) == 61
    other = _draw(snapshot, seed=8)
    assert other.sample_id != sample.sample_id and set(other.keys) != set(sample.keys)
    for size in (0, 2001):
        with pytest.raises(DeskUsageError, match="cannot be checked by hand"):
            _draw(snapshot, size)


def test_every_record_is_as_likely_as_any_other(snapshot: duckdb.DuckDBPyConnection) -> None:
    seeds = 150
    drawn = Counter(key for seed in range(seeds) for key in _draw(snapshot, seed=seed).strata["421221"][1])
    # Of 60 records 20 are drawn each time: 50 of 150, give or take five standard deviations.
    assert len(drawn) == 60
    assert all(abs(times - seeds / 3) < 5 * (seeds * (1 / 3) * (2 / 3)) ** 0.5 for times in drawn.values())


@given(population=st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 500), min_size=1, max_size=8), size=st.integers(1, 600))
def test_what_is_allotted_adds_up(population: dict[str, int], size: int) -> None:
    given_out = allotted(population, size)
    assert given_out.keys() == population.keys()
    assert all(1 <= given_out[region] <= count for region, count in population.items())
    assert max(min(size, sum(population.values())), 0) <= sum(given_out.values()) <= max(size, len(population)) + len(population)


@settings(deadline=None, max_examples=25)
@given(judged=st.integers(1, 300), missing=st.integers(0, 8))
def test_the_bounds_are_exact(judged: int, missing: int) -> None:
    kept = max(0, judged - missing)
    low, high = exact_interval(kept, judged, 95)

    def at_most(count: int, share: float) -> float:
        return sum(comb(judged, place) * share**place * (1 - share) ** (judged - place) for place in range(count + 1))

    if kept:
        assert 1 - at_most(kept - 1, low) == pytest.approx(0.05, abs=1e-6)
    else:
        assert low == 0
    assert (high == 1) if kept == judged else at_most(kept, high) == pytest.approx(0.05, abs=1e-6)


def _entered(snapshot: duckdb.DuckDBPyConnection, folder: Path, size: int) -> tuple[DeskLog, Sample, Path]:
    log, sample = DeskLog(folder / "desk"), _draw(snapshot, size)
    enter_sample(log, sample, BOSS, NOW)
    enter_sample(log, sample, BOSS, NOW)
    assert log.head().number == 1
    return log, sample, write_sample(sample, drawn_rows(snapshot, sample, schema=""), folder, {"421202": "咸安区"})


def _fill(path: Path, results: dict[int, str]) -> Path:
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.worksheets[0]
    column = next(cell.column for cell in sheet[1] if cell.value == label("sample.outcome"))
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, column, results.get(row, "相符"))
    workbook.save(path)
    return path


def test_results_come_back_and_show_what_they_show(snapshot: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    log, _, path = _entered(snapshot, tmp_path, 183)
    content = str([[cell.value for cell in row] for row in openpyxl.load_workbook(path).worksheets[0]])
    assert "13812345678" not in content and "138****5678" in content and is_sample(path)
    returned = take_sample_back(log, _fill(path, {2: "不符", 3: "无法核对"}), BOSS, acted_at=NOW)
    assert (returned.entered, returned.refusals) == (183, [])
    rows = {row[5]: row for row in estimates(list(log.entries()), DAY)}
    *_, drawn, checked, wrong, unclear, accuracy, low, high, meets = rows[None]
    assert (drawn, checked, wrong, unclear, accuracy) == (183, 182, 1, 1, 181 / 182)
    assert (low, high) == exact_interval(181, 182, 95)
    # One of 182 differs: the lower bound lies below 98 %, so it shows nothing.
    assert low < 0.98 < high and meets is None
    assert rows["421222"][8:10] == (3, 0) and rows["421222"][-1] is None
    again = take_sample_back(log, _fill(path, {2: "相符"}), BOSS, acted_at=NOW)
    assert again.entered == 183
    assert {row[5]: row for row in estimates(list(log.entries()), DAY)}[None][-1] is True
    take_sample_back(log, _fill(path, dict.fromkeys(range(2, 14), "不符")), BOSS, acted_at=NOW)
    assert {row[5]: row for row in estimates(list(log.entries()), DAY)}[None][-1] is False
    assert estimates(list(log.entries()), date(2018, 1, 24)) == []
    assert b"13812345678" not in b"".join(file.read_bytes() for file in log.folder.iterdir())
    log.verify()


def test_what_was_not_drawn_or_is_no_result_is_refused(snapshot: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    log, _, path = _entered(snapshot, tmp_path, 10)
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.worksheets[0]
    for row, (column, value) in {2: (2, "12345"), 3: (1, "abc"), 4: (3, "x")}.items():
        sheet.cell(row, column, value)
    workbook.save(path)
    returned = take_sample_back(log, _fill(path, {5: "差不多", 6: ""}), BOSS, acted_at=NOW)
    assert [(refusal.row, refusal.column) for refusal in returned.refusals] == [(2, "记录编号"), (3, "记录编号"), (4, "记录编号"), (5, "核对结果")]
    assert (returned.entered, returned.unfilled) == (5, 1)


def test_the_snapshot_has_the_estimate(city: Path, snapshot: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    log, sample, path = _entered(snapshot, tmp_path, 183)
    take_sample_back(log, _fill(path, {}), BOSS, acted_at=NOW)
    snapshot.close()
    own = tmp_path / "w.duckdb"
    own.write_bytes(city.read_bytes())
    follow(own, log.folder, run_id="r", as_of=DAY, known_at=DAY, scratch=tmp_path / "s")
    with duckdb.connect(str(own), read_only=True) as connection:
        rows = connection.execute(
            "SELECT sample_id, region_code, population, drawn, checked, wrong, meets FROM quality.samples ORDER BY population"
        ).fetchall()
    assert rows == [
        (sample.sample_id, "421222", 3, 3, 3, 0, None), (sample.sample_id, "421221", 60, 60, 60, 0, None),
        (sample.sample_id, "421202", 120, 120, 120, 0, None), (sample.sample_id, None, 183, 183, 183, 0, True),
    ]  # fmt: skip
