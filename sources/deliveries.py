"""What lies in a delivery folder: files, the sender's own statement about them, and their content hashes."""

import fnmatch
import hashlib
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sources.definitions import Dataset, dataset_for_file
from sources.errors import SourceError

STATEMENT = "delivery.toml"
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
#: What Windows and its office programs put beside the files and hide from people there; names that begin with a dot are hidden here.
_HIDDEN = ("~$*", "thumbs.db", "desktop.ini", ".*")


class DeliveryError(SourceError):
    """A delivery folder that cannot be taken at all: missing, or with an unreadable statement."""


@dataclass(frozen=True)
class Statement:
    """What the sender says about a delivery in ``delivery.toml``; every part is optional."""

    source_id: str | None = None
    label: str | None = None
    region_code: str | None = None
    jurisdiction: str = "CN"
    as_of: date | None = None
    encoding: str | None = None
    covers_from: date | None = None
    covers_to: date | None = None
    not_data: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class DeliveredFile:
    """One file: where it is, its name relative to the delivery, and what tells whether it was seen before."""

    path: Path
    name: str
    size_bytes: int
    modified_ns: int

    @property
    def dataset(self) -> Dataset | None:
        """The data set that its name stands for; None when it stands for none."""
        return dataset_for_file(Path(self.name).name.split(".")[0])


def read_statement(folder: Path) -> Statement:
    """The sender's statement; an empty one when there is none. Raises DeliveryError when it cannot be understood."""
    # The readers are heavy: only a statement that names an encoding needs one.
    from sources.readers.encodings import canonical_encoding

    path = folder / STATEMENT
    if not path.exists():
        return Statement()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeliveryError(f"{path}: not valid TOML ({error}); correct it or remove it") from error
    for key in ("as_of", "covers_from", "covers_to"):
        if key in content:
            content[key] = _as_date(path, key, content[key])
    not_data = content.pop("not_data", [])
    if not isinstance(not_data, list) or not all(isinstance(name, str) for name in not_data):
        raise DeliveryError(f'{path}: not_data = {not_data!r} is no list of file names; write ["name.csv"]')
    unknown = sorted(set(content) - set(Statement.__dataclass_fields__))
    if unknown:
        raise DeliveryError(f"{path}: unknown key {unknown[0]}; known keys are {', '.join(Statement.__dataclass_fields__)}")
    for key, value in content.items():
        if not isinstance(value, str | date):
            raise DeliveryError(f"{path}: {key} = {value!r} is no text; write it between quotes")
    if "encoding" in content and canonical_encoding(content["encoding"]) is None:
        raise DeliveryError(f"{path}: encoding = {content['encoding']!r} is not read; write utf-8 or gb18030")
    statement = Statement(**content, not_data=tuple(not_data))
    if statement.covers_from and statement.covers_to and statement.covers_to < statement.covers_from:
        raise DeliveryError(f"{path}: covers_to = {statement.covers_to} lies before covers_from = {statement.covers_from}; exchange or correct them")
    return statement


def _as_date(path: Path, key: str, value: object) -> date:
    # A moment is a date to Python.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise DeliveryError(f"{path}: {key} = {value!r} is no date; write YYYY-MM-DD") from error


def delivered_files(folder: Path, statement: Statement) -> Iterator[DeliveredFile]:
    """Every file below the folder, in name order, without hidden files, the statement and what it calls no data."""
    if not folder.is_dir():
        raise DeliveryError(f"{folder}: no such delivery folder; name an existing folder with --deliveries")
    for file in visible_files(folder):
        if file.path.name != STATEMENT and file.name not in statement.not_data:
            yield file


def visible_files(folder: Path) -> Iterator[DeliveredFile]:
    """All that people see in a folder and below it, the sender's statement too, by name; nothing for a folder that is not there."""
    for path in sorted(folder.rglob("*")):
        name = readable_name(path.relative_to(folder).as_posix())
        if path.is_file() and not is_hidden(name):
            status = path.stat()
            yield DeliveredFile(path, name, status.st_size, status.st_mtime_ns)


def is_hidden(name: str) -> bool:
    """Whether a file, or a folder above it, is one that people do not see where it comes from."""
    return any(fnmatch.fnmatch(part.lower(), pattern) for part in Path(name).parts for pattern in _HIDDEN)


def readable_name(name: str) -> str:
    """A file name as text: names that are no UTF-8 are most often GB18030, the names of archives packed on a Chinese Windows."""
    if name.isprintable() and name.isascii():
        return name
    encoded = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return encoded.decode(encoding)
        except UnicodeDecodeError:
            continue
    return encoded.decode("utf-8", "backslashreplace")


def is_archive(name: str) -> bool:
    """Whether a file is opened and its members taken as files of the delivery."""
    return name.lower().endswith(ARCHIVES)


def sha256_of(path: Path) -> str:
    """The hex digest of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
