"""docs/desk.md: every option, state, action and table is named, and its example is run as it stands."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from dagster_project.desk_command import desk
from exports.alerts import AlertSettings
from quality.desk.lifecycle import actions, states

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "desk.md").read_text(encoding="utf-8")


def test_every_option_and_action_is_named() -> None:
    own = {"every": "--all", "take_back": "--import"}
    options = {own.get(name, f"--{name.replace('_', '-')}") for name in inspect.signature(desk).parameters if name not in ("findings", "home")}
    assert not {option for option in options if option not in PAGE}


def test_every_setting_of_alerts_is_named() -> None:
    names = {f"GONGKAI_ALERT_{name.upper()}" for name in AlertSettings.__dataclass_fields__}
    assert not {name for name in names if f"`{name}`" not in PAGE}


def test_the_table_of_actions_is_that_of_the_lifecycle() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \| ([\w ]+?)(?::[^|]*)? \| ([^|:]+)", PAGE, re.MULTILINE)
    told = {name: (source.strip(), target.strip(), who.strip()) for name, source, target, who in rows if name in actions()}
    assert told.keys() == actions().keys()
    for name, action in actions().items():
        source, target, who = told[name]
        assert source == "any" if action.sources == states().keys() else set(source.split(", ")) == action.sources
        assert target == (action.target or "as it was")
        assert set(who.split(", ")) == action.roles


@pytest.mark.thorough
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("example_home")
def test_the_example_is_run(gongkai: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    block = re.search(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert block
    first, *lines = block[1].splitlines()
    assert first == "$ gongkai run"
    told = []
    for line in lines:
        done = gongkai(*line.removeprefix("$ gongkai ").split())
        assert done.returncode == 0, line + done.stdout + done.stderr
        told.append(done.stdout)
    assert "7 findings" in told[1] and "1 findings" in told[2]
    assert told[3].count("市信用办") == 7
    assert len(list((tmp_path / "质量问题").glob("*.xlsx"))) == 2
    assert re.search(r"9 entries, each follows from the one before · 1 snapshots agree", told[-1])
