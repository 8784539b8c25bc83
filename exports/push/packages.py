"""Packages: a ZIP file with a manifest and the records of one data set, as XML or JSON. Sealed once, sent as often as needed, never changed."""

import hashlib
import json
import os
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

import duckdb

from exports.push.content import content_struct, content_xml, level, national_names, pushed_datasets
from exports.push.outbox import outbox_id, transaction
from exports.push.schemas import MESSAGE_FIELDS, NAMESPACE, json_schema, xml_schema
from exports.push.settings import PushSettings
from sources.definitions import Dataset

Format = Literal["xml", "json"]
_OUTBOX_DIGITS = 8
#: ZIP files hold a time for each member; the same records must give the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_ADDITIONS_AND_CHANGES, _DELETIONS = "data_type <> '3'", "data_type = '3'"


@dataclass(frozen=True)
class Package:
    """A sealed package: its name, data set, file and digest (SHA-256, hex), and how many records are in it."""

    name: str
    dataset: str
    file: Path
    sha256: str
    records: int


def batches() -> list[tuple[Dataset, str]]:
    """In what order messages are packed: parents before those that name them; what is deleted comes last, the other way round."""
    ordered = pushed_datasets()
    return [(dataset, _ADDITIONS_AND_CHANGES) for dataset in ordered] + [(dataset, _DELETIONS) for dataset in reversed(ordered)]


def waves() -> list[list[tuple[Dataset, str]]]:
    """The batches that may be sent before the answers of one another are known: those of one level."""
    found: dict[tuple[bool, int], list[tuple[Dataset, str]]] = {}
    for dataset, which in batches():
        found.setdefault((which == _DELETIONS, level(dataset)), []).append((dataset, which))
    return list(found.values())


def waiting(connection: duckdb.DuckDBPyConnection, wave: list[tuple[Dataset, str]]) -> list[tuple[Dataset, str]]:
    """The batches of a wave of which anything is queued; to ask each for its next package costs more."""
    queued = connection.execute("SELECT DISTINCT dataset, data_type = '3' FROM outbox.messages WHERE state = 'queued'").fetchall()
    return [(dataset, which) for dataset, which in wave if (dataset.name, which == _DELETIONS) in queued]


def ready_messages(dataset: Dataset, which: str) -> str:
    """SQL of the queued messages of a batch that may leave: what they name is at the province."""
    return f"""SELECT m.* FROM outbox.messages AS m
        WHERE m.dataset = '{dataset.name}' AND m.state = 'queued' AND {which} AND (
            m.parent_code IS NULL OR EXISTS (
                FROM outbox.records AS p WHERE p.dataset = m.parent_dataset AND p.identity = m.parent_code AND p.is_at_province))"""


def seal(connection: duckdb.DuckDBPyConnection, folder: Path, dataset: Dataset, which: str, form: Format, settings: PushSettings) -> Package | None:
    """Pack the next queued messages of a batch: the file is on the disk before the outbox says that they are in it. None when nothing waits.

    What was tried in vain goes in ever smaller packages, at last alone, so that a record that cannot be processed holds up no other.
    """
    first = connection.execute(f"SELECT tries FROM ({ready_messages(dataset, which)}) ORDER BY tries, message_number LIMIT 1").fetchone()
    if first is None:
        return None
    size = max(1, settings.records_per_package // 8 ** int(first[0]))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE packing AS SELECT * FROM ({ready_messages(dataset, which)}) WHERE tries = ? ORDER BY message_number LIMIT {size}",
        [first[0]],
    )
    with transaction(connection):
        number = connection.execute("SELECT nextval('outbox.package_numbers')").fetchone()
        assert number is not None
        name = f"{outbox_id(connection)[:_OUTBOX_DIGITS]}-{number[0]:08d}"
        body = _body(connection, dataset, name, form, settings)
        manifest = _manifest(connection, dataset, name, form, body, settings)
        content = _zipped(manifest, f"records.{form}", body)
        file = folder / f"{name}.zip"
        write_durably(file, content)
        sha256 = hashlib.sha256(content).hexdigest()
        records = manifest["records"]
        assert isinstance(records, int)
        connection.execute(
            "UPDATE outbox.messages SET state = 'sealed', package = $1, tries = tries + 1 WHERE message_number IN (SELECT message_number FROM packing)",
            [name],
        )
        connection.execute(
            "INSERT INTO outbox.packages VALUES (?, ?, ?, ?, ?, ?, 'sealed', now(), NULL, NULL)",
            [name, dataset.name, form, file.name, sha256, records],
        )
    return Package(name, dataset.name, file, sha256, records)


def unanswered(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[Package]:
    """Packages that were sealed and whose answer is not known: they are sent again as they are."""
    rows = connection.execute(
        "SELECT package, dataset, file, sha256, records FROM outbox.packages WHERE state IN ('sealed', 'sent') ORDER BY package"
    ).fetchall()
    return [Package(name, dataset, folder / file, sha256, records) for name, dataset, file, sha256, records in rows]


def _message(settings: PushSettings, outbox: str) -> dict[str, str]:
    """SQL of each message field of a row of ``packing``."""
    return {
        "MESSAGE_ID": f"'{outbox}-' || message_number",
        "DATA_TYPE": "data_type",
        "DATA_KEY": "data_key",
        "DATA_TIMESTAMP": "strftime(data_timestamp, '%Y%m%d%H%M%S')",
        "PLATFORM_CODE": _literal(settings.platform_code),
        "PUB_SERVICE_PLAT_CODE": _literal(settings.service_platform_code),
    }


def _body(connection: duckdb.DuckDBPyConnection, dataset: Dataset, name: str, form: Format, settings: PushSettings) -> bytes:
    """All records of a package as one text, put together by the database."""
    message = _message(settings, outbox_id(connection))
    assert message.keys() == MESSAGE_FIELDS.keys()
    names = national_names(dataset)
    if form == "xml":
        opening = "".join(f"<{part}>' || {_escaped(sql)} || '</{part}>" for part, sql in message.items())
        one = f"""CASE WHEN data_type = '3' THEN '<DELETION>{opening}</DELETION>'
            ELSE '<RECORD>{opening}' || {content_xml(names, "fields")} || '</RECORD>' END"""
        around = f'<?xml version="1.0" encoding="UTF-8"?>\n<PACKAGE xmlns="{NAMESPACE}" ID="{name}" DATASET="{dataset.name}">\n', "\n</PACKAGE>\n"
        separator = "\n"
    else:
        opening = ",".join(f"\"{part}\":' || to_json({sql}) || '" for part, sql in message.items())
        one = f"""'{{{opening}' || CASE WHEN content IS NULL OR content = '{{}}' THEN '}}' ELSE ',' || content[2:] END"""
        around = f'{{"ID":"{name}","DATASET":"{dataset.name}","RECORDS":[\n', "\n]}\n"
        separator = ",\n"
    row = connection.execute(
        f"""SELECT string_agg({one}, $1 ORDER BY message_number) FROM (
            SELECT p.*, c.content, {content_struct(names, "c.content")} AS fields
            FROM packing AS p LEFT JOIN outbox.contents AS c ON p.message_number = c.message_number)""",
        [separator],
    ).fetchone()
    assert row is not None
    return (around[0] + row[0] + around[1]).encode()


def _manifest(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, name: str, form: Format, body: bytes, settings: PushSettings
) -> dict[str, object]:
    """What a package says about itself: counts by operation, digests of the records and of the schema they are valid against."""
    row = connection.execute(
        """SELECT count(*), count(*) FILTER (data_type = '1'), count(*) FILTER (data_type = '2'), count(*) FILTER (data_type = '3'),
            min(message_number), max(message_number) FROM packing"""
    ).fetchone()
    assert row is not None
    outbox = outbox_id(connection)
    schema = xml_schema(dataset) if form == "xml" else json_schema(dataset)
    return {
        "package": name,
        "dataset": dataset.name,
        "number": dataset.number,
        "format": form,
        "file": f"records.{form}",
        "sha256": hashlib.sha256(body).hexdigest(),
        "schema_sha256": hashlib.sha256(schema.encode()).hexdigest(),
        "records": row[0],
        "additions": row[1],
        "changes": row[2],
        "deletions": row[3],
        "first_message": f"{outbox}-{row[4]}",
        "last_message": f"{outbox}-{row[5]}",
        "platform_code": settings.platform_code,
    }


def _zipped(manifest: dict[str, object], name: str, body: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        said = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        for member, content in (("manifest.json", said), (name, body)):
            archive.writestr(zipfile.ZipInfo(member, _NO_TIME), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def write_durably(path: Path, content: bytes) -> None:
    """Whole or not at all, also when the power fails."""
    part = path.with_suffix(".part")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_schemas(folder: Path) -> None:
    """The schema of every data set that is pushed, in both forms."""
    folder.mkdir(parents=True, exist_ok=True)
    for dataset in pushed_datasets():
        (folder / f"{dataset.name}.xsd").write_text(xml_schema(dataset), encoding="utf-8")
        (folder / f"{dataset.name}.schema.json").write_text(json_schema(dataset), encoding="utf-8")


def _escaped(sql: str) -> str:
    return f"replace(replace(replace({sql}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
