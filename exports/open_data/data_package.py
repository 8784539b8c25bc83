"""The document `open-data`: tables of a year as CSV and Parquet, with `datapackage.json` (Frictionless table schema) made from their definitions and types."""

import hashlib
import json
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dashboards.labels import label
from exports.documents.document import file_name, period_words
from exports.documents.fixed_zip import write_zip
from exports.documents.occasion import Occasion
from exports.documents.shown_text import shown_name, shown_text
from exports.ocds.publisher import read_publisher

_TYPES = {
    "VARCHAR": "string", "DATE": "date", "BOOLEAN": "boolean", "DOUBLE": "number", "BIGINT": "integer", "INTEGER": "integer", "UBIGINT": "integer", "HUGEINT": "integer",
}  # fmt: skip
_MASKED = {
    "title": shown_text("coalesce(nullif(title, ''), subject_id)"),
    "procuring_entity": f"CASE WHEN procuring_entity IS NOT NULL THEN {shown_name('procuring_entity')} END",
    "supplier": f"CASE WHEN supplier IS NOT NULL THEN {shown_name('supplier')} END",
}
#: A spreadsheet would run what begins with one of these; the CSV has an apostrophe before it, the Parquet file has not.
_RUNS = r"^[=+\-@\t\r＝＋－＠]"


@dataclass(frozen=True)
class Resource:
    """A table: what a row is, its query, and what its columns hold."""

    name: str
    title: str
    description: str
    key: tuple[str, ...]
    query: str
    fields: Mapping[str, str]


@cache
def resources() -> tuple[Resource, ...]:
    """Every table, in their order."""
    content = tomllib.loads(Path(__file__).with_name("resources.toml").read_text(encoding="utf-8"))["resource"]
    fields = {told["name"]: told["fields"] for told in content if "fields" in told}
    return tuple(
        Resource(
            told["name"],
            told["title"],
            told["description"],
            tuple(told["key"]),
            told["query"].format(**_MASKED),
            fields[told.get("fields_of", told["name"])],
        )
        for told in content
    )


def write_data_package(occasion: Occasion, out: Path) -> list[Path]:
    """One archive with the description and two files a table. Raises DocumentError when the publisher's file is wrong."""
    publisher = read_publisher(occasion.templates)
    members: dict[str, bytes] = {}
    described = []
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        for resource in resources():
            types = _export(occasion, resource, Path(scratch))
            for name in (f"{resource.name}.csv", f"{resource.name}.parquet"):
                members[name] = (Path(scratch) / name).read_bytes()
            described += list(_described(resource, types, members))
    package = {
        "profile": "data-package",
        "name": f"gongkai-{str(occasion.period).lower()}",
        "title": label("open_data.title", unit=publisher.name or occasion.unit, period=period_words(occasion.period)),
        "description": label("open_data.description", snapshot=occasion.manifest["snapshot"], as_of=occasion.as_of),
        "created": f"{occasion.as_of}T00:00:00+08:00",
        "version": str(occasion.manifest["snapshot"]),
        **({"licenses": [{"path": publisher.license}]} if publisher.license else {}),
        "sources": [{"title": source.label} for source in occasion.sources],
        "resources": described,
    }
    text = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    return [
        write_zip(
            out / file_name(label("document.open-data"), period_words(occasion.period), suffix=".zip"),
            [("datapackage.json", text.encode("utf-8")), *members.items()],
        )
    ]


def _export(occasion: Occasion, resource: Resource, folder: Path) -> dict[str, str]:
    """Both files of the table; gives the types of its columns."""
    connection = occasion.connection
    connection.execute(f"CREATE OR REPLACE TEMP TABLE told AS {resource.query}", {"first": occasion.period.start, "last": occasion.period.end})
    table = connection.table("told")
    types = dict(zip(table.columns, (str(kind) for kind in table.types), strict=True))
    table.write_parquet(str(folder / f"{resource.name}.parquet"), compression="zstd")
    guarded = ", ".join(
        f"CASE WHEN regexp_matches({name}, '{_RUNS}') THEN '''' || {name} ELSE {name} END AS {name}" if kind == "VARCHAR" else name
        for name, kind in types.items()
    )
    table.project(guarded).write_csv(str(folder / f"{resource.name}.csv"))
    return types


def _described(resource: Resource, types: Mapping[str, str], members: Mapping[str, bytes]) -> Iterator[dict[str, object]]:
    fields = [{"name": name, "type": _TYPES.get(kind.partition("(")[0], "number"), "title": resource.fields[name]} for name, kind in types.items()]
    schema = {"fields": fields, "primaryKey": list(resource.key), "missingValues": [""]}
    for kind, mediatype in (("csv", "text/csv"), ("parquet", "application/vnd.apache.parquet")):
        content = members[f"{resource.name}.{kind}"]
        yield {
            "name": resource.name if kind == "csv" else f"{resource.name}-parquet",
            "path": f"{resource.name}.{kind}",
            "title": resource.title,
            "description": resource.description,
            "format": kind,
            "mediatype": mediatype,
            **({"profile": "tabular-data-resource", "encoding": "utf-8"} if kind == "csv" else {}),
            "bytes": len(content),
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "schema": schema,
        }
