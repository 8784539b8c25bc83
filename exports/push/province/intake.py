"""Takes a package in: opens it with care, checks it against its schema, judges its records one by one, and writes the receipt."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import jsonschema_rs
from lxml import etree

from exports.push.province.rules import DELETE, Record, refusal
from exports.push.province.store import Store
from exports.push.schemas import MESSAGE_FIELDS, NAMESPACE, json_schema, xml_schema
from sources.definitions import datasets

_LARGEST_BYTES = 200_000_000
_MOST_SCHEMA_ERRORS = 100_000


class Unacceptable(Exception):
    """A package that cannot be processed as a whole; the message is the reason."""


@dataclass(frozen=True)
class Opened:
    """A package as it was read: manifest, records in order, and what the schema says against them by position."""

    name: str
    dataset: str
    records: list[Record]
    complaints: dict[int, str]


def open_package(content: bytes) -> Opened:
    """Read a package. Raises Unacceptable when it is no ZIP file, is torn, or its digests or counts do not agree."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST_BYTES:
                raise Unacceptable("the package is too large")
            manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
            body = archive.read(manifest["file"])
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise Unacceptable(f"the package cannot be opened ({type(error).__name__})") from None
    if hashlib.sha256(body).hexdigest() != manifest.get("sha256"):
        raise Unacceptable("the digest of the records is not that of the manifest")
    if manifest.get("dataset") not in datasets() or datasets()[manifest["dataset"]].number is None:
        raise Unacceptable("the data set is not in the specification")
    records, complaints = (_xml_records if manifest["format"] == "xml" else _json_records)(manifest["dataset"], body)
    if len(records) != manifest.get("records"):
        raise Unacceptable("there are more or fewer records than the manifest says")
    return Opened(manifest["package"], manifest["dataset"], records, complaints)


def _xml_records(dataset: str, body: bytes) -> tuple[list[Record], dict[int, str]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Unacceptable(f"the XML cannot be read: {error.msg}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unacceptable("a DOCTYPE is not accepted")
    cut = len(NAMESPACE) + 2
    records = [_record(dataset, {element.tag[cut:]: element.text or "" for element in record}) for record in root]
    schema = _xml_validator(dataset)
    complaints: dict[int, str] = {}
    if not schema.validate(root):
        for complaint in list(schema.error_log)[:_MOST_SCHEMA_ERRORS]:
            # /*/*[3]/*[5]: the third record; a package of one record has no number.
            step = (complaint.path or "").split("/")[2:3]
            if not step:
                raise Unacceptable(f"the package is not valid: {complaint.message}")
            position = int(step[0].partition("[")[2].rstrip("]") or 1) - 1
            complaints.setdefault(position, complaint.message.replace(f"{{{NAMESPACE}}}", ""))
    return records, complaints


def _json_records(dataset: str, body: bytes) -> tuple[list[Record], dict[int, str]]:
    try:
        package = json.loads(body)
        found = [_record(dataset, record) for record in package["RECORDS"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unacceptable("the JSON cannot be read") from None
    complaints: dict[int, str] = {}
    for complaint in _json_validator(dataset).iter_errors(package):
        path = list(complaint.instance_path)
        if len(path) < 2 or path[0] != "RECORDS":
            raise Unacceptable(f"the package is not valid: {complaint.message[:200]}")
        # The message of the validator quotes the value; the place is enough.
        complaints.setdefault(int(path[1]), ".".join(str(step) for step in path[2:]) or complaint.kind.name)
    return found, complaints


@cache
def _xml_validator(dataset: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(xml_schema(datasets()[dataset]).encode()))


@cache
def _json_validator(dataset: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json_schema(datasets()[dataset]))


def _record(dataset: str, fields: dict[str, str]) -> Record:
    message = {name: fields.get(name, "") for name in MESSAGE_FIELDS}
    return Record(dataset, message, {name: value for name, value in fields.items() if name not in MESSAGE_FIELDS})


@dataclass(frozen=True)
class Intake:
    """The desk at which packages are taken in. ``now`` gives the time of acceptance, yyyyMMddHHmmss."""

    store: Store
    now: Callable[[], str]
    platforms: Collection[str] = ()
    exceptions: Collection[str] = ()

    def judge(self, opened: Opened, *, at_most: int | None = None, refused: Callable[[Record], bool] = lambda _: False) -> dict[str, Any]:
        """Judge the records in one transaction and give the receipt; of more than ``at_most`` records the rest is put off. A complete receipt is kept."""
        self.store.begin()
        try:
            answers = list(self._answers(opened, len(opened.records) if at_most is None else at_most, refused))
            receipt = {"package": opened.name, "records": len(answers), "answers": answers}
            if not any(answer["STATUS"] == "later" for answer in answers):
                self.store.keep_receipt(opened.name, json.dumps(receipt, ensure_ascii=False))
            self.store.commit()
        except BaseException:
            self.store.rollback()
            raise
        return receipt

    def _answers(self, opened: Opened, at_most: int, refused: Callable[[Record], bool]) -> Iterator[dict[str, str | None]]:
        for position, record in enumerate(opened.records):
            message = {name: record.message[name] for name in ("MESSAGE_ID", "DATA_KEY")}
            if before := self.store.answer(record.message["MESSAGE_ID"]):
                yield before
            elif position >= at_most:
                yield {**message, "STATUS": "later", "CODE": "busy", "REASON": "not processed this time", "ACCEPTED_TIME": None}
            else:
                yield self._judge(record, opened.complaints.get(position), refused, message)

    def _judge(self, record: Record, complaint: str | None, refused: Callable[[Record], bool], message: dict[str, str]) -> dict[str, str | None]:
        broken = ("schema", complaint) if complaint else refusal(record, self.store, self.platforms, self.exceptions)
        if broken is None and refused(record):
            broken = ("told_to_refuse", "this province was told to refuse some records")
        if broken:
            answer: dict[str, str | None] = {**message, "STATUS": "refused", "CODE": broken[0], "REASON": broken[1], "ACCEPTED_TIME": None}
        else:
            answer = {**message, "STATUS": "accepted", "CODE": None, "REASON": None, "ACCEPTED_TIME": self.now()}
            if record.message["DATA_TYPE"] == DELETE:
                self.store.remove(record)
            else:
                self.store.put(record, digest_of(record), str(answer["ACCEPTED_TIME"]))
        self.store.remember(record, answer)
        return answer


def digest_of(record: Record) -> str:
    """SHA-256 of NAME=value of every field in the order in which it came, separated by U+001F."""
    return hashlib.sha256("\x1f".join(f"{name}={value}" for name, value in record.content.items()).encode()).hexdigest()
