"""A build that goes on from the last one makes the same tables as one from the ground, whatever came in between."""

import csv
import os
import random
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from dagster_project.built_models import LastBuild, begin_build, end_build
from dagster_project.project import models_digest
from sources.loader import load_deliveries
from sources.simulated import simulate_sections
from tests.dbt.building import build, prepared_warehouse

DIGEST = "the models of this test"
Row = dict[str, str]
#: A project and all of its sections share the beginning of their codes.
_PROJECT = re.compile(r"E\d{19}")


def _files(folder: Path) -> dict[str, list[Row]]:
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            found[path.stem] = list(csv.DictReader(stream))
    return found


def _write(folder: Path, files: dict[str, list[Row]]) -> None:
    folder.mkdir(parents=True)
    for name, rows in files.items():
        if rows:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)


def _moved(moment: str, days: int) -> str:
    if len(moment) != 14 or not moment.isdigit():
        return moment
    return f"{datetime.strptime(moment, '%Y%m%d%H%M%S') + timedelta(days=days):%Y%m%d%H%M%S}"


def _later_version(chance: random.Random, row: Row) -> Row:
    """The record again: with other times, without one of them, with one that nobody can read, or withdrawn."""
    changed = row | {"DATA_TIMESTAMP": _moved(row["DATA_TIMESTAMP"], chance.randrange(1, 40))}
    times = [name for name, value in row.items() if len(value) == 14 and value.isdigit() and name != "DATA_TIMESTAMP"]
    kind = chance.randrange(4)
    if kind == 0 or not times:
        return changed | {"DATA_TYPE": "3"}
    name = chance.choice(times)
    return changed | {name: _moved(row[name], chance.randrange(-20, 20)) if kind == 1 else "" if kind == 2 else "2017/13/45"}


def _project(row: Row) -> str:
    found = _PROJECT.search(",".join(row.values()))
    assert found, row
    return found[0]


def _batches(chance: random.Random, files: dict[str, list[Row]], number: int) -> Iterator[dict[str, list[Row]]]:
    """The rows in so many deliveries, most of a project in one of them, so that each leaves most projects alone; later ones also change what came before.

    One row in eight never comes: its duty stays open until only the passing of days decides it.
    """
    projects = sorted({_project(row) for rows in files.values() for row in rows})
    home = {project: chance.randrange(number) for project in projects}
    told: dict[str, list[Row]] = {name: [] for name in files}
    place = {name: [chance.randrange(number) if chance.random() < 0.03 else home[_project(row)] for row in rows] for name, rows in files.items()}
    place = {name: [-1 if chance.random() < 0.125 else at for at in places] for name, places in place.items()}
    for batch in range(number):
        fresh = {name: [row for row, at in zip(rows, place[name], strict=True) if at == batch] for name, rows in files.items()}
        again = {name: [_later_version(chance, row) for row in rows if chance.random() < 0.02] for name, rows in told.items()}
        yield {name: fresh[name] + again[name] for name in files}
        for name in files:
            told[name] += fresh[name]


def _tables(warehouse: Path) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        names = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name IN ('events', 'obligations', 'marts') "
            "AND table_name <> 'touched_subjects' ORDER BY 1"
        ).fetchall()
        return {name: sorted(connection.execute(f"FROM {name}").fetchall(), key=repr) for (name,) in names}


@pytest.mark.thorough
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(1, 1 + int(os.environ.get("GONGKAI_CITIES", "1"))))
def test_going_on_is_building_from_the_ground(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    simulate_sections(60, seed, tmp_path / "city")
    home, warehouse = tmp_path / "home", prepared_warehouse(tmp_path / "home" / "warehouse.duckdb")
    deliveries, day = tmp_path / "deliveries", date(2017, 5, 20)
    known = day
    deliveries.mkdir()
    shutil.copy(tmp_path / "city" / "delivery.toml", deliveries)
    went_on = []
    for number, batch in enumerate(_batches(chance, _files(tmp_path / "city"), 3)):
        _write(deliveries / str(number), batch)
        load_deliveries(warehouse, deliveries, home=home, received_at=datetime(2018, 1, 25, tzinfo=UTC))
        known = max(known, day)
        days = {"as_of": day.isoformat(), "variables": f"known_at: '{known}'"}
        last = begin_build(warehouse, models_digest(), day, known)
        assert last.same_models
        build(warehouse, tmp_path / "scratch", **days, goes_on=last.goes_on, settled=True)
        end_build(warehouse, models_digest(), day, known)
        again = tmp_path / f"again-{number}" / "warehouse.duckdb"
        again.parent.mkdir()
        shutil.copy(warehouse, again)
        build(again, tmp_path / "scratch", **days, settled=True)
        gone_on, from_the_ground = _tables(warehouse), _tables(again)
        assert list(gone_on) == list(from_the_ground)
        for name, rows in from_the_ground.items():
            assert gone_on[name] == rows, f"{name} after delivery {number} as of {day}, known at {known}"
        went_on.append(last.goes_on)
        # The same day again, or some weeks later; now and then with what became known only after it.
        day += timedelta(days=chance.choice([0, 45, 90]))
        known += timedelta(days=chance.choice([0, 0, 60]))
    assert went_on == [False, True, True]


def _marked(warehouse: Path, as_of: date) -> None:
    warehouse.parent.mkdir(exist_ok=True)
    from sources.warehouse import open_warehouse

    with open_warehouse(warehouse) as connection:
        connection.execute("CREATE SCHEMA events; CREATE TABLE events.notice_links (url VARCHAR)")
        connection.execute("INSERT INTO meta.sources VALUES ('s', 'S', 'CN', '420000')")
    end_build(warehouse, DIGEST, as_of, as_of)


@pytest.mark.parametrize(
    ("between", "digest", "as_of", "known_at", "expected"),
    [
        ("SELECT 1", DIGEST, date(2018, 1, 2), date(2018, 1, 2), LastBuild(same_models=True, goes_on=True)),
        ("SELECT 1", DIGEST, date(2018, 1, 1), date(2018, 1, 1), LastBuild(same_models=True, goes_on=True)),
        ("SELECT 1", DIGEST, date(2017, 12, 31), date(2017, 12, 31), LastBuild(same_models=True, goes_on=False)),
        ("SELECT 1", "other models", date(2018, 1, 2), date(2018, 1, 2), LastBuild(same_models=False, goes_on=False)),
        ("UPDATE meta.sources SET region_code = '330000'", DIGEST, date(2018, 1, 2), date(2018, 1, 2), LastBuild(same_models=True, goes_on=False)),
        ("SELECT 1", DIGEST, date(2018, 1, 1), date(2018, 2, 1), LastBuild(same_models=True, goes_on=True)),
        (
            "UPDATE meta.last_build SET known_at = '2018-03-01'",
            DIGEST,
            date(2018, 1, 1),
            date(2018, 2, 1),
            LastBuild(same_models=True, goes_on=False),
        ),
        ("INSERT INTO events.notice_links VALUES ('u')", DIGEST, date(2018, 1, 2), date(2018, 1, 2), LastBuild(same_models=True, goes_on=False)),
    ],
)
def test_a_build_goes_on_only_from_what_still_holds(
    tmp_path: Path, between: str, digest: str, as_of: date, known_at: date, expected: LastBuild
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    _marked(warehouse, date(2018, 1, 1))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(between)
    assert begin_build(warehouse, digest, as_of, known_at) == expected


def test_a_build_that_did_not_end_is_done_again_from_the_ground(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    _marked(warehouse, date(2018, 1, 1))
    begin_build(warehouse, DIGEST, date(2018, 1, 2), date(2018, 1, 2))
    assert begin_build(warehouse, DIGEST, date(2018, 1, 2), date(2018, 1, 2)) == LastBuild(same_models=False, goes_on=False)
