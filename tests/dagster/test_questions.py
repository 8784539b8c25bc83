"""The commands that ask: errors of one line, and nothing heavy loaded for a question."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Gongkai = Callable[..., CompletedProcess[str]]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["explain"], "--rate"),
        (["explain", "T-08:x", "--rate", "421200", "2017"], "either"),
        (["explain", "T-08:x"], "gongkai run"),
        (["explain", "--rate", "421200"], "--rate"),
        (["explain", "--rate", "421200", "2017"], "gongkai run"),
        (["whatif"], "--threshold"),
        (["whatif", "--threshold", "ninety"], "ninety"),
        (["whatif", "--threshold", "0"], "gongkai run"),
        (["forecast", "--days", "soon"], "soon"),
        (["forecast"], "gongkai run"),
    ],
)
def test_a_question_that_cannot_be_answered_is_exit_2_and_one_line(gongkai: Gongkai, tmp_path: Path, arguments: list[str], named: str) -> None:
    done = gongkai(*arguments)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("gongkai: ")
    assert named in line
    assert not done.stdout
    assert not list(tmp_path.iterdir()), "asking leaves nothing behind"


def test_a_question_loads_neither_dagster_nor_dbt(gongkai_command: list[str], gongkai_environment: dict[str, str], tmp_path: Path) -> None:
    program = (
        "import sys; from dagster_project.command_line import call; from dagster_project import questions; call(['forecast']); "
        "sys.exit(str({'dagster', 'dbt', 'great_expectations', 'plotly'} & set(sys.modules) or ''))"
    )
    done = subprocess.run([gongkai_command[0], "-c", program], cwd=tmp_path, env=gongkai_environment, capture_output=True, text=True, check=False)
    assert "gongkai run" in done.stderr
    assert done.stderr.splitlines()[1:] == [""], "a heavy module was loaded"
