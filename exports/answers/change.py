"""A file of changes to try: rule versions, days of the calendar, the threshold. TOML, or CSV with the columns of the rule book or of the calendar."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exports.answers.asking import AnswerError, named, plain

_PARTS = ("rule", "calendar", "threshold")
_DAY_COLUMNS = ("day", "is_working_day", "name")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """What a file says, unchecked but for its shape: every rule names a rule_id, every day is a day and whether it is worked."""

    rules: list[Row] = field(default_factory=list)
    days: list[Row] = field(default_factory=list)
    threshold: int | None = None


def read_change(path: Path) -> Change:
    """Raises AnswerError for a file that is missing, cannot be read or says something unknown."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        change = _from_csv(path, text) if path.suffix.lower() == ".csv" else _from_toml(path, tomllib.loads(text))
    except OSError as error:
        raise AnswerError(f"{path}: {error.strerror}; name a file of changes with --rules") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as error:
        raise AnswerError(f"{path}: cannot be read as {'CSV' if path.suffix.lower() == '.csv' else 'TOML'} in UTF-8 ({plain(error)})") from error
    for row in change.rules:
        if not row.get("rule_id"):
            raise AnswerError(f"{path}: a rule without rule_id; name the rule that changes")
    for row in change.days:
        if set(row) - {"name"} != {"day", "is_working_day"}:
            raise AnswerError(f"{path}: a calendar day has {named(_DAY_COLUMNS)} (name may be left out), not {named(list(row)) or 'nothing'}")
    return change


def checked_threshold(percent: object) -> int:
    """A whole percentage. Raises AnswerError."""
    if not isinstance(percent, int) or isinstance(percent, bool) or not 1 <= percent <= 100:
        raise AnswerError(f"threshold {plain(percent)!r}: say a whole number from 1 to 100")
    return percent


def _from_toml(path: Path, content: Mapping[str, Any]) -> Change:
    unknown = [name for name in content if name not in _PARTS]
    if unknown:
        raise AnswerError(f"{path}: unknown {named(unknown)}; a what-if has [[rule]], [[calendar]] and threshold")
    tables = [content.get(name, []) for name in ("rule", "calendar")]
    if not all(isinstance(rows, list) and all(isinstance(row, dict) for row in rows) for rows in tables):
        raise AnswerError(f"{path}: write [[rule]] and [[calendar]] in double brackets, one for each change")
    return Change(tables[0], tables[1], checked_threshold(content["threshold"]) if "threshold" in content else None)


def _from_csv(path: Path, text: str) -> Change:
    """Empty cells change nothing, so that a copy of the rule book with one number changed is a change."""
    reader = csv.DictReader(text.splitlines(), strict=True)
    headings = reader.fieldnames or []
    rows: list[Row] = []
    for row in reader:
        if None in row:
            raise AnswerError(f"{path}, line {reader.line_num}: more cells than headings")
        rows.append({name: value.strip() for name, value in row.items() if value and value.strip()})
    if "rule_id" in headings:
        return Change(rules=rows)
    if "day" in headings:
        return Change(days=rows)
    raise AnswerError(f"{path}: the first line must name rule_id or day, not {named(headings) or 'nothing'}")
