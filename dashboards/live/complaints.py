"""What the desk does not take, in the reader's language: its errors carry what they speak of, the catalogue has the words.

In English, the headings of a workbook stand as they are written in it, with their meaning behind.
"""

from collections.abc import Iterable, Mapping

from dashboards.labels import Language, label, section
from exports.desk.returned import COLUMN_OF, RowRefused
from exports.desk.workbook import FILLED, SHOWN
from quality.desk.errors import DeskUsageError
from quality.desk.lifecycle import actions, roles, states

PARTS = {"assignee": "desk.assignee", "due_on": "desk.due_on", "accepted_until": "queue.accepted_until", "reason": "queue.reason"}
"""The parts of an action as the forms of the desk call them."""
_UNREADABLE = "（）"


def complaint_text(error: DeskUsageError, language: Language, file: str = "") -> str:
    """Why what was asked cannot be done and what to do instead. file: the name under which the sender knows the file that it speaks of."""
    said = dict(error.said) | ({"file": file} if file else {})
    return label(f"complaint.{error.kind}", language, **_worded(said, language, PARTS))


def row_text(refused: RowRefused, language: Language) -> str:
    """Why a row of a workbook was not taken and what to do with it."""
    if refused.kind in section("unread"):
        return unread(refused.kind, language)
    written = {part: f"desk.{column}" for part, column in COLUMN_OF.items()}
    return label(f"complaint.{refused.kind}", language, **_worded(refused.said, language, written))


def heading_text(heading: str, language: Language) -> str:
    """A heading of the desk's workbook, which is Chinese."""
    meaning = next((label(f"desk.{name}", language) for name in (*SHOWN, *FILLED) if label(f"desk.{name}") == heading), heading)
    return heading if language == "zh" or meaning == heading else f"{heading} ({meaning})"


def unread(rule: str, language: Language) -> str:
    """Why a file or a row could not be read, without the words of the program that read it."""
    known = rule if rule in section("unread") else "unreadable_content"
    return label(f"unread.{known}", language, detail="").replace(_UNREADABLE, "")


def _worded(said: Mapping[str, object], language: Language, parts: Mapping[str, str]) -> dict[str, str]:
    """What an error speaks of, code by code, as the reader calls it."""
    of_actions = {name: action.label[language] for name, action in actions().items()}
    words = {
        "action": of_actions,
        "actions": of_actions,
        "parts": {
            part: heading_text(label(key), language) if key.removeprefix("desk.") in FILLED else label(key, language) for part, key in parts.items()
        },
        "state": {name: texts[language] for name, texts in states().items()},
        "role": {name: texts[language] for name, texts in roles().items()},
    }
    words |= {"takes": words["parts"], "roles": words["role"]}
    found = {name: _joined(value, words.get(name, {}), language) for name, value in said.items()}
    if "headings" in said:
        found["headings"] = _joined([heading_text(one, language) for one in said["headings"]], {}, language)  # type: ignore[attr-defined]
    if "rule" in said:
        found["why"] = unread(str(said["rule"]), language)
    return found


def _joined(value: object, words: Mapping[str, str], language: Language) -> str:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return words.get(str(value), str(value))[:200]
    texts = [words.get(str(one), str(one)) for one in value]
    return label("punctuation.between", language).join(texts) or label("complaint.nothing", language)
