"""What a file really is, by its first bytes: a wrong type under a right name is refused before any reader sees it."""

from pathlib import Path

from sources.errors import UnreadableFile

_HEAD = 1024
_MARKS = (
    (b"PK\x03\x04", "a ZIP container (XLSX, DOCX or archive)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE container (old XLS or DOC, or an encrypted workbook)"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"SQLite format 3", "an SQLite database"),
)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_EXPECTED = {".xlsx": _MARKS[0], ".ods": _MARKS[0], ".xls": _MARKS[2], ".parquet": _MARKS[3]}


def check_signature(path: Path, ending: str) -> None:
    """Raise UnreadableFile when the file is empty (``empty_file``) or its first bytes are of another type than its ending (``wrong_type``)."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    text = head
    for bom in _BOMS:
        text = text.removeprefix(bom)
    text = text.replace(b"\0", b"").strip().lower() if head.startswith(_BOMS[1:]) else text.strip().lower()
    if not text:
        with path.open("rb") as stream:
            if not any(chunk.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe") for chunk in iter(lambda: stream.read(1 << 20), b"")):
                raise UnreadableFile("empty_file", f"{path.name}: the file is empty; deliver it again")
    found = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<table")) or (text.startswith(b"<?xml") and b"<html" in text):
        found = "an HTML page"
    elif found is None and text.startswith(b"<?xml") and ending != ".xml":
        found = "an XML file"
    expected = _EXPECTED.get(ending)
    if expected is not None and not head.startswith(expected[0]):
        raise UnreadableFile("wrong_type", f"{path.name}: the name says {ending[1:].upper()} but the file is {found or 'of no such type'}; deliver it again as what its name says")
    if expected is None and found is not None:
        raise UnreadableFile("wrong_type", f"{path.name}: the name says {ending[1:].upper()} but the file is {found}; deliver it again as what its name says")
