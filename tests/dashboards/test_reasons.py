"""Every reason is told in the language of the page."""

import ast
import re
from pathlib import Path

import pytest

from dashboards.labels import section
from dashboards.reasons import reason_text, unread_text
from quality.desk.errors import RefusalKind
from sources.definitions import ColumnType

SOURCES = Path(__file__).resolve().parents[2] / "sources"
CHINESE = re.compile("[\u4e00-\u9fff]")
#: Where the rule stands among the arguments of what the loader says of something that it cannot read.
_PLACES = {"UnreadableFile": 0, "Problem": 1, "refusal": 2, "_refuse": 3, "_Broken": 0, "_Flaw": 0, "Refusal": 3}


def _named_rules() -> set[str]:
    """The rules that the code of `sources` names, as it stands there."""
    found = set()
    for path in SOURCES.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                place = _PLACES.get(getattr(call.func, "id", getattr(call.func, "attr", "")))
                if (
                    place is not None
                    and len(call.args) > place
                    and isinstance(rule := call.args[place], ast.Constant)
                    and isinstance(rule.value, str)
                ):
                    found.add(rule.value)
    return found


def test_every_rule_of_the_loader_has_its_words() -> None:
    named = _named_rules()
    assert {"ruined_code", "field_count", "no_data_set", "unterminated_quote", "archive_bomb"} <= named and len(named) > 35
    typed = {f"unreadable_{kind}" for kind in ColumnType.__args__}  # type: ignore[attr-defined]
    opened = {f"unreadable_{kind}" for kind in ("workbook", "xml", "parquet")}
    told = section("unread")
    assert named | typed | opened <= told.keys()
    assert told.keys() <= named | typed | opened | {"unknown_columns", "sheets_left_out", "same_content"}, "nothing is told that is not said"
    assert all(CHINESE.search(text) for text in told.values()) and not any(CHINESE.search(text) for text in section("unread", "en").values())


@pytest.mark.parametrize(
    ("reason", "kind", "zh", "en"),
    [
        (
            "ruined_code: the code was ruined by a spreadsheet; deliver it as text",
            "no_row_is_quarantined",
            "编号被电子表格改坏（科学记数法或公式出错）；请按文本报送",
            "the code was ruined by a spreadsheet; deliver it as text",
        ),
        (
            "field_count: SECTION.csv, row 7: the row has 5 fields, the header 7; a heading or a field is missing",
            "no_row_is_quarantined",
            "这一行的栏数与表头不同：缺少或多出栏目（the row has 5 fields, the header 7; a heading or a field is missing）",
            "SECTION.csv, row 7: the row has 5 fields, the header 7; a heading or a field is missing",
        ),
        (
            "必填项“标段名称”为空",
            "required",
            "必填项“标段名称”为空",
            "A cell that the standard requires is empty; a column that a whole file lacks counts once. (必填项“标段名称”为空)",
        ),
        ("a text of a check that is gone", "gone", "a text of a check that is gone", "a text of a check that is gone"),
        (None, "required", "", ""),
    ],
)
def test_a_reason_in_both_languages(reason: str | None, kind: str, zh: str, en: str) -> None:
    assert (reason_text(reason, kind, "zh"), reason_text(reason, kind, "en")) == (zh, en)


def test_a_rule_that_nobody_knows_leaves_what_was_said() -> None:
    assert unread_text("scientific_notation", "编号被改写为科学记数法", "zh") == "编号被改写为科学记数法"


def test_every_way_to_refuse_a_row_of_a_workbook_has_its_words() -> None:
    kinds = set(re.findall(r'_Unusable\(\s*"(\w+)"', (SOURCES.parent / "exports" / "desk" / "returned.py").read_text(encoding="utf-8")))
    kinds |= set(RefusalKind.__args__)  # type: ignore[attr-defined]
    words = section("complaint")
    assert {"torn", "altered", "repeated"} <= kinds <= words.keys()
    assert all(CHINESE.search(words[kind]) for kind in kinds)
