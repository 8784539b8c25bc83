"""docs/ask.md: every example is run on the example city and prints what the page shows. ``UPDATE_DOCS=1`` writes down what they print now."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ask.md"
_BLOCK = re.compile(r"^```(?:console|toml file=(?P<file>\S+))\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.thorough
@pytest.mark.usefixtures("example_home")
def test_every_example_prints_what_the_page_shows(gongkai: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    blocks = list(_BLOCK.finditer(PAGE.read_text(encoding="utf-8")))
    assert len(blocks) == 7
    for block in blocks:
        if block["file"]:
            (tmp_path / block["file"]).write_text(block["text"], encoding="utf-8")
            continue
        command, _, shown = block["text"].partition("\n")
        done = gongkai(*command.removeprefix("$ gongkai ").split())
        printed = done.stdout or done.stderr
        # An ellipsis on a line of its own leaves out lines.
        head, cut, tail = shown.partition("…\n")
        if os.environ.get("UPDATE_DOCS"):
            lines = printed.splitlines(keepends=True)
            kept = [*lines[: head.count("\n")], "…\n", *lines[len(lines) - tail.count("\n") :]] if cut else lines
            page = PAGE.read_text(encoding="utf-8").replace(block["text"], f"{command}\n{''.join(kept)}")
            PAGE.write_text(page, encoding="utf-8")
            continue
        assert printed.startswith(head) and printed.endswith(tail), f"{command}\n{printed}"
        assert len(head) > 20
    flipped = re.search(r"改变的共 ([\d,]+) 件", PAGE.read_text(encoding="utf-8"))
    assert flipped
    assert len((tmp_path / "flips.csv").read_text(encoding="utf-8-sig").splitlines()) == int(flipped[1].replace(",", "")) + 1
