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
from exports.ocds.releases import COUNT, CREATE_PROCESSES, RECORD_PACKAGES, RELEASE_PACKAGES

#: Half the time of the usual level, for a third more bytes.
_LEVEL = 2
_SCHEMA = Path(__file__).parent / "schema" / "release-schema-1__1__4.json"


def write_ocds(occasion: Occasion, out: Path) -> list[Path]:
    """`releases-NNN.json` and `records-NNN.json` of the processes first heard of in the year.

    Raises DocumentError when there is no such process, when the publisher's file is wrong, and when a release is not valid: that is a fault of this program.
    """
    publisher = read_publisher(occasion.templates)
    occasion.connection.execute(CREATE_PROCESSES, {"prefix": publisher.ocid_prefix, "year": occasion.period.start.year})
    ((processes,),) = occasion.connection.execute(COUNT).fetchall()
    if not processes:
        raise DocumentError(f"{occasion.period}: no tender or procurement was first heard of in it")
    return [
        write_zip(out / file_name(label("document.ocds"), period_words(occasion.period), suffix=".zip"), _members(occasion, publisher), level=_LEVEL)
    ]


def _members(occasion: Occasion, publisher: Publisher) -> Iterator[tuple[str, bytes]]:
    """The packages, one after the other: of a large city all of them at once would not fit."""
    uri = f"{publisher.uri}{occasion.period.start.year}/"
    packages: list[str] = []
    for kind, query, parameters in (("releases", RELEASE_PACKAGES, {}), ("records", RECORD_PACKAGES, {"uri": uri})):
        answer = occasion.connection.execute(query, parameters)
        while (found := answer.fetchone()) is not None:
            number, content = found
            own = f"{uri}{kind}-{number:03}.json"
            head = _head(occasion, publisher, own, packages if kind == "records" else None)
            text = f'{head[:-1]},"{kind}":[\n{content}\n]}}\n'
            with uncollected():
                told = json.loads(text)[kind]
                _validate([part["compiledRelease"] for part in told] if kind == "records" else told)
                del told
            packages += [own] if kind == "releases" else []
            yield f"{kind}-{number:03}.json", text.encode("utf-8")


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
