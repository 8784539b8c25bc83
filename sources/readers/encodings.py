"""Which encoding a text file has: byte-order mark, then strict UTF-8, then strict GB18030, else it is refused. No detector is asked: they guess wrong on short GBK."""

import codecs
from pathlib import Path

from sources.errors import UnreadableFile

_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHINESE = ("gb18030", "gbk", "gb2312", "cp936")


def canonical_encoding(declared: str) -> str | None:
    """``utf-8`` or ``gb18030`` for the ways to write them; None for what may not be declared."""
    folded = declared.lower().replace("_", "-")
    if folded in ("utf-8", "utf8"):
        return "utf-8"
    return "gb18030" if folded in _CHINESE else None


def decide_encoding(path: Path, declared: str | None) -> str:
    """``utf-8``, ``utf-16`` or ``gb18030``.

    A file declared, or marked, as UTF-8 stays so even when lines of it are not: those lines are refused one by one. Raises UnreadableFile (``unknown_encoding``).
    """
    with path.open("rb") as stream:
        start = stream.read(4)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return (
                encoding
                if encoding == "utf-8"
                else _strict(path, encoding, f"{path.name}: marked as UTF-16, but it is not; export it again as UTF-8")
            )
    if declared and canonical_encoding(declared) == "utf-8":
        return "utf-8"
    if declared and canonical_encoding(declared) == "gb18030":
        return _strict(path, "gb18030", f"{path.name}: declared as {declared}, but it is not; export it again as UTF-8")
    if _decodes(path, "utf-8") or _is_mostly_utf8(path):
        return "utf-8"
    return _strict(path, "gb18030", f"{path.name}: neither UTF-8 nor GB18030; export it again as UTF-8")


def _strict(path: Path, encoding: str, complaint: str) -> str:
    if not _decodes(path, encoding):
        raise UnreadableFile("unknown_encoding", complaint)
    return encoding


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly_utf8(path: Path) -> bool:
    """Whether most lines beyond ASCII are valid UTF-8: Chinese text in GB18030 hardly ever is, so the file is UTF-8 with damaged lines."""
    valid = others = 0
    with path.open("rb") as stream:
        for line in stream:
            if not line.isascii():
                try:
                    line.decode("utf-8")
                    valid += 1
                except UnicodeDecodeError:
                    others += 1
    return valid > others


def transcode(path: Path, encoding: str, target: Path) -> Path:
    """A UTF-8 copy without byte-order mark of a file that is sound in its encoding."""
    with path.open(encoding=encoding, newline="") as source, target.open("w", encoding="utf-8", newline="") as copy:
        while text := source.read(_CHUNK):
            copy.write(text.removeprefix("\ufeff"))
    return target
