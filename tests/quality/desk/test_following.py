"""Findings over time: opened, closed and opened again by the data alone, the same however often a run is repeated."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from followed import FIRST_DAY, Days, Finding, finding_id

from quality.desk.errors import LogAltered
from quality.desk.lifecycle import Actor
from quality.desk.log import DeskLog
from quality.desk.tracking import followed_entries

pytestmark = pytest.mark.thorough

A: Finding = ("required_sections", "1", "section_name", "421202")
B: Finding = ("required_sections", "2", "section_name", "421221")
C: Finding = ("credit_code_contracts", "3", "supplier_code", "421202")
BOSS = Actor("王主任", "administrator")
NOW = datetime(2026, 11, 28, tzinfo=UTC)


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path)


def _stand(days: Days) -> dict[str, tuple[object, ...]]:
    rows = days.rows("SELECT finding_id, state, first_seen, opened_on, last_seen, closed_on, times_opened FROM quality.tracked_findings")
    return {row[0]: row[1:] for row in rows}


def test_a_life_from_the_first_sight_to_the_second_opening(days: Days) -> None:
    assert days.see(_day(0), [A, B, C]).opened == 3
    second = days.see(_day(10), [B, C])
    assert (second.opened, second.closed, second.reopened, second.is_open) == (0, 1, 0, 2)
    third = days.see(_day(15), [A, B], asked=["required_sections"])
    assert (third.opened, third.closed, third.reopened, third.is_open) == (0, 0, 1, 3)
    assert _stand(days) == {
        finding_id(A): ("open", _day(0), _day(15), _day(15), None, 2),
        finding_id(B): ("open", _day(0), _day(0), _day(15), None, 1),
        # Its check was not asked: it is neither closed nor seen again.
        finding_id(C): ("open", _day(0), _day(0), _day(10), None, 1),
    }
    days.see(_day(40), [], failed=["credit_code_contracts"])
    assert _stand(days)[finding_id(A)] == ("closed", _day(0), _day(15), _day(15), _day(40), 2)
    assert _stand(days)[finding_id(C)][0] == "open"
    events = days.rows("SELECT event, as_of, days_open FROM quality.finding_events WHERE finding_id LIKE 'required_sections/1/%' ORDER BY entry")
    assert events == [("opened", _day(0), None), ("closed", _day(10), 10), ("reopened", _day(15), None), ("closed", _day(40), 25)]


def test_the_rectification_of_a_month_balances(days: Days) -> None:
    days.see(_day(0), [A, B, C])
    days.see(_day(10), [B])
    days.see(_day(35), [A])
    found = days.rows("""SELECT period_start, region_code, dimension, open_before, opened, closed, open_at_end, rectification_rate, median_days_to_close
        FROM quality.rectification WHERE period_kind = 'month' ORDER BY ALL""")
    january, february = date(2018, 1, 1), date(2018, 2, 1)
    assert found == [
        (january, "421202", "completeness", 0, 1, 1, 0, 1.0, 10.0),
        (january, "421202", "validity", 0, 1, 1, 0, 1.0, 10.0),
        (january, "421221", "completeness", 0, 1, 0, 1, 0.0, None),
        (february, "421202", "completeness", 0, 1, 0, 1, 0.0, None),
        (february, "421221", "completeness", 1, 0, 1, 0, 1.0, 35.0),
    ]
    years = days.rows("SELECT sum(opened), sum(closed), sum(open_at_end) FROM quality.rectification WHERE period_kind = 'year'")
    assert years == [(4, 3, 1)]


def test_running_again_enters_nothing_and_tells_the_same(days: Days) -> None:
    days.see(_day(0), [A, B])
    days.see(_day(5), [B])
    tables, head = days.tables(), DeskLog(days.desk).head()
    days.audit([B], run_id="again")
    assert followed_entries(days.warehouse) is None
    days.follow(_day(5), run_id="again")
    assert (days.tables(), DeskLog(days.desk).head()) == (tables, head)
    assert followed_entries(days.warehouse) == head.number


def test_killed_after_the_file_or_after_the_entry_the_next_run_gives_the_same(days: Days, tmp_path: Path) -> None:
    days.see(_day(0), [A, B])
    twin = Days(tmp_path / "twin") if (tmp_path / "twin").mkdir() is None else days
    shutil.copytree(days.desk, twin.desk)
    # The undisturbed one.
    days.see(_day(5), [B])
    # Killed between the file and the entry: the file lies there, the log does not know it.
    for file in (days.desk / "sightings").glob("*.parquet"):
        shutil.copy(file, twin.desk / "sightings" / file.name)
    twin.see(_day(5), [B])
    assert twin.tables() == days.tables()
    # Killed between the entry and the tables: a new working warehouse, the log is there.
    third = Days(tmp_path / "third") if (tmp_path / "third").mkdir() is None else days
    shutil.copytree(days.desk, third.desk)
    third.see(_day(5), [B])
    assert third.tables() == days.tables()


def test_the_loss_of_the_working_warehouse_loses_no_history(days: Days, tmp_path: Path) -> None:
    days.see(_day(0), [A, B, C])
    days.see(_day(5), [B, C])
    queue = days.publish()
    queue.act([finding_id(B)], "assign", BOSS, acted_at=NOW, assignee="崇阳县")
    days.see(_day(6), [B, C])
    (tmp_path / "new").mkdir()
    anew = Days(tmp_path / "new")
    shutil.copytree(days.desk, anew.desk)
    anew.see(_day(6), [B, C])
    assert anew.tables() == days.tables()


def test_a_run_of_an_earlier_day_looks_back_and_changes_nothing(days: Days) -> None:
    days.see(_day(0), [A, B])
    days.see(_day(10), [B])
    queue = days.publish()
    queue.act([finding_id(B)], "assign", BOSS, acted_at=NOW, assignee="崇阳县")
    head = DeskLog(days.desk).head()
    seen = days.see(_day(5), [A, B, C])
    assert (seen.is_kept, DeskLog(days.desk).head()) == (False, head)
    assert {name: row[0] for name, row in _stand(days).items()} == {finding_id(A): "open", finding_id(B): "open", finding_id(C): "open"}
    days.see(_day(11), [B])
    assert {name: row[0] for name, row in _stand(days).items()} == {finding_id(A): "closed", finding_id(B): "assigned"}


def test_an_exception_ends_by_the_day_of_the_snapshot(days: Days) -> None:
    days.see(_day(0), [A])
    queue = days.publish()
    queue.act([finding_id(A)], "accept", BOSS, acted_at=NOW, reason="历史项目无法补录", accepted_until=_day(9).isoformat())
    days.see(_day(9), [A])
    assert days.rows("SELECT state, state_since, accepted_until, is_expired FROM quality.tracked_findings") == [("accepted", _day(0), _day(9), False)]
    days.see(_day(10), [A])
    assert days.rows("SELECT state, state_since, accepted_until, is_expired, last_action FROM quality.tracked_findings") == [
        ("open", _day(10), None, True, "accept")
    ]


def test_what_was_done_before_a_finding_closed_belongs_to_its_history(days: Days) -> None:
    days.see(_day(0), [A])
    queue = days.publish()
    queue.act([finding_id(A)], "assign", BOSS, acted_at=NOW, assignee="咸安区")
    # The data passes while another acts on what the last snapshot shows.
    days.audit([])
    queue.act([finding_id(A)], "correct", BOSS, acted_at=NOW, reason="已补录")
    days.follow(_day(1))
    assert days.rows("SELECT state, last_action FROM quality.tracked_findings") == [("closed", "correct")]
    days.see(_day(2), [A])
    assert days.rows("SELECT state, assignee, last_action, times_opened FROM quality.tracked_findings") == [("open", None, None, 2)]
    queue = days.publish()
    page = queue.finding(finding_id(A), BOSS)
    assert page is not None
    assert [happening.kind for happening in page.history] == ["opened", "assign", "correct", "closed", "reopened"]


def test_a_sighting_whose_file_was_changed_or_lost_is_noticed(days: Days) -> None:
    days.see(_day(0), [A])
    days.see(_day(1), [A, B])
    first, *_ = days.rows("SELECT min(entry) FROM quality.finding_events")
    files = sorted((days.desk / "sightings").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    content = files[0].read_bytes()
    files[0].write_bytes(content + b"x")
    with pytest.raises(LogAltered, match=f"entry {first[0]}: its file .* was changed"):
        days.follow(_day(2))
    files[0].unlink()
    with pytest.raises(LogAltered, match="is missing"):
        days.follow(_day(2))
    files[0].write_bytes(content)
    assert days.follow(_day(2)).is_kept
