"""docs/issued.md: every example is run on the example city and prints what the page shows. ``UPDATE_DOCS=1`` writes down what they print now."""

import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess
from zoneinfo import ZoneInfo

import pytest

from dashboards.labels import section

PAGE = Path(__file__).resolve().parents[2] / "docs" / "issued.md"
_BLOCK = re.compile(r"^```(?:console|(?:csv|toml) file=(?P<file>\S+))\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
#: Statements are dated by the clock: the page says this day instead.
THE_DAY = "2018-01-26"


@pytest.mark.thorough
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("example_home")
def test_every_example_prints_what_the_page_shows(gongkai: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    blocks = list(_BLOCK.finditer(PAGE.read_text(encoding="utf-8")))
    assert len(blocks) == 8
    for block in blocks:
        if block["file"]:
            path = tmp_path / block["file"]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block["text"], encoding="utf-8")
            continue
        command, _, shown = block["text"].partition("\n")
        done = gongkai(*command.removeprefix("$ gongkai ").split())
        if command.startswith("$ gongkai run"):
            assert done.returncode == 0, done.stdout + done.stderr
            continue
        printed = (done.stdout or done.stderr).replace(f"{tmp_path}/", "").replace(f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m-%d}", THE_DAY)
        if os.environ.get("UPDATE_DOCS"):
            page = PAGE.read_text(encoding="utf-8").replace(block["text"], f"{command}\n{printed}")
            PAGE.write_text(page, encoding="utf-8")
            continue
        assert printed == shown, command


def test_every_reason_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"| {text} `{reason}` |" in page for reason, text in section("issued_reason").items())
