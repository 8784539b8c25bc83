"""Whether a file is what its name says: an empty one, or a picture under the name of a table, is refused before anything opens it."""

from pathlib import Path

from sources.errors import UnreadableFile

_SIGNATURES = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"PK\x03\x04": "a ZIP or workbook",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"PAR1": "Parquet",
    b"\x1f\x8b": "gzip",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
}
_EXPECTED = {
    ".xlsx": (b"PK\x03\x04",),
    ".ods": (b"PK\x03\x04",),
    ".xls": (b"\xd0\xcf\x11\xe0",),
    ".parquet": (b"PAR1",),
}
_TEXT = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".xml")


def check_signature(path: Path) -> None:
    """Raises UnreadableFile (``empty_file``, ``wrong_type``) when the first bytes do not fit the ending."""
    with path.open("rb") as stream:
        start = stream.read(512)
    ending = path.suffix.lower()
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableFile("empty_file", f"{path.name}: the file is empty; deliver it again")
    found = next((what for signature, what in _SIGNATURES.items() if start.startswith(signature)), None)
    is_page = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith((b"<!doctype", b"<html"))
    expected = _EXPECTED.get(ending)
    if expected and not start.startswith(expected):
        what = found or ("a web page" if is_page else "something else")
        raise UnreadableFile("wrong_type", f"{path.name}: named {ending} but it is {what}; save it as what it is named")
    if ending in _TEXT and found:
        raise UnreadableFile("wrong_type", f"{path.name}: named {ending} but it is {found}; name it by what it is")
    if ending in (".csv", ".tsv", ".json", ".jsonl") and is_page:
        raise UnreadableFile("wrong_type", f"{path.name}: named {ending} but it is a web page; deliver the data behind the page")
