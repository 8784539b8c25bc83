"""Zip files without the times at which their members were written: the same content gives the same bytes."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

_THE_FIRST_TIME = (1980, 1, 1, 0, 0, 0)


def fix_times(path: Path) -> None:
    """Write the archive again with the same members in the same order, each dated to the first day that a zip file can tell."""
    with zipfile.ZipFile(path) as written:
        write_zip(path, [(member.filename, written.read(member)) for member in written.infolist()])


def write_zip(path: Path, members: Iterable[tuple[str, bytes]], *, level: int = 6) -> Path:
    """An archive of the members in their order, each taken when its turn comes; written beside and renamed. Parquet is compressed already."""
    part = path.with_suffix(path.suffix + ".fixed")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as fixed:
        for name, content in members:
            told = zipfile.ZipInfo(name, _THE_FIRST_TIME)
            told.compress_type = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
            told.external_attr = 0o600 << 16
            fixed.writestr(told, content, compresslevel=level)
    return part.replace(path)
