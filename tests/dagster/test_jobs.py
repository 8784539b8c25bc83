"""The schedule and the sensor, evaluated as the daemon does."""

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dagster import DefaultScheduleStatus, DefaultSensorStatus, RunRequest, SkipReason, build_schedule_context, build_sensor_context

from dagster_project.jobs import every_day, inbox


@pytest.fixture
def inbox_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path))
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def evaluate_schedule(moment: datetime) -> RunRequest | SkipReason:
    return every_day(build_schedule_context(scheduled_execution_time=moment))


def evaluate_sensor(cursor: str | None) -> tuple[RunRequest | SkipReason, str | None]:
    context = build_sensor_context(cursor=cursor)
    return inbox(context), context.cursor


def test_the_schedule_speaks_as_of_its_own_day_in_beijing(inbox_folder: Path) -> None:
    (inbox_folder / "511.csv").write_text("x\n")
    request = evaluate_schedule(datetime(2018, 1, 24, 22, 30, tzinfo=ZoneInfo("UTC")))
    assert isinstance(request, RunRequest)
    assert request.run_config == {"resources": {"edition": {"config": {"as_of": "2018-01-25"}}}}
    assert request.run_key == "2018-01-25"


def test_the_schedule_skips_an_empty_inbox(inbox_folder: Path) -> None:
    (inbox_folder / ".hidden").write_text("")
    assert isinstance(evaluate_schedule(datetime(2018, 1, 25, 6, 30, tzinfo=ZoneInfo("Asia/Shanghai"))), SkipReason)


def test_the_schedule_runs_every_morning_in_beijing() -> None:
    assert (every_day.cron_schedule, every_day.execution_timezone) == ("30 6 * * *", "Asia/Shanghai")
    assert every_day.default_status is DefaultScheduleStatus.RUNNING
    assert inbox.default_status is DefaultSensorStatus.RUNNING


def test_the_sensor_waits_while_files_grow_and_then_runs_once(inbox_folder: Path) -> None:
    answer, cursor = evaluate_sensor(None)
    assert isinstance(answer, SkipReason)

    growing = inbox_folder / "511.csv"
    growing.write_text("a")
    answer, cursor = evaluate_sensor(cursor)
    assert isinstance(answer, SkipReason)
    growing.write_text("ab")
    answer, cursor = evaluate_sensor(cursor)
    assert isinstance(answer, SkipReason), "a file that grew between two looks must not start a run"
    answer, cursor = evaluate_sensor(cursor)
    assert isinstance(answer, RunRequest)
    again, cursor = evaluate_sensor(cursor)
    assert isinstance(again, RunRequest)
    assert again.run_key == answer.run_key, "Dagster starts one run per key"


@pytest.mark.parametrize("change", ["another file", "same size, other time", "renamed", "in a folder"])
def test_any_change_of_the_inbox_is_another_run(inbox_folder: Path, change: str) -> None:
    file = inbox_folder / "511.csv"
    file.write_text("a")
    _, cursor = evaluate_sensor(None)
    first, cursor = evaluate_sensor(cursor)
    if change == "another file":
        (inbox_folder / "512.csv").write_text("b")
    elif change == "same size, other time":
        os.utime(file, ns=(1, 1))
    elif change == "renamed":
        file.rename(inbox_folder / "513.csv")
    else:
        (inbox_folder / "county").mkdir()
        (inbox_folder / "county" / "511.csv").write_text("a")
    _, cursor = evaluate_sensor(cursor)
    second, _ = evaluate_sensor(cursor)
    assert isinstance(first, RunRequest)
    assert isinstance(second, RunRequest)
    assert first.run_key != second.run_key


def test_the_push_skips_where_no_province_is_configured(inbox_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster_project.province import every_half_hour

    context = build_schedule_context(scheduled_execution_time=datetime(2018, 1, 24, 22, 30, tzinfo=ZoneInfo("UTC")))
    monkeypatch.delenv("GONGKAI_PUSH_URL", raising=False)
    assert isinstance(every_half_hour(context), SkipReason)
    monkeypatch.setenv("GONGKAI_PUSH_URL", "http://127.0.0.1:1")
    skipped = every_half_hour(context)
    assert isinstance(skipped, SkipReason) and "published" in str(skipped.skip_message)
    (inbox_folder.parent / "published" / "current").mkdir(parents=True)
    (inbox_folder.parent / "published" / "current" / "manifest.json").write_text("{}")
    assert isinstance(every_half_hour(context), RunRequest)
