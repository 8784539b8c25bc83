"""The working-day calendar: the seed against independent witnesses, the model against the vectors of the domain and a count day by day."""

import csv
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import duckdb
import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "dbt" / "seeds" / "calendar_exceptions.csv"
DOMAIN = ROOT / "../shared/domain/README.md"
FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)

# 国办发明电〔2005〕35号: "12月31日(星期六)上班"; chinesecalendar does not have it.
WRONG_IN_CHINESECALENDAR = {date(2005, 12, 31)}
WORKING_DAYS = {
    2013: 250, 2014: 250, 2015: 249, 2016: 250, 2017: 249, 2018: 250, 2019: 250,
    2020: 249, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248,
}  # fmt: skip
WORKING_DAY_VECTORS = [
    (2, "2017-01-20", "2017-01-23"),
    (2, "2017-03-31", "2017-04-05"),
    (2, "2017-05-26", "2017-05-31"),
    (2, "2017-09-29", "2017-10-09"),
    (2, "2017-12-29", "2018-01-03"),
    (2, "2016-09-30", "2016-10-09"),
    (2, "2013-09-27", "2013-09-30"),
    (2, "2026-02-13", "2026-02-24"),
    (7, "2016-01-29", "2016-02-14"),
    (7, "2016-09-26", "2016-10-10"),
    (7, "2017-09-25", "2017-10-10"),
    (15, "2013-09-16", "2013-10-12"),
    (15, "2016-09-12", "2016-10-09"),
    (15, "2017-01-16", "2017-02-09"),
    (20, "2013-01-04", "2013-01-30"),
    (20, "2016-01-04", "2016-02-01"),
    (20, "2016-09-12", "2016-10-14"),
    (20, "2017-12-15", "2018-01-15"),
    (20, "2026-09-14", "2026-10-16"),
]
ROLLED_VECTORS = [
    (3, "2017-09-28", "2017-10-01", "2017-10-09"),
    (3, "2017-01-25", "2017-01-28", "2017-02-03"),
    (3, "2026-09-22", "2026-09-25", "2026-09-28"),
]

# As the obligations find a due day: the working day whose number is n higher.
DUE = """
    select due.day, trigger_day.is_published and due.is_published
    from reference.calendar as trigger_day
    inner join reference.calendar as due on due.is_working_day and due.working_day_number = trigger_day.working_day_number + ?
    where trigger_day.day = ?
"""

Calendar = dict[date, bool]


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(n) for n in range((last - first).days + 1))


@pytest.fixture(scope="session")
def working(reference: duckdb.DuckDBPyConnection) -> Calendar:
    return dict(reference.execute("select day, is_working_day from reference.calendar").fetchall())


@pytest.fixture(scope="session")
def witness() -> Calendar:
    """The published years as a package has them, independent of the seed."""
    return {day: chinese_calendar.is_workday(day) or day in WRONG_IN_CHINESECALENDAR for day in days(FIRST, LAST)}


def test_seed_lists_only_days_that_differ_and_one_version_a_day_and_time() -> None:
    rows = list(csv.DictReader(SEED.open(encoding="utf-8")))
    for row in rows:
        assert (row["is_working_day"] == "true") == (date.fromisoformat(row["day"]).weekday() >= 5), row
        assert (row["is_working_day"] == "true") == (row["name"] == "调休上班"), row
        assert date.fromisoformat(row["valid_from"]).year in (int(row["arranged_year"]), int(row["arranged_year"]) - 1), row
        assert bool(row["notice"]) or int(row["arranged_year"]) < 2006, row
        assert not row["valid_to"] or row["valid_from"] <= row["valid_to"], row
    standing = [row["day"] for row in rows if not row["valid_to"]]
    assert len(standing) == len(set(standing))
    assert {int(row["arranged_year"]) for row in rows} == set(range(FIRST.year, LAST.year + 1))


def test_calendar_agrees_with_both_packages(working: Calendar) -> None:
    listed = holidays.country_holidays("CN", years=range(FIRST.year - 1, LAST.year + 2))
    made_up = set(listed.weekend_workdays)
    for day in days(FIRST, LAST):
        assert working[day] == (day in made_up or (day.weekday() < 5 and day not in listed)), day
    assert {day for day in days(FIRST, LAST) if working[day] != chinese_calendar.is_workday(day)} == WRONG_IN_CHINESECALENDAR


def test_calendar_has_the_published_number_of_working_days(working: Calendar) -> None:
    counted = {year: sum(working[day] for day in days(date(year, 1, 1), date(year, 12, 31))) for year in WORKING_DAYS}
    assert counted == WORKING_DAYS


def test_calendar_agrees_with_the_official_table(working: Calendar) -> None:
    if not DOMAIN.exists():
        pytest.skip("../shared/domain is not here")
    table = re.findall(r"^\| (20\d\d) \| ([^|]+) \| ([^|]+) \| (\d+) \|$", DOMAIN.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(row[0]) for row in table] == sorted(WORKING_DAYS)
    for year, off_runs, worked, _ in table:
        off = set[date]()
        for run in re.sub(r"\(.*?\)", "", off_runs).split(","):
            begin, _, end = run.strip().partition("~")
            first = date.fromisoformat(f"{year}-{begin}")
            off.update(days(first, date.fromisoformat(f"{year}-{end if '-' in end else begin[:3] + end}") if end else first))
        made_up = {date.fromisoformat(f"{year}-{day}") for day in re.sub(r"\(.*?\)", "", worked).split()}
        # The table tells the turn of the year 2018/2019 in a remark.
        if year == "2018":
            off.add(date(2018, 12, 31))
            made_up.add(date(2018, 12, 29))
        whole_year = list(days(date(int(year), 1, 1), date(int(year), 12, 31)))
        assert {day for day in whole_year if not working[day]} == off | {day for day in whole_year if day.weekday() >= 5 and day not in made_up}, year


@pytest.mark.parametrize(("n", "start", "due"), WORKING_DAY_VECTORS)
def test_working_days_from_the_start_not_counted(reference: duckdb.DuckDBPyConnection, n: int, start: str, due: str) -> None:
    assert reference.execute(DUE, [n, start]).fetchall() == [(date.fromisoformat(due), True)]


@pytest.mark.parametrize(("n", "start", "plain", "rolled"), ROLLED_VECTORS)
def test_calendar_days_moved_to_the_next_working_day(reference: duckdb.DuckDBPyConnection, n: int, start: str, plain: str, rolled: str) -> None:
    assert date.fromisoformat(start) + timedelta(n) == date.fromisoformat(plain)
    found = reference.execute("select next_working_day from reference.calendar where day = cast(? as date) + ?", [start, n]).fetchall()
    assert found == [(date.fromisoformat(rolled),)]


@settings(max_examples=300, deadline=None)
@given(start=st.dates(FIRST, LAST), n=st.integers(1, 60))
def test_lookup_equals_a_count_day_by_day(reference: duckdb.DuckDBPyConnection, witness: Calendar, start: date, n: int) -> None:
    day, counted = start, 0
    while counted < n:
        day += timedelta(1)
        counted += witness.get(day, day.weekday() < 5)
    assert reference.execute(DUE, [n, start]).fetchall() == [(day, day <= LAST)]

    following = start
    while not witness.get(following, following.weekday() < 5):
        following += timedelta(1)
    assert reference.execute("select next_working_day from reference.calendar where day = ?", [start]).fetchall() == [(following,)]


def test_days_without_a_notice_are_marked(reference: duckdb.DuckDBPyConnection) -> None:
    published = reference.execute("select min(day), max(day), count(*) from reference.calendar where is_published").fetchone()
    assert published == (FIRST, LAST, (LAST - FIRST).days + 1)
    assert reference.execute(DUE, [20, "2026-12-15"]).fetchone() == (date(2027, 1, 12), False)
    assert reference.execute("select min(day), max(day), count(*) from reference.calendar").fetchone() == (
        date(2000, 1, 1),
        date(2035, 12, 31),
        13_149,
    )


@pytest.mark.thorough
def test_a_past_calendar_can_be_asked_for(reference: duckdb.DuckDBPyConnection, reference_before_the_epidemic: duckdb.DuckDBPyConnection) -> None:
    worked = "select day from reference.calendar where day between '2020-01-30' and '2020-02-03' and is_working_day order by day"
    assert [day.isoformat() for (day,) in reference_before_the_epidemic.execute(worked).fetchall()] == ["2020-01-31", "2020-02-01", "2020-02-03"]
    assert [day.isoformat() for (day,) in reference.execute(worked).fetchall()] == ["2020-02-03"]
    assert reference_before_the_epidemic.execute("select max(day) from reference.calendar where is_published").fetchone() == (date(2020, 12, 31),)
    assert reference_before_the_epidemic.execute(DUE, [3, "2020-01-23"]).fetchone() == (date(2020, 2, 3), True)
    assert reference.execute(DUE, [3, "2020-01-23"]).fetchone() == (date(2020, 2, 5), True)
