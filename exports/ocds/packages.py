"""The document `ocds`: release and record packages of a year in one archive, every release valid against the schema."""

import json
from functools import cache
from pathlib import Path

import jsonschema_rs

from dashboards.labels import label
from exports.documents.document import file_name, period_words
from exports.documents.errors import DocumentError
from exports.documents.fixed_zip import write_zip
from exports.documents.occasion import Occasion
from exports.ocds.publisher import Publisher, read_publisher
from exports.ocds.releases import RECORD_PACKAGES, RELEASE_PACKAGES

_SCHEMA = Path(__file__).parent / "schema" / "release-schema-1__1__4.json"


def write_ocds(occasion: Occasion, out: Path) -> list[Path]:
    """`releases-NNN.json` and `records-NNN.json` of the processes first heard of in the year.

    Raises DocumentError when there is no such process, when the publisher's file is wrong, and when a release is not valid: that is a fault of this program.
    """
    publisher = read_publisher(occasion.templates)
    year = occasion.period.start.year
    uri = f"{publisher.uri}{year}/"
    asked = {"prefix": publisher.ocid_prefix, "year": year}
    releases = occasion.connection.execute(RELEASE_PACKAGES, asked).fetchall()
    if not releases:
        raise DocumentError(f"{occasion.period}: no tender or procurement was first heard of in it")
    records = occasion.connection.execute(RECORD_PACKAGES, {**asked, "uri": uri}).fetchall()
    packages = [f"{uri}releases-{number:03}.json" for number, _ in releases]
    members: dict[str, bytes] = {}
    for kind, found in (("releases", releases), ("records", records)):
        for number, content in found:
            head = _head(occasion, publisher, f"{uri}{kind}-{number:03}.json", packages if kind == "records" else None)
            text = f'{head[:-1]},"{kind}":[\n{content}\n]}}\n'
            told = json.loads(text)[kind]
            _validate([part["compiledRelease"] for part in told] if kind == "records" else told)
            members[f"{kind}-{number:03}.json"] = text.encode("utf-8")
    return [write_zip(out / file_name(label("document.ocds"), period_words(occasion.period), suffix=".zip"), members)]


def _head(occasion: Occasion, publisher: Publisher, uri: str, packages: list[str] | None) -> str:
    head: dict[str, object] = {
        "uri": uri,
        "version": "1.1",
        "publishedDate": f"{occasion.as_of}T00:00:00+08:00",
        "publisher": {"name": publisher.name or occasion.unit},
    }
    if publisher.license:
        head["license"] = publisher.license
    if packages is not None:
        head["packages"] = packages
    return json.dumps(head, ensure_ascii=False, separators=(",", ":"))


def _validate(releases: list[dict]) -> None:
    if (error := next(validator().iter_errors(releases), None)) is not None:
        raise DocumentError(
            f"release {list(error.instance_path)[:1]} at {'/'.join(map(str, error.instance_path))}: {error.message.splitlines()[0][:200]}"
        )


@cache
def validator() -> jsonschema_rs.Draft4Validator:
    """Validates a list of releases by the schema kept beside, dates and addresses too."""
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    whole = {
        "$schema": schema["$schema"],
        "definitions": {**schema["definitions"], "Release": {key: schema[key] for key in ("type", "properties", "required")}},
    }
    return jsonschema_rs.Draft4Validator({**whole, "type": "array", "items": {"$ref": "#/definitions/Release"}}, validate_formats=True)
