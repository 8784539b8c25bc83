"""Which delivery a run takes and as of which day it speaks."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dagster_project.errors import UsageError
from dagster_project.home import Home
from dagster_project.intake import choose_as_of, choose_deliveries, read_date

NOW = datetime(2018, 1, 24, 17, 0, tzinfo=ZoneInfo("UTC"))


def test_the_option_beats_the_statement_and_the_statement_beats_today(tmp_path: Path) -> None:
    assert choose_as_of(None, tmp_path, NOW) == date(2018, 1, 25), "17:00 in London is the next day in Beijing"
    (tmp_path / "delivery.toml").write_text('as_of = "2018-01-20"\n')
    assert choose_as_of(None, tmp_path, NOW) == date(2018, 1, 20)
    assert choose_as_of("2018-01-21", tmp_path, NOW) == date(2018, 1, 21)


@pytest.mark.parametrize("text", ["2018-02-30", "25.1.2018", "20180125", "today", "2018-1-5 "])
def test_what_is_no_day_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError, match="YYYY-MM-DD") as refused:
        read_date(text)
    assert "\n" not in str(refused.value)


def test_the_folder_given_beats_the_inbox(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.inbox.mkdir(parents=True)
    (home.inbox / "511.csv").write_text("x")
    given = tmp_path / "delivery"
    given.mkdir()
    assert choose_deliveries(given, home) == given
    assert choose_deliveries(None, home) == home.inbox


def test_a_missing_folder_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        choose_deliveries(tmp_path / "missing", Home(tmp_path))


def test_home_comes_from_the_option_then_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONGKAI_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert Home.at().path == tmp_path / "gongkai-home"
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path / "elsewhere"))
    assert Home.at().path == tmp_path / "elsewhere"
    assert Home.at(Path("here")).path == tmp_path / "here"
