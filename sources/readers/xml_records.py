"""XML: records are the children of the root, fields their children. Any DOCTYPE is refused: it is the door of every attack by entity."""

import json
from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from sources.errors import UnreadableFile
from sources.readers.records import FIRST_ROW, MAXIMUM_FIELD, ReadResult, Refusal, record_table, refusal


def read(path: Path, headings: Sequence[str] | None) -> ReadResult:
    """Records as text columns; a record with a repeated field or a field over 1 MB is refused.

    Raises UnreadableFile (``doctype``, ``unreadable_xml``).
    """
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
    records, refusals = [], []
    for number, element in enumerate(_fields(tree.getroot()), start=FIRST_ROW):
        refused = _refused(path, number, element)
        if refused:
            refusals.append(refused)
        else:
            records.append((number, {_local(field): _text(field) for field in _fields(element)}))
    return ReadResult(record_table(records), refusals, len(records) + len(refusals), None, "xml")


def _doctype(path: Path) -> UnreadableFile:
    return UnreadableFile("doctype", f"{path.name}: XML with a DOCTYPE is not taken; remove it and deliver again")


def _fields(element: etree._Element) -> list[etree._Element]:
    """The child elements, without comments and processing instructions."""
    return [child for child in element if isinstance(child.tag, str)]


def _refused(path: Path, number: int, element: etree._Element) -> Refusal | None:
    seen: set[str] = set()
    for field in _fields(element):
        name, text = _local(field), _text(field)
        if name in seen:
            what = f"the field {name} stands twice; deliver each field once"
            return refusal(path, number, "duplicate_keys", what, column=name, value=text, record=etree.tostring(element, encoding="unicode"))
        if text is not None and len(text) > MAXIMUM_FIELD:
            what = f"{name} holds {len(text):,} characters; fields over 1 MB are not taken"
            return refusal(path, number, "too_large_cell", what, column=name, value=text, record=text)
        seen.add(name)
    return None


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _text(element: etree._Element) -> str | None:
    """The text of a field, comments left out; fields inside it as JSON, in which a repeated one is a list."""
    inner = _fields(element)
    if not inner:
        return "".join(str(part) for part in element.xpath("text()")) or None
    nested: dict[str, list[str | None]] = {}
    for child in inner:
        nested.setdefault(_local(child), []).append(_text(child))
    return json.dumps({name: texts[0] if len(texts) == 1 else texts for name, texts in nested.items()}, ensure_ascii=False)
