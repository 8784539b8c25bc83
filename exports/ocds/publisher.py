"""What only the publisher of open data can say: the ocid prefix, the licence, where it is published. A file in the home that is theirs to edit."""

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from exports.documents.errors import DocumentError

FILE = "publisher.toml"
_DRAFT = """\
# 开放数据的发布者信息，由发布单位填写，不会被覆盖。What only the publisher can say; never overwritten.

# ocid 前缀须向 Open Contracting Partnership 登记；下面的前缀未登记，仅供试用。This prefix is not registered: ask for one of your own.
ocid_prefix = "ocds-gongka"
# 发布者名称；空则用数据来源的名称。Name of the publisher; empty: the labels of the sources.
name = ""
# 发布地址的前缀。Where the packages are published.
uri = "https://example.com/gongkai/"
# 许可协议的网址；空则不写。Address of the licence; empty: none is stated.
license = ""
"""


@dataclass(frozen=True)
class Publisher:
    ocid_prefix: str
    name: str
    uri: str
    license: str


def read_publisher(folder: Path) -> Publisher:
    """The publisher's file in the folder, written there where it is not yet. Raises DocumentError that names the line's key."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(_DRAFT, encoding="utf-8")
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DocumentError(f"{path}: {str(error).splitlines()[0]}; correct it, or remove the file to begin anew") from error
    for field in fields(Publisher):
        if not isinstance(told.get(field.name), str):
            raise DocumentError(f'{path}: {field.name} is missing or no text; write {field.name} = "…"')
    if not re.fullmatch(r"ocds-[a-z0-9]{6}", told["ocid_prefix"]):
        raise DocumentError(f"{path}: ocid_prefix {told['ocid_prefix']!r} is not ocds- and six letters or digits")
    if not re.fullmatch(r"https?://[^\s\"<>]+/", told["uri"]):
        raise DocumentError(f"{path}: uri {told['uri']!r} is no address that ends in /")
    return Publisher(**{field.name: told[field.name] for field in fields(Publisher)})
