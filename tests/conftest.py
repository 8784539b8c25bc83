"""What every room's tests may use: the command, run as a person runs it."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import forked
from tests.made_once import made_once

ROOT = Path(__file__).resolve().parents[1]

Gongkai = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes come first: none of them is left to one worker when the others have come to the end."""
    minutes = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in minutes)


@pytest.fixture(scope="session")
def gongkai_command() -> list[str]:
    """The command line that starts ``gongkai`` of this checkout in any folder, given ``gongkai_environment``."""
    return [sys.executable, "-c", "from dagster_project.command_line import main; main()"]


@pytest.fixture(scope="session")
def gongkai_environment() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name != "GONGKAI_HOME"}
    return environment | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def gongkai(tmp_path: Path, gongkai_environment: dict[str, str]) -> Gongkai:
    """Run ``gongkai`` with arguments in an empty folder, forked, and return what it printed and its exit code."""

    def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return forked.gongkai(arguments, folder=tmp_path, environment=gongkai_environment)

    return run


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory, gongkai_environment: dict[str, str]) -> Path:
    """A folder in which ``gongkai run`` was run once on the example city: gongkai-home, and ``said.json`` with what it printed and its seconds."""

    def run(folder: Path) -> None:
        folder.mkdir()
        started = time.monotonic()
        done = forked.gongkai(["run"], folder=folder, environment=gongkai_environment)
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "said.json").write_text(json.dumps({"printed": done.stdout, "seconds": time.monotonic() - started}), encoding="utf-8")

    return made_once(tmp_path_factory, "example", run)


@pytest.fixture
def example_home(example: Path, tmp_path: Path) -> Path:
    """The folder gongkai-home of the test's own folder, as ``gongkai run`` leaves it."""
    return Path(shutil.copytree(example / "gongkai-home", tmp_path / "gongkai-home", symlinks=True))
