"""docs/documents.md: every example is run on the example city and prints what the page shows. ``UPDATE_DOCS=1`` writes down what they print now."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from exports.documents.catalogue import DOCUMENTS
from exports.documents.figures import figures
from exports.documents.indicators import indicators

PAGE = Path(__file__).resolve().parents[2] / "docs" / "documents.md"
_BLOCK = re.compile(r"^```(?:console|csv file=(?P<file>\S+))\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
#: The digest in a snapshot's name is that of the code too.
_SNAPSHOT = re.compile(r"\b(\d{4}-\d\d-\d\d)-[0-9a-f]{8}\b")


@pytest.mark.thorough
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("example_home")
def test_every_example_prints_what_the_page_shows(gongkai: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    blocks = list(_BLOCK.finditer(PAGE.read_text(encoding="utf-8")))
    assert len(blocks) == 5
    for block in blocks:
        if block["file"]:
            (tmp_path / block["file"]).write_text(block["text"], encoding="utf-8")
            continue
        command, _, shown = block["text"].partition("\n")
        done = gongkai(*command.removeprefix("$ gongkai ").split())
        printed = _SNAPSHOT.sub(r"\1-xxxxxxxx", (done.stdout + done.stderr).replace(f"{tmp_path}/", ""))
        if os.environ.get("UPDATE_DOCS"):
            page = PAGE.read_text(encoding="utf-8").replace(block["text"], f"{command}\n{printed}")
            PAGE.write_text(page, encoding="utf-8")
            continue
        assert printed == shown, command
    assert {path.name for path in (tmp_path / "handed-in").iterdir()} >= {"documents.html", "documents.json"}


def test_every_document_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [one.name for one in DOCUMENTS if f"`{one.name}`" not in page] == []


def test_every_name_of_a_figure_is_on_the_page_with_what_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, (figure, _) in indicators().items():
        (line,) = (line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert figures()[figure].label in line and line.endswith(f"| {figures()[figure].unit} |")
