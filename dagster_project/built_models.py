"""From which models, and as of which day, the working warehouse was last built to the end; it says so itself, so one put in its place says its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

# A source's region and jurisdiction stand in what was made of its records.
_SOURCES = "SELECT md5(string_agg(s::VARCHAR, chr(10) ORDER BY source_id)) FROM meta.sources AS s"


@dataclass(frozen=True)
class LastBuild:
    """What a build may rely on. ``same_models``: all that no data changes stands; ``goes_on``: so does whatever the new deliveries do not touch.

    ``prepared``: the warehouse is a copy of the prepared one, which no run has built yet.
    """

    same_models: bool
    goes_on: bool
    prepared: bool = False


def begin_build(warehouse: Path, digest: str, as_of: date, known_at: date) -> LastBuild:
    """Compare the last build with the one that begins. Until ``end_build`` the warehouse is not whole: a build that is killed is done again from the ground.

    Notices linked by their titles may be linked otherwise when another title comes: where there are any, nothing is gone on from. Nor is an earlier day
    told from what a later one knew.
    """
    with duckdb.connect(str(warehouse)) as connection:
        same_models, same_sources, linked, prepared = False, False, False, False
        remembered = connection.execute(
            f"SELECT built_from = ?, coalesce(sources = ({_SOURCES}) AND as_of <= ? AND known_at <= ?, false), as_of IS NULL FROM meta.last_build WHERE is_whole",
            [digest, as_of, known_at],
        )
        if row := remembered.fetchone():
            same_models, same_sources, prepared = row
            linked = same_sources and bool(connection.execute("FROM events.notice_links LIMIT 1").fetchall())
        connection.execute("UPDATE meta.last_build SET is_whole = false")
        # What was found true of the tables that stood here says nothing of those that will.
        connection.execute("DROP TABLE IF EXISTS quality.checks")
    return LastBuild(bool(same_models), bool(same_models and same_sources and not linked), bool(same_models and prepared))


#: A model that has no row unless this data set was delivered, or a period was issued, says so with a tag: ``only_with_DISCLOSURE_REGISTER``.
ONLY_WITH = "only_with_"


def without_rows(warehouse: Path, tags: Iterable[str]) -> list[str]:
    """Those of the tags whose models have no row in this warehouse, because nothing was delivered that they speak of."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        delivered = connection.execute(
            "SELECT dataset FROM meta.deliveries UNION SELECT 'issued_statements' WHERE EXISTS (FROM meta.issued_statements)"
        ).fetchall()
    present = {f"{ONLY_WITH}{name}" for (name,) in delivered}
    return sorted({tag for tag in tags if tag.startswith(ONLY_WITH)} - present)


def remember_settled(warehouse: Path, digest: str) -> None:
    """Remember that what no data changes was built from models of this digest, and nothing else yet."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("DELETE FROM meta.last_build; INSERT INTO meta.last_build VALUES (?, NULL, NULL, NULL, true)", [digest])


def end_build(warehouse: Path, digest: str, as_of: date, known_at: date) -> None:
    """Remember that everything was built from models of this digest, as of this day, of all the deliveries."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("BEGIN; DELETE FROM meta.last_build; DELETE FROM meta.modelled_deliveries")
        connection.execute(f"INSERT INTO meta.last_build SELECT ?, ?, ?, ({_SOURCES}), true", [digest, as_of, known_at])
        connection.execute("INSERT INTO meta.modelled_deliveries SELECT delivery_number FROM meta.deliveries")
        if connection.execute("FROM duckdb_tables() WHERE schema_name = 'events' AND table_name = 'touched_subjects'").fetchall():
            # Who was made again depends on what was built before; it is of use to this build alone, and no part of what is published.
            connection.execute("DELETE FROM events.touched_subjects")
        connection.execute("COMMIT")
