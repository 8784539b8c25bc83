"""docs/ask.md: every example is run on the example city and prints what the page shows."""

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ask.md"
_BLOCK = re.compile(r"^```(?:console|toml file=(?P<file>\S+))\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_every_example_prints_what_the_page_shows(gongkai: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    assert gongkai("run").returncode == 0
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
        head, _, tail = shown.partition("…\n")
        assert printed.startswith(head) and printed.endswith(tail), f"{command}\n{printed}"
        assert len(head) > 20
    assert len((tmp_path / "flips.csv").read_text(encoding="utf-8-sig").splitlines()) == 308
