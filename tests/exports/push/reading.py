"""Reads packages by means of their own: the standard library alone, nothing of the product."""

import hashlib
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

MESSAGE = ("MESSAGE_ID", "DATA_TYPE", "DATA_KEY", "DATA_TIMESTAMP", "PLATFORM_CODE", "PUB_SERVICE_PLAT_CODE")
Record = dict[str, str]


def read_package(path: Path) -> tuple[dict[str, object], list[Record]]:
    """The manifest and the records of a package, after its digest was checked."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        body = archive.read(manifest["file"])
    assert hashlib.sha256(body).hexdigest() == manifest["sha256"]
    if manifest["format"] == "json":
        records = json.loads(body)["RECORDS"]
    else:
        records = [{element.tag.partition("}")[2]: element.text or "" for element in record} for record in ElementTree.fromstring(body)]
    assert len(records) == manifest["records"]
    return manifest, records


def read_all(folder: Path) -> dict[str, list[Record]]:
    """The records of all packages of a folder by data set, in the order of the packages."""
    found: dict[str, list[Record]] = {}
    for path in sorted(folder.glob("*.zip")):
        manifest, records = read_package(path)
        found.setdefault(str(manifest["dataset"]), []).extend(records)
    return found


def content(record: Record) -> Record:
    """A record without its message."""
    return {name: value for name, value in record.items() if name not in MESSAGE}
