"""The two tutorials are walked: every file they show is written, every command they give is run, in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<how>file|append)=(?P<path>\S+))?\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, in which a reader has written what both tutorials show; the models are parsed once for both."""
    copy = tmp_path_factory.mktemp("tutorials") / "project"
    ignored = shutil.ignore_patterns(".git", ".venv*", "target", "logs", "__pycache__", "gongkai-home", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, copy, ignore=ignored)
    for tutorial in ("add-a-source", "add-a-rule"):
        _write(tutorial, copy)
    return copy


def _blocks(tutorial: str) -> Iterator[re.Match[str]]:
    return _BLOCK.finditer((ROOT / "docs" / f"{tutorial}.md").read_text(encoding="utf-8"))


def _write(tutorial: str, project: Path) -> None:
    for block in _blocks(tutorial):
        if block["how"]:
            target = project / block["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("a" if block["how"] == "append" else "w", encoding="utf-8") as stream:
                stream.write(("\n" if block["how"] == "append" and target.suffix == ".toml" else "") + block["text"])


def _commands(tutorial: str) -> list[str]:
    texts = [block["text"] for block in _blocks(tutorial) if block["language"] == "console" and not block["how"]]
    return [line.removeprefix("$ ") for text in texts for line in text.splitlines() if line.startswith("$ ")]


def _python(project: Path, *arguments: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(project)}
    done = subprocess.run([sys.executable, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_add_a_source(project: Path) -> None:
    commands = _commands("add-a-source")
    assert len(commands) == 1
    program = "from dagster_project.command_line import main; main()"
    _python(project, "-c", program, *commands[0].split()[1:])
    with duckdb.connect(str(project / "gongkai-home" / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        ledger = connection.execute("SELECT dataset, rows_received, rows_loaded, rows_quarantined FROM meta.deliveries ORDER BY dataset").fetchall()
        verdicts = connection.execute(
            "SELECT subject_id, verdict, coalesce(missed_reason, undecidable_reason) FROM marts.obligations WHERE rule_id = 'T-08' ORDER BY 1"
        ).fetchall()
        held_back = connection.execute("SELECT file, row_number, column_name, rule, value FROM meta.quarantine").fetchall()
        prices = connection.execute("SELECT price_form_code, bid_price, other_bid_price FROM raw.candidates ORDER BY section_code").fetchall()
    assert ledger == [("TENDER_CANDIDATE", 3, 3, 0), ("TENDER_CANDIDATE_ANNOUNCE", 3, 2, 1)]
    assert verdicts == [
        ("LS2017-001", "met", None),
        ("LS2017-002", "missed", "too_short"),
        ("LS2017-003", "undecidable", "trigger_time_missing"),
    ]
    assert held_back == [("lishui_gongshi.csv", 4, "publicity_started_at", "unreadable_instant", "2017年3月2日起")]
    assert [(form, amount and int(amount), other) for form, amount, other in prices] == [
        ("1", 16000000, None),
        ("2", None, "下浮率12.5%"),
        ("9", None, "按实结算"),
    ]


@pytest.mark.slow
def test_add_a_rule(project: Path) -> None:
    commands = _commands("add-a-rule")
    assert [command.split()[0] for command in commands] == ["pytest"]
    printed = _python(project, "-m", "pytest", *commands[0].split()[1:], "-n", "0", "-p", "no:cacheprovider", "-vv")
    assert "P-22-met] PASSED" in printed
    assert "P-22-missed] PASSED" in printed
    assert "P-22-undecidable] PASSED" in printed
