"""What every room's tests may use: the command, run as a person runs it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

Gongkai = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def gongkai_command() -> list[str]:
    """The command line that starts ``gongkai`` of this checkout in any folder, given ``gongkai_environment``."""
    return [sys.executable, "-c", "from dagster_project.command_line import main; main()"]


@pytest.fixture(scope="session")
def gongkai_environment() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name != "GONGKAI_HOME"}
    return environment | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def gongkai(tmp_path: Path, gongkai_command: list[str], gongkai_environment: dict[str, str]) -> Gongkai:
    """Run ``gongkai`` with arguments in an empty folder and return what it printed and its exit code."""

    def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        command = [*gongkai_command, *(str(argument) for argument in arguments)]
        return subprocess.run(command, cwd=tmp_path, env=gongkai_environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

    return run
