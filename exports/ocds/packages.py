"""The document `ocds`: release and record packages of a year in one archive, every release valid against the schema."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import jsonschema_rs

from dashboards.labels import label
from exports.documents.document import file_name, period_words
from exports.documents.errors import DocumentError
from exports.documents.fixed_zip import write_zip
from exports.documents.occasion import Occasion
from exports.ocds.publisher import Publisher, read_publisher
from exports.ocds.releases import COUNT, CREATE_PROCESSES, RECORD_PACKAGE, RELEASE_PACKAGE

RELEASES_OF_A_PACKAGE = 10_000

#: Half the time of the usual level, for a third more bytes.
_LEVEL = 2
_SCHEMA = Path(__file__).parent / "schema" / "release-schema-1__1__4.json"


def write_ocds(occasion: Occasion, out: Path) -> list[Path]:
    """`releases-NNN.json` and `records-NNN.json` of the processes first heard of in the year.

    Raises DocumentError when there is no such process, when the publisher's file is wrong, and when a release is not valid: that is a fault of this program.
    """
    publisher = read_publisher(occasion.templates)
    occasion.connection.execute(CREATE_PROCESSES, {"prefix": publisher.ocid_prefix, "year": occasion.period.start.year})
    ((releases,),) = occasion.connection.execute(COUNT).fetchall()
    if not releases:
        raise DocumentError(f"{occasion.period}: no tender or procurement was first heard of in it")
    members = _members(occasion, publisher, -(-releases // RELEASES_OF_A_PACKAGE))
    return [write_zip(out / file_name(label("document.ocds"), period_words(occasion.period), suffix=".zip"), members, level=_LEVEL)]


def _members(occasion: Occasion, publisher: Publisher, count: int) -> Iterator[tuple[str, bytes]]:
    """The packages, one after the other: of a large city all of them at once would not fit."""
    uri = f"{publisher.uri}{occasion.period.start.year}/"
    packages: list[str] = []
    for kind, query, parameters in (("releases", RELEASE_PACKAGE, {}), ("records", RECORD_PACKAGE, {"uri": uri})):
        for number in range(1, count + 1):
            ((content,),) = occasion.connection.execute(query, {"package": number, "size": RELEASES_OF_A_PACKAGE, **parameters}).fetchall()
            if content is None:
                # The releases of the last package may all be of processes whose first is in the one before.
                continue
            own = f"{uri}{kind}-{number:03}.json"
            head = _head(occasion, publisher, own, packages if kind == "records" else None)
            with uncollected():
                told = json.loads(content)
                _validate([part["compiledRelease"] for part in told] if kind == "records" else told)
                del told
            packages += [own] if kind == "releases" else []
            yield f"{kind}-{number:03}.json", b"".join((f'{head[:-1]},"{kind}":'.encode(), content, b"}\n"))


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage is looked for: a hundred thousand objects that are all needed would be looked through again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


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
