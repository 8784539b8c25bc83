"""What was issued for a period, as it was issued: `HOME/issued/<period>/<edition>/`, append-only, and its way into the warehouse to be compared.

An edition is a folder that appears by one rename and is never changed: `statement.json` says what it is and the digest of each other file and of the
edition before it, so that an alteration shows. `rates.csv` is what was published; the Parquet files hold every obligation counted, and what it was judged
by: the rules, the holidays, the deliveries known. Delivery ids do not depend on the order of loading, so a statement outlives the warehouse it came from.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from sources.errors import SourceError
from sources.warehouse import open_warehouse

STATEMENT = "statement.json"
COMPARED = ("obligations", "rules", "holidays", "deliveries")
"""The Parquet files of an edition that are compared with the present: each goes into the table `meta.issued_<name>`, by its columns."""


class StatementAltered(SourceError):
    """A statement that is not as it was issued."""


@dataclass(frozen=True)
class Edition:
    """One edition of a period's statement: its folder, the digest of `statement.json`, and what that says."""

    folder: Path
    digest: str
    content: Mapping[str, Any]

    @property
    def period(self) -> str:
        return str(self.content["period"])

    @property
    def number(self) -> int:
        return int(self.content["edition"])


def issued_folder(home: Path) -> Path:
    """Where the statements of a home are kept."""
    return home / "issued"


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def editions(home: Path) -> list[Edition]:
    """Every edition of every period, by period and number, checked against its digests. Raises StatementAltered for one that is not as it was issued."""
    folders = [folder for folder in issued_folder(home).glob("*/*") if folder.name.isdigit()]
    found = [_read(folder) for folder in sorted(folders, key=lambda folder: (folder.parent.name, int(folder.name)))]
    for earlier, later in pairwise([None, *found]):
        before = earlier.digest if earlier and later and earlier.period == later.period else None
        if later and later.content["previous"] != before:
            raise StatementAltered(f"{later.folder}: does not follow the edition before it; restore {later.folder.parent} from a backup")
    return found


def _read(folder: Path) -> Edition:
    try:
        content = json.loads((folder / STATEMENT).read_text(encoding="utf-8"))
        files = content["files"]
        altered = [name for name, digest in files.items() if digest_of(folder / name) != digest]
        named = (content["period"], str(content["edition"])) == (folder.parent.name, folder.name)
    except (OSError, ValueError, KeyError) as error:
        raise StatementAltered(f"{folder}: cannot be read ({error}); restore it from a backup") from error
    if altered or not named:
        raise StatementAltered(f"{folder}: not as it was issued ({', '.join(altered) or STATEMENT}); restore it from a backup")
    return Edition(folder, digest_of(folder / STATEMENT), content)


def digest_of_all(found: list[Edition]) -> str:
    """Which editions there are, as a digest; empty where none is."""
    return hashlib.sha256("".join(edition.digest for edition in found).encode()).hexdigest()[:16] if found else ""


def load_issued(warehouse: Path, home: Path) -> str:
    """Bring `meta.issued_*` up to what is issued: every edition listed, the latest of each period with its rows. Gives the digest of all editions.

    Raises StatementAltered, and leaves the warehouse as it is.
    """
    found = editions(home)
    latest = {edition.period: edition for edition in found}
    with open_warehouse(warehouse) as connection:
        known = connection.execute("SELECT digest FROM meta.issued_statements ORDER BY period, edition").fetchall()
        if [digest for (digest,) in known] == [edition.digest for edition in found]:
            return digest_of_all(found)
        connection.execute("BEGIN; DELETE FROM meta.issued_statements")
        for edition in found:
            _enter(connection, edition, is_current=latest[edition.period] is edition)
        for name in COMPARED:
            connection.execute(f"DELETE FROM meta.issued_{name}")
            columns = [column for (column, *_) in connection.execute(f"DESCRIBE meta.issued_{name}").fetchall() if column != "period"]
            for edition in latest.values():
                connection.execute(
                    f"INSERT INTO meta.issued_{name} (period, {', '.join(columns)}) SELECT ?, {', '.join(columns)} FROM read_parquet(?)",
                    [edition.period, str(edition.folder / f"{name}.parquet")],
                )
        connection.execute("COMMIT")
    return digest_of_all(found)


def _enter(connection: duckdb.DuckDBPyConnection, edition: Edition, *, is_current: bool) -> None:
    columns = (
        *("period", "period_kind", "period_start", "period_end", "edition", "issued_at", "reason", "snapshot", "as_of", "known_at", "obligations"),
    )
    connection.execute(
        f"INSERT INTO meta.issued_statements ({', '.join(columns)}, digest, is_current) VALUES ({', '.join('?' * (len(columns) + 2))})",
        [*(edition.content[column] for column in columns), edition.digest, is_current],
    )
