"""The command from outside: exit codes, and errors of one line that a person can act on."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Gongkai = Callable[..., CompletedProcess[str]]


@pytest.fixture
def gongkai(tmp_path: Path, gongkai_command: list[str], gongkai_environment: dict[str, str]) -> Gongkai:
    """The command started from nothing, as a person does."""

    def run(*arguments: str | Path) -> CompletedProcess[str]:
        command = [*gongkai_command, *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, env=gongkai_environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

    return run


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "--as-of", "2018-02-30"], "2018-02-30"),
        (["run", "--as-of", "tomorrow"], "tomorrow"),
        (["run", "--deliveries", "nowhere"], "nowhere"),
        (["run", "--deliver", "."], "--deliver"),
        (["run", "--wait", "long"], "long"),
        (["runn"], "runn"),
        (["simulate", "--out", "there"], "--city"),
        (["simulate", "--out", "there", "--city", "xianning-2017", "--sections", "5"], "--sections"),
        (["simulate", "--city", "xianning-2017"], "--out"),
        (["ui", "--port", "70000"], "70000"),
        (["export", "statistics"], "--out"),
        (["export", "statistic", "--out", "there"], "'statistic'; there are statistics"),
        (["export", "statistics", "--out", "there", "--month", "13"], "--month is 1 to 12"),
        (["export", "statistics", "--out", "there"], "nothing published yet"),
        (["export", "bulletin", "--out", "there", "--month", "1", "--quarter", "1"], "not both"),
        (["prune", "--keep", "0"], "--keep 0"),
        (["check-report", "report.csv", "--year", "2017"], "nothing published yet"),
    ],
)
def test_bad_usage_is_exit_2_and_one_line(gongkai: Gongkai, tmp_path: Path, arguments: list[str], named: str) -> None:
    done = gongkai(*arguments)
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("gongkai: ")
    assert named in lines[0]
    assert "Traceback" not in done.stdout + done.stderr
    assert not list(tmp_path.iterdir()), "bad usage leaves nothing behind"


def test_a_terminal_without_chinese_gets_question_marks(tmp_path: Path, gongkai_command: list[str], gongkai_environment: dict[str, str]) -> None:
    environment = {**gongkai_environment, "PYTHONIOENCODING": "ascii"}
    told = subprocess.run([*gongkai_command, "export"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "") and "annual-report" in told.stdout and "??" in told.stdout


@pytest.mark.parametrize("arguments", [("run", "--home"), ("simulate", "--city", "taian-2013", "--out"), ("ui", "--home")])
def test_a_folder_that_cannot_be_made_is_one_line(gongkai: Gongkai, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    told = gongkai(*arguments, tmp_path / "file" / "folder")
    assert told.returncode == 1 and told.stderr.count("\n") == 1
    assert str(tmp_path / "file") in told.stderr and "may be written to and has room" in told.stderr


def test_who_has_read_enough_gets_no_stack_trace(tmp_path: Path, gongkai_command: list[str], gongkai_environment: dict[str, str]) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        told = subprocess.run(
            [*gongkai_command, "export"], cwd=tmp_path, env=gongkai_environment, stdout=closed, stderr=subprocess.PIPE, text=True, check=False
        )
    assert told.stderr == ""


def test_simulate_does_not_write_over_a_delivery(gongkai: Gongkai, tmp_path: Path) -> None:
    (tmp_path / "511.csv").write_text("mine")
    done = gongkai("simulate", "--sections", "5", "--out", tmp_path)
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["511.csv"]


def test_help_names_every_command(gongkai: Gongkai, tmp_path: Path) -> None:
    done = gongkai("--help")
    assert done.returncode == 0
    for command in ("run", "simulate", "ui", "doctor"):
        assert command in done.stdout
    explained = " ".join(gongkai("run", "--help").stdout.split())
    assert "0 published, or nothing new; 1 failed; 2 bad usage; 3 audited and not published" in explained


def test_doctor_names_what_is_wrong_with_its_fix_and_changes_nothing(gongkai: Gongkai, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = gongkai("doctor", "--home", home)
    assert done.returncode == 0
    assert "none published yet → gongkai run" in done.stdout
    assert not home.exists()


def test_doctor_fails_when_a_run_would(gongkai: Gongkai, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = gongkai("doctor", "--home", tmp_path / "file" / "home")
    assert done.returncode == 1
    assert "--home" in done.stdout
