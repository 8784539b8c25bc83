"""A zip file without the times at which its members were written: the same content gives the same bytes."""

import zipfile
from pathlib import Path

_THE_FIRST_TIME = (1980, 1, 1, 0, 0, 0)


def fix_times(path: Path) -> None:
    """Write the archive again with the same members in the same order, each dated to the first day that a zip file can tell."""
    part = path.with_suffix(path.suffix + ".fixed")
    with zipfile.ZipFile(path) as written, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as fixed:
        for member in written.infolist():
            told = zipfile.ZipInfo(member.filename, _THE_FIRST_TIME)
            told.compress_type, told.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            fixed.writestr(told, written.read(member))
    part.replace(path)
