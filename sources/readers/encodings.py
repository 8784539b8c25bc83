"""Which encoding a text is in, decided strictly and never guessed: as declared, by BOM, UTF-8, GB18030, in this order."""

import codecs
from collections.abc import Sequence
from pathlib import Path

from sources.errors import UnreadableFile

UTF_8, GB18030 = "utf-8", "gb18030"
_CHUNK = 1 << 20
_BOMS = ((codecs.BOM_UTF8, UTF_8), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (b"\x84\x31\x95\x33", GB18030))
_GB_FAMILY = {"gb2312", "gbk", "gb18030", "cp936"}


def byte_order_mark(head: bytes) -> tuple[str | None, int]:
    """The encoding that a byte order mark names, and the length of the mark; (None, 0) without one."""
    return next(((name, len(mark)) for mark, name in _BOMS if head.startswith(mark)), (None, 0))


def declared(name: str | None, path: Path) -> str | None:
    """The declared encoding by its usual name; GBK and GB2312 are read as their superset GB18030. Raises UnreadableFile for an unknown name."""
    if name is None:
        return None
    try:
        known = codecs.lookup(name).name
    except LookupError:
        raise UnreadableFile("unknown_encoding", f"{path.name}: the declared encoding {name!r} is unknown; declare utf-8 or gb18030") from None
    if known in _GB_FAMILY:
        return GB18030
    return UTF_8 if known == "utf-8-sig" else known


def is_valid(path: Path, encoding: str, limit: int | None = None) -> bool:
    """Whether the file, or its first ``limit`` bytes, is valid in the encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    left = limit
    try:
        with path.open("rb") as stream:
            while left is None or left > 0:
                chunk = stream.read(_CHUNK if left is None else min(_CHUNK, left))
                if not chunk:
                    decoder.decode(b"", final=True)
                    return True
                decoder.decode(chunk)
                left = None if left is None else left - len(chunk)
    except UnicodeDecodeError:
        return False
    return True


def transcode(path: Path, encoding: str, target: Path) -> bool:
    """Write the file as UTF-8 without a byte order mark, chunk by chunk; False when it is not valid in its encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as source, target.open("wb") as copy:
            first = True
            while True:
                chunk = source.read(_CHUNK)
                text = decoder.decode(chunk, final=not chunk)
                copy.write((text.removeprefix("\ufeff") if first else text).encode())
                first = first and not text
                if not chunk:
                    return True
    except UnicodeError:
        return False


def encoding_of(lines: Sequence[bytes], path: Path) -> str:
    """The encoding of undeclared lines of which some may be damaged: UTF-8 when lines beyond ASCII are valid in it, otherwise GB18030.

    Raises UnreadableFile (``unknown_encoding``) when hardly a line is valid in either.
    """
    beyond_ascii = [line for line in lines if not line.isascii()]
    as_utf_8 = sum(_decodes(line, UTF_8) for line in beyond_ascii)
    as_gb18030 = sum(_decodes(line, GB18030) for line in beyond_ascii)
    if as_utf_8 == len(beyond_ascii):
        return UTF_8
    if as_gb18030 == len(beyond_ascii) and as_utf_8 * 2 < len(beyond_ascii):
        return GB18030
    # A file of both: text in UTF-8 is hardly ever so by chance, while most bytes make some GB18030.
    if as_utf_8 and as_utf_8 * 10 >= len(beyond_ascii):
        return UTF_8
    if as_gb18030 * 2 > len(beyond_ascii):
        return GB18030
    raise UnreadableFile("unknown_encoding", f"{path.name}: neither UTF-8 nor GB18030; save the file as UTF-8 and deliver it again")


def whole_text(data: bytes, declared_encoding: str | None, path: Path) -> tuple[str, str]:
    """A whole file as text, and its encoding. Raises UnreadableFile naming the byte that does not fit."""
    marked, length = byte_order_mark(data[:4])
    candidates = [name for name in (marked, declared_encoding) if name][:1] or [UTF_8, GB18030]
    for encoding in candidates:
        try:
            return data[length:].decode(encoding), encoding
        except UnicodeDecodeError as error:
            place = f"byte {error.start + length + 1}, line {data.count(b'\n', 0, error.start) + 1}" if encoding == candidates[0] else ""
            first = place or first
    raise UnreadableFile("not_utf8" if candidates[0] == UTF_8 else "unknown_encoding", f"{path.name}: not valid {candidates[0]} at {first}; save the file as UTF-8 and deliver it again")


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
