"""What every question shares: the published snapshot, the place asked about, and lines on a terminal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
from rich.cells import cell_len

from dashboards.labels import LANGUAGES, Language, label
from dashboards.snapshot import reading
from exports.publication import WAREHOUSE, current_snapshot

Tongues = tuple[Language, ...]

SHOWN = 12
"""How many of what exists an error names."""


class AnswerError(Exception):
    """A question that cannot be answered as it was asked; the message is one line that says what can be."""


@contextmanager
def asking(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The snapshot that readers of a home see, read-only. Raises AnswerError when nothing was published, SnapshotError when it cannot be read."""
    snapshot = current_snapshot(home)
    if snapshot is None:
        raise AnswerError(f"{home}: nothing published yet; publish with `gongkai run --home {home}`")
    with reading(snapshot / WAREHOUSE) as connection:
        yield connection


def said(key: str, tongues: Tongues, **values: object) -> str:
    """A label in these languages, one after the other."""
    return " ".join(label(key, tongue, **values) for tongue in tongues)


def both(key: str, **values: object) -> str:
    """A label in Chinese, then in English."""
    return said(key, LANGUAGES, **values)


def plain(text: object) -> str:
    """Delivered text as one line: what a terminal would obey instead of show becomes a blank."""
    return "".join(character if character.isprintable() else " " for character in str(text))


def named(things: Sequence[object]) -> str:
    """The first of what exists, for an error."""
    return ", ".join(plain(thing) for thing in things[:SHOWN]) + (f", … ({len(things)})" if len(things) > SHOWN else "")


def table(rows: Sequence[Sequence[object]], right: frozenset[int] = frozenset()) -> list[str]:
    """Rows as aligned lines, a Chinese character being two columns wide; `right` holds the columns aligned to the right."""
    texts = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*texts, strict=True)]
    return ["  ".join(_padded(text, widths[place], place in right) for place, text in enumerate(row)).rstrip() for row in texts]


def _padded(text: str, width: int, right: bool) -> str:
    blank = " " * (width - cell_len(text))
    return blank + text if right else text + blank


def members_of(connection: duckdb.DuckDBPyConnection, place: str) -> dict[str, str]:
    """The regions of the snapshot that are the place or lie in it, by code with their names; the place is a code or a name.

    Raises AnswerError for a place that the snapshot does not have, and for a name that several places bear.
    """
    members = connection.execute(
        """
        WITH lying AS (
            SELECT region_code, name, region_code AS above FROM marts.regions
            UNION SELECT marts.regions.region_code, marts.regions.name, unnest([city_code, province_code])
            FROM marts.regions JOIN reference.regions AS known USING (region_code)
        ), called AS (
            SELECT region_code AS above, name FROM marts.regions
            UNION SELECT region_code, unnest([name, label, full_name, region_code]) FROM reference.regions
            UNION SELECT region_code, region_code FROM marts.regions
        )
        SELECT above, map_from_entries(list((region_code, lying.name) ORDER BY region_code))
        FROM lying JOIN (SELECT DISTINCT above FROM called WHERE name = $place) AS asked USING (above) GROUP BY above ORDER BY above
        """,
        {"place": place},
    ).fetchall()
    if not members:
        known = connection.execute("SELECT region_code || ' ' || name FROM marts.regions ORDER BY region_code").fetchall()
        raise AnswerError(f"no region {plain(place)!r} in the snapshot; there are {named([name for (name,) in known])}")
    if len(members) > 1:
        raise AnswerError(f"{plain(place)!r} is the name of several regions; say which by its code: {named([code for code, _ in members])}")
    found: dict[str, str] = members[0][1]
    return found
