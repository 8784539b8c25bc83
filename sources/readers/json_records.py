"""JSON (an array, one object, or a package with records inside) and JSON Lines. Numbers stay text as received."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sources.errors import UnreadableFile
from sources.readers.encodings import decide_encoding
from sources.readers.records import FIRST_ROW, MAXIMUM_FIELD, ReadResult, Refusal, record_table, refusal

_DEFAULT_PATHS = ("$[]", "$")
#: A surrogate alone stands for no character and cannot be stored.
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class _Flaw:
    """Why an object can be no record, wherever inside it the key stands."""

    rule: str
    key: str
    what: str
    value: str | None = None


class _Flawed(dict[str, Any]):
    """An object that holds a flaw; around it the document is navigated as if it were sound."""

    def __init__(self, content: dict[str, Any], flaw: _Flaw) -> None:
        super().__init__(content)
        self.flaw = flaw


class _Lacking(_Flawed):
    """An entry of a list of records without the part that is the record."""


def read(path: Path, *, declared_encoding: str | None = None, record_paths: Sequence[str] = ()) -> ReadResult:
    """Records as text columns; nested values stay JSON text. ``record_paths`` says where records are ("releases[]"), the first that finds some wins.

    Raises UnreadableFile when the file is no JSON at all or nested too deeply.
    """
    encoding = decide_encoding(path, declared_encoding)
    text = path.read_text(encoding="utf-8-sig" if encoding == "utf-8" else encoding, errors="strict" if encoding != "utf-8" else "replace")
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        candidates = _lines(path, text)
    else:
        candidates = enumerate(_located(_parsed(path, text), record_paths or _DEFAULT_PATHS), start=FIRST_ROW)
    records, refusals = [], []
    for number, value in candidates:
        refused = value if isinstance(value, Refusal) else _refused(path, number, value)
        if refused:
            refusals.append(refused)
        else:
            records.append((number, {name: _text(field) for name, field in value.items()}))
    reader = "jsonl" if path.suffix.lower() in (".jsonl", ".ndjson") else "json"
    return ReadResult(record_table(records), refusals, len(records) + len(refusals), encoding, reader)


def _loaded(text: str) -> Any:
    """One JSON value, its numbers as they were written."""
    return json.loads(text, object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=float)


def _parsed(path: Path, text: str) -> Any:
    try:
        return _loaded(text)
    except RecursionError as error:
        raise UnreadableFile("too_deep", f"{path.name}: nested too deeply to be a record; deliver flat records") from error
    except ValueError as error:
        raise UnreadableFile("not_json", f"{path.name}: no valid JSON ({error}); export it again") from error


def _lines(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate((line for line in text.split("\n") if line.strip()), start=FIRST_ROW):
        try:
            yield number, _loaded(line)
        except (ValueError, RecursionError) as error:
            yield number, refusal(path, number, "not_json", f"no valid JSON ({error}); export the line again", value=line, record=line)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        key = next(name for name in names if names.count(name) > 1)
        flaw: _Flaw | None = _Flaw("duplicate_keys", key, "stands twice; deliver each key once")
    else:
        flaw = next((found for name, value in content.items() for found in _flaws(name, value)), None)
    return content if flaw is None else _Flawed(content, flaw)


def _flaws(key: str, value: Any) -> Iterator[_Flaw]:
    if isinstance(value, _Flawed):
        yield value.flaw
    elif isinstance(value, float):
        # Numbers are kept as text, so a float is one of the three tokens that Python takes for numbers.
        token = _json(value)
        yield _Flaw("not_json", key, f"holds {token}, which is no JSON number; leave the key out where there is no number", token)
    elif isinstance(value, list):
        for inner in value:
            yield from _flaws(key, inner)


def _located(document: Any, paths: Sequence[str]) -> list[Any]:
    for path in paths:
        found, is_listed = [document], False
        for part in path.removeprefix("$").strip(".").split("."):
            found = list(_step(found, part, is_listed))
            is_listed = is_listed or part.endswith("[]")
        records = [value for value in found if not isinstance(value, list)] if path == "$" else found
        if records and any(isinstance(value, dict) for value in records):
            return records
    return []


def _step(values: Iterable[Any], part: str, is_listed: bool) -> Iterator[Any]:
    name = part.removesuffix("[]")
    for value in values:
        inner = value
        if name and not isinstance(value, _Lacking):
            if not isinstance(value, dict) or name not in value:
                # What stands in a list of records was delivered as one; elsewhere the path is not this document's.
                if is_listed:
                    lacks = _Flaw("not_a_record", name, "is missing, which is the record; deliver the entry with it")
                    yield _Lacking(value, lacks) if isinstance(value, dict) else value
                continue
            inner = value[name]
        if part.endswith("[]"):
            if isinstance(inner, list):
                yield from inner
        else:
            yield inner


def _refused(path: Path, number: int, value: Any) -> Refusal | None:
    if isinstance(value, _Flawed):
        flaw, key = value.flaw, _escaped(value.flaw.key)
        return refusal(path, number, flaw.rule, f"the key {key} {flaw.what}", column=key, value=flaw.value, record=_escaped(_json(value)))
    if not isinstance(value, dict):
        return refusal(
            path, number, "not_a_record", "no object; deliver records as objects", value=_escaped(_json(value)), record=_escaped(_json(value))
        )
    half = next((name for name, field in value.items() if _HALF_CHARACTER.search(name) or _HALF_CHARACTER.search(_text(field) or "")), None)
    if half is not None:
        name, shown = _escaped(half), _escaped(_text(value[half]) or "")
        what = f"{name} holds half a character; export the record again"
        return refusal(path, number, "not_utf8", what, column=name, value=shown, record=_escaped(_json(value)))
    for name, field in value.items():
        if isinstance(field, str) and len(field) > MAXIMUM_FIELD:
            what = f"{name} holds {len(field):,} characters; fields over 1 MB are not taken"
            return refusal(path, number, "too_large_cell", what, column=name, value=field, record=field)
        if isinstance(field, str) and "\ufffd" in field:
            return refusal(
                path,
                number,
                "not_utf8",
                f"{name} holds bytes that are no UTF-8; export the file again",
                column=name,
                value=field,
                record=_json(value),
            )
    return None


def _escaped(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
