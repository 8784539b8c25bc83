"""Feeds: how the files of a source that speaks otherwise become records of the data sets, declared in ``sources/mappings/*.toml``.

A mapping names a source, its files, and for each data set the columns to select out of them. Everything is compiled to SQL over text columns;
typing follows in the loader. The canonical form needs no mapping.
"""

import fnmatch
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sources import parsing
from sources.definitions import MESSAGE_COLUMNS, Dataset, datasets
from sources.errors import SourceError

_FOLDER = Path(__file__).parent / "mappings"
#: How much of a file is searched for a sign: OCDS sorts keys, so an ocid may stand behind all the items.
_BEGINNING = 1 << 20
_PARSES = ("text", "range_start", "range_end", "amount_yuan", "price_form", "text_unless_amount")
_COLUMN_KEYS = {
    "from",
    "item",
    "position",
    "json",
    "pattern",
    "every",
    "remove",
    "lookup",
    "parse",
    "unit",
    "least",
    "constant",
    "concat",
    "otherwise",
}
_TARGET_KEYS = {"dataset", "explode", "where", "columns"}
_FEED_KEYS = {"files", "headings", "signature", "encoding", "record_paths", "sign", "target"}
_SOURCE_KEYS = {"source_id", "label", "jurisdiction", "region_code"}
_FILE_KEYS = _SOURCE_KEYS | {"lookups", "feed", "sources"}


class MappingError(SourceError):
    """A mapping file that cannot be used; the message names the file, the key and what is allowed."""


@dataclass(frozen=True)
class Source:
    """Who delivers, under which jurisdiction, and which region its records belong to when they name none."""

    source_id: str
    label: str
    jurisdiction: str = "CN"
    region_code: str | None = None


@dataclass(frozen=True)
class Target:
    """One data set selected out of a feed: SQL text expressions by our column name."""

    dataset: str
    columns: Mapping[str, Mapping[str, Any]]
    explode: str | None = None
    where: Mapping[str, Any] | None = None
    lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unknown_headings: tuple[str, ...] = ()

    def select_sql(self, relation: str, headings: Sequence[str]) -> str:
        """SELECT row_number and one VARCHAR per column, one row per record of the data set; an exploded list repeats its row number."""
        known = set(headings)
        selected = ", ".join(["row_number", *(f'{self._expression(spec, known)} AS "{name}"' for name, spec in self.columns.items())])
        condition = ""
        if self.where:
            condition = f" WHERE regexp_matches({self._expression(self.where, known)}, {_literal(self.where['matches'])})"
        if self.explode is None:
            return f"SELECT {selected} FROM {relation}{condition}"
        if self.explode not in known:
            return f"SELECT {selected} FROM (SELECT *, NULL::JSON AS item, NULL::BIGINT AS position FROM {relation} WHERE false){condition}"
        listed = f"CASE WHEN json_valid({_name(self.explode)}) THEN CAST({_name(self.explode)} AS JSON) END"
        # One object where a list belongs is a list of one; a number or a sentence lists nothing.
        items = f"CASE json_type({listed}) WHEN 'ARRAY' THEN CAST({listed} AS JSON[]) WHEN 'OBJECT' THEN [{listed}] ELSE [] END"
        exploded = f"(SELECT *, unnest(items) AS item, generate_subscripts(items, 1) AS position FROM (SELECT *, {items} AS items FROM {relation}))"
        return f"SELECT {selected} FROM {exploded}{condition}"

    def _expression(self, spec: Mapping[str, Any], known: set[str]) -> str:
        if "concat" in spec:
            return f"concat_ws('/', {', '.join(self._expression(part, known) for part in spec['concat'])})"
        expression = _source_expression(spec, known)
        if "json" in spec:
            expression = _from_json(expression, spec["json"])
        if "pattern" in spec:
            group = min(re.compile(spec["pattern"]).groups, 1)
            expression = f"nullif(regexp_extract({expression}, {_literal(spec['pattern'])}, {group}), '')"
        if "every" in spec:
            expression = f"nullif(array_to_string(regexp_extract_all({expression}, {_literal(spec['every'])}), ';'), '')"
        if "remove" in spec:
            expression = f"regexp_replace({expression}, {_literal(spec['remove'])}, '', 'g')"
        if "lookup" in spec:
            cases = " ".join(f"WHEN {_literal(key)} THEN {_literal(value)}" for key, value in self.lookups[spec["lookup"]].items())
            expression = f"CASE {expression} {cases} END"
        expression = _parsed(expression, spec)
        if "otherwise" in spec:
            expression = f"coalesce(nullif(trim({expression}), ''), {self._expression(spec['otherwise'], known)})"
        return f"CAST({expression} AS VARCHAR)"


@dataclass(frozen=True)
class Feed:
    """The files of one source that share a layout. ``signature`` are headings without which a file is not of this layout.

    ``sign`` is what the beginning of a file says whose name says nothing.
    """

    source: Source
    files: tuple[str, ...]
    targets: tuple[Target, ...]
    headings: tuple[str, ...] | None = None
    signature: tuple[str, ...] = ()
    encoding: str | None = None
    record_paths: tuple[str, ...] = ()
    sign: re.Pattern[bytes] | None = None

    def reads(self, name: str) -> bool:
        """Whether a file of this name, relative to its delivery, belongs to the feed."""
        folded = name.lower()
        return any(fnmatch.fnmatch(folded, pattern) or fnmatch.fnmatch(folded.rsplit("/", 1)[-1], pattern) for pattern in self.files)


def feed_for_file(name: str) -> Feed | None:
    """The feed that reads a file of this name; None when no mapping does."""
    return next((feed for feed in feeds() if feed.reads(name)), None)


def feed_for_content(path: Path) -> Feed | None:
    """The feed whose sign stands at the beginning of the file; None when there is none, or signs of several."""
    with path.open("rb") as stream:
        beginning = stream.read(_BEGINNING)
    signed = [feed for feed in feeds() if feed.sign and feed.sign.search(beginning)]
    return signed[0] if len(signed) == 1 else None


def canonical_target(dataset: Dataset, headings: Sequence[str]) -> Target:
    """The target of a file in canonical form; headings that the data set does not know are listed in ``unknown_headings``."""
    columns: dict[str, Mapping[str, Any]] = {}
    unknown = []
    for heading in headings:
        name = dataset.column_for_heading(heading)
        if name is None or name in columns:
            unknown.append(heading)
        else:
            columns[name] = {"from": heading}
    return Target(dataset.name, columns, unknown_headings=tuple(unknown))


@cache
def feeds() -> tuple[Feed, ...]:
    """All feeds of all mapping files. Raises MappingError at the first that cannot be used."""
    return tuple(feed for path in sorted(_FOLDER.glob("*.toml")) for feed in read_mapping(path))


def read_mapping(path: Path) -> list[Feed]:
    """The feeds of one mapping file. Raises MappingError naming the file, the place and what is allowed."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path.name}: not valid TOML ({error})") from error
    _check_keys(path, "the file", content, _FILE_KEYS)
    lookups = content.get("lookups", {})
    if "sources" in content:
        # Several publishers of one layout (OCDS): each says which files are its own.
        return [
            _feed(path, _source(path, publisher), {**feed, **{key: publisher[key] for key in ("files", "sign") if key in publisher}}, lookups)
            for publisher in content["sources"]
            for feed in content.get("feed", [])
        ]
    source = _source(path, content)
    return [_feed(path, source, feed, lookups) for feed in content.get("feed", [])]


def _source(path: Path, content: Mapping[str, Any]) -> Source:
    missing = [key for key in ("source_id", "label") if key not in content]
    if missing:
        raise MappingError(f"{path.name}: {missing[0]} is missing; every source has a source_id and a label")
    return Source(**{key: content[key] for key in _SOURCE_KEYS if key in content})


def _feed(path: Path, source: Source, content: Mapping[str, Any], lookups: Mapping[str, Mapping[str, str]]) -> Feed:
    _check_keys(path, "a feed", content, _FEED_KEYS)
    if not content.get("files") or not content.get("target"):
        raise MappingError(f"{path.name}: a feed needs files and at least one [[feed.target]]")
    return Feed(
        source=source,
        files=tuple(pattern.lower() for pattern in content["files"]),
        targets=tuple(_target(path, target, lookups) for target in content["target"]),
        headings=tuple(content["headings"]) if "headings" in content else None,
        signature=tuple(content.get("signature", ())),
        encoding=content.get("encoding"),
        record_paths=tuple(content.get("record_paths", ())),
        sign=_sign(path, content.get("sign")),
    )


def _sign(path: Path, pattern: str | None) -> re.Pattern[bytes] | None:
    try:
        return re.compile(pattern.encode()) if pattern else None
    except re.error as error:
        raise MappingError(f"{path.name}: sign = {pattern!r} is no regular expression ({error})") from error


def _target(path: Path, content: Mapping[str, Any], lookups: Mapping[str, Mapping[str, str]]) -> Target:
    _check_keys(path, "a target", content, _TARGET_KEYS)
    dataset = datasets().get(content.get("dataset", ""))
    if dataset is None:
        raise MappingError(f"{path.name}: dataset = {content.get('dataset')!r} is unknown; known are {', '.join(sorted(datasets()))}")
    own_names = {column.name for column in dataset.columns} | set(MESSAGE_COLUMNS.values())
    columns = {}
    for heading, spec in content["columns"].items():
        name = heading if heading in own_names else dataset.column_for_heading(heading)
        if name is None:
            raise MappingError(f"{path.name}: {dataset.name} has no column {heading}; known are {', '.join(sorted(own_names))}")
        columns[name] = _checked(path, f"{dataset.name}.{heading}", spec, lookups)
    return Target(dataset.name, columns, content.get("explode"), content.get("where"), lookups)


def _checked(path: Path, place: str, spec: Any, lookups: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(spec, str):
        return {"from": spec}
    _check_keys(path, place, spec, _COLUMN_KEYS)
    if spec.get("parse", "text") not in _PARSES:
        raise MappingError(f"{path.name}: {place}: parse = {spec['parse']!r} is unknown; known are {', '.join(_PARSES)}")
    if "lookup" in spec and spec["lookup"] not in lookups:
        raise MappingError(f"{path.name}: {place}: there is no [lookups.{spec['lookup']}]")
    checked = dict(spec)
    if "otherwise" in spec:
        checked["otherwise"] = _checked(path, place, spec["otherwise"], lookups)
    if "concat" in spec:
        checked["concat"] = [_checked(path, place, part, lookups) for part in spec["concat"]]
    return checked


def _check_keys(path: Path, place: str, content: Mapping[str, Any], allowed: set[str]) -> None:
    unknown = sorted(set(content) - allowed)
    if unknown:
        raise MappingError(f"{path.name}: {place} has the unknown key {unknown[0]}; allowed are {', '.join(sorted(allowed))}")


def _source_expression(spec: Mapping[str, Any], known: set[str]) -> str:
    if "constant" in spec:
        return _literal(spec["constant"])
    if spec.get("position"):
        return "CAST(position AS VARCHAR)"
    if "item" in spec:
        return _from_json("item", spec["item"])
    names = [spec["from"]] if isinstance(spec.get("from"), str) else list(spec.get("from", ()))
    present = [f"nullif(trim({_name(name)}), '')" if len(names) > 1 else _name(name) for name in names if name in known]
    if not present:
        return "NULL::VARCHAR"
    return present[0] if len(present) == 1 else f"coalesce({', '.join(present)})"


def _from_json(expression: str, path: str) -> str:
    found = f"json_extract_string({expression}, {_literal(path)})"
    # A path over a list finds several; they are joined as the marts join several suppliers, and in codes the sign is folded to the ordinary one.
    return f"nullif(array_to_string({found}, '；'), '')" if "[*]" in path else found


def _parsed(expression: str, spec: Mapping[str, Any]) -> str:
    unit, least = spec.get("unit", "元"), int(spec.get("least", 0))
    match spec.get("parse", "text"):
        case "range_start":
            return parsing.range_start(expression)
        case "range_end":
            return parsing.range_end(expression)
        case "amount_yuan":
            return f"CAST({parsing.amount_yuan(expression, unit, least)} AS VARCHAR)"
        case "price_form":
            return parsing.price_form(expression, unit, least)
        case "text_unless_amount":
            return f"CASE WHEN {parsing.amount_yuan(expression, unit, least)} IS NULL THEN {expression} END"
        case _:
            return expression


def _name(heading: str) -> str:
    return '"' + heading.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + str(text).replace("'", "''") + "'"
