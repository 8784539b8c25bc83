"""XML: records are the children of the root, fields their children. Any DOCTYPE is refused: it is the door of every attack by entity."""

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from lxml import etree

from sources.errors import UnreadableFile
from sources.readers.records import FIRST_ROW, MAXIMUM_FIELD, record_table


def read(path: Path, headings: Sequence[str] | None) -> tuple[pa.Table, str, list[str]]:
    """Records as text columns. Raises UnreadableFile (``doctype``, ``unreadable_xml``, ``too_large_cell``)."""
    del headings
    if b"<!DOCTYPE" in path.read_bytes()[:65536].upper():
        raise _doctype(path)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False)
    try:
        tree = etree.parse(str(path), parser)
    except (etree.XMLSyntaxError, OSError) as error:
        raise UnreadableFile("unreadable_xml", f"{path.name}: no well-formed XML ({error}); export it again") from error
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise _doctype(path)
    records = []
    elements = [element for element in tree.getroot() if isinstance(element.tag, str)]
    for number, element in enumerate(elements, start=FIRST_ROW):
        record: dict[str, str | None] = {}
        for child in element:
            if isinstance(child.tag, str):
                record[_local(child)] = _text(path, number, child)
        records.append((number, record))
    return record_table(records), "xml", []


def _doctype(path: Path) -> UnreadableFile:
    return UnreadableFile("doctype", f"{path.name}: XML with a DOCTYPE is not taken; remove it and deliver again")


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _text(path: Path, number: int, element: etree._Element) -> str | None:
    if len(element):
        return json.dumps({_local(child): child.text for child in element if isinstance(child.tag, str)}, ensure_ascii=False)
    text = element.text
    if text is not None and len(text) > MAXIMUM_FIELD:
        raise UnreadableFile(
            "too_large_cell", f"{path.name}, row {number}: {_local(element)} holds {len(text):,} characters; fields over 1 MB are not taken"
        )
    return text
