"""ZIP and TAR archives of a delivery: safe members are extracted, the others refused by name."""

import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from sources.deliveries import readable_name
from sources.errors import UnreadableFile
from sources.readers.records import Refusal

_MAXIMUM_BYTES = 4 << 30
_MAXIMUM_RATIO = 200
_UTF8_NAME = 0x800
_NESTED = (".zip", ".tar", ".gz", ".tgz", ".rar", ".7z")


@dataclass(frozen=True)
class Extraction:
    """The files that were extracted, and the members that were not."""

    paths: list[Path] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def extract(path: Path, into: Path) -> Extraction:
    """Extract the safe members of an archive. Raises UnreadableFile when the archive itself is damaged or explodes."""
    extraction = Extraction()
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    if not member.is_dir():
                        name = _member_name(member)
                        if member.file_size > _MAXIMUM_RATIO * max(member.compress_size, 1) and member.file_size > (64 << 20):
                            _refuse(path, extraction, name, "archive_bomb", "unpacks to far more than it weighs")
                            continue
                        _take(path, extraction, name, into, partial(archive.open, member))
        else:
            with tarfile.open(path) as archive_file:
                for entry in archive_file:
                    if entry.isdir():
                        continue
                    if not entry.isfile():
                        _refuse(path, extraction, entry.name, "unsafe_path", "a link or device is not taken")
                        continue
                    _take(path, extraction, entry.name, into, partial(archive_file.extractfile, entry))
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile("unreadable_archive", f"{path.name}: the archive is damaged or encrypted ({error}); pack it again") from error
    return extraction


def _member_name(member: zipfile.ZipInfo) -> str:
    """The name as the archive has it: one that is not marked as UTF-8, zipfile has decoded as cp437, whatever it was."""
    return member.filename if member.flag_bits & _UTF8_NAME else os.fsdecode(member.filename.encode("cp437"))


def _take(path: Path, extraction: Extraction, name: str, into: Path, open_member: Callable[[], IO[bytes] | None]) -> None:
    member = PurePosixPath(name.replace("\\", "/"))
    target = into.joinpath(*member.parts)
    if not member.parts or member.is_absolute() or ".." in member.parts or ":" in name:
        _refuse(path, extraction, name, "unsafe_path", "its path leads out of the archive; pack it with plain relative names")
    elif member.name.lower().endswith(_NESTED):
        _refuse(path, extraction, name, "nested_archive", "an archive inside an archive is not opened; pack the files directly")
    elif target in extraction.paths:
        _refuse(path, extraction, name, "repeated_member", "another member has the same path; pack each file once")
    else:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            source = open_member()
            assert source is not None
            with source, target.open("wb") as copy:
                _copy(source, copy, _MAXIMUM_BYTES - sum(file.stat().st_size for file in extraction.paths))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            if target.is_file():
                target.unlink()
            # The text of an OSError would name a path of this machine.
            why = error.strerror or error if isinstance(error, OSError) else error
            _refuse(path, extraction, name, "unreadable_member", f"it cannot be unpacked ({why}); pack it again")
        else:
            extraction.paths.append(target)


def _copy(source: IO[bytes], copy: IO[bytes], room: int) -> None:
    while chunk := source.read(1 << 20):
        room -= len(chunk)
        if room < 0:
            raise OSError(f"the archive unpacks to more than {_MAXIMUM_BYTES >> 30} GB")
        copy.write(chunk)


def _refuse(path: Path, extraction: Extraction, name: str, rule: str, what: str) -> None:
    shown = readable_name(name)
    extraction.refusals.append(Refusal(None, None, shown, rule, f"{path.name}, member {shown}: {what}"))
