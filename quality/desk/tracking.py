"""Follows findings over time: what this audit opened, closed and opened again is entered in the log, and the tables of the desk are made from the log.

``quality.tracked_findings``: one row for each finding ever seen. ``quality.finding_events``: one row for each time that one was opened, closed or opened
again. ``quality.desk_actions``: one row for each action of the log. ``quality.rectification``: one row for period, region, data set and dimension.
``quality.tracking``: one row, which audit was followed and up to which entry of the log.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from quality.desk import sightings
from quality.desk.log import DeskLog, Head
from quality.desk.sampling import write_samples
from quality.desk.sightings import COLUMNS, DESCRIPTION
from quality.desk.tables import desk_tables
from quality.desk.texts import check_kind

_ACTION_COLUMNS = {
    "number": "BIGINT", "acted_at": "TIMESTAMPTZ", "as_of": "DATE", "batch": "VARCHAR", "finding_id": "VARCHAR", "action": "VARCHAR", "from_state": "VARCHAR",
    "state": "VARCHAR", "state_since": "DATE", "actor": "VARCHAR", "actor_role": "VARCHAR", "reason": "VARCHAR", "assignee": "VARCHAR",
    "due_on": "DATE", "accepted_until": "DATE",
}  # fmt: skip
_SIGHTING_COLUMNS = {"number": "BIGINT", "as_of": "DATE", "known_at": "DATE", "sha256": "VARCHAR"}
_EVENTS = ("opened", "closed", "reopened")


@dataclass(frozen=True)
class Sighting:
    """What an audit saw: how many findings it opened, closed and opened again, how many are open, and whether the log has it. ``blocking``: the label of each
    check of a blocking severity with how many findings of it were opened or opened again, the most first.

    A run for an earlier day than one before looks back: it is shown, and not entered.
    """

    opened: int
    closed: int
    reopened: int
    is_open: int
    is_kept: bool
    blocking: list[tuple[str, int]]


def follow(
    warehouse: Path,
    folder: Path,
    *,
    run_id: str,
    as_of: date,
    known_at: date,
    scratch: Path,
    memory_limit: str = "1GB",
    anchors: Mapping[str, Head] | None = None,
) -> Sighting:
    """Follow the findings of the audit that stands in ``warehouse``, keep what is new in ``folder`` (``desk_folder``), and make the desk's tables.

    Repeated with the same audit it enters nothing more and gives the same tables. Raises LogAltered.
    """
    log = DeskLog(folder)
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="audit-") as temporary:
        settings: dict[str, Any] = {"memory_limit": memory_limit, "threads": "2", "temp_directory": temporary, "autoload_known_extensions": "false"}
        contents = Path(temporary) / "log.jsonl"
        log.verify(anchors, contents_to=contents)
        with duckdb.connect(str(warehouse), config=settings) as connection:
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            _read_log(connection, contents, folder, as_of, known_at)
            _compare(connection)
            found, blocking = _counts(connection), _blocking(connection)
            looks_back = _one(connection, "SELECT count(*) FROM later_sightings") > 0
            if not looks_back and _is_news(connection, as_of, known_at):
                sha256 = sightings.keep(connection, "news", folder)
                entry = {
                    "kind": "sighting", "run_id": run_id, "as_of": as_of.isoformat(), "known_at": known_at.isoformat(), "sha256": sha256,
                    **{event: found[event] for event in _EVENTS}, "open": found["open"],
                }  # fmt: skip
                log.append(lambda _: [entry])
            # The log may have grown since it was read, by what people do; the tables tell of one moment.
            head = log.verify(anchors, contents_to=contents)
            _read_log(connection, contents, folder, as_of, known_at)
            _compare(connection)
            connection.execute("BEGIN")
            for statement in desk_tables(as_of):
                connection.execute(statement)
            write_samples(connection, log, as_of, head.number)
            connection.execute(
                "CREATE OR REPLACE TABLE quality.tracking AS SELECT $1 AS run_id, $2::DATE AS as_of, $3::BIGINT AS entries",
                [run_id, as_of, head.number],
            )
            connection.execute("COMMIT")
    return Sighting(found["opened"], found["closed"], found["reopened"], found["open"], not looks_back, blocking)


def verify_log(log: DeskLog, anchors: Mapping[str, Head]) -> Head:
    """Check the log and every file that it names; gives its last entry. Raises LogAltered."""
    head = log.verify(anchors)
    sightings.checked_files(log.folder, (entry.content for entry in log.entries() if entry.content["kind"] == "sighting"))
    return head


def followed_entries(warehouse: Path) -> int | None:
    """Up to which entry of the log the desk's tables tell; None when the audit that stands in the warehouse was not followed."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'quality'").fetchall()}
        if not {"tracking", "checks"} <= tables:
            return None
        row = connection.execute(
            "SELECT entries FROM quality.tracking WHERE run_id = (SELECT max(run_id) FROM quality.checks) OR NOT EXISTS (FROM quality.checks)"
        ).fetchone()
    return int(row[0]) if row else None


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None, "an aggregate without GROUP BY always gives a row"
    return int(row[0])


def _fields(columns: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items()) + "}"


def _read_log(connection: duckdb.DuckDBPyConnection, contents: Path, folder: Path, as_of: date, known_at: date) -> None:
    """Temporary tables of what the log says up to the day: ``log_actions``, ``log_sightings``, and ``seen``, the rows of the sightings' files."""
    for name, columns, condition in (
        ("log_actions", _ACTION_COLUMNS, "kind = 'action' AND as_of <= $1::DATE"),
        ("all_sightings", _SIGHTING_COLUMNS, "kind = 'sighting' AND as_of IS NOT NULL AND $1::DATE IS NOT NULL"),
    ):
        # The path cannot be a parameter beside another one of a CREATE.
        source = f"read_json('{str(contents).replace(chr(39), chr(39) * 2)}', format = 'newline_delimited', columns = {_fields({'kind': 'VARCHAR', **columns})})"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {', '.join(columns)} FROM {source} WHERE {condition}", [as_of])
    is_later = "as_of > $1::DATE OR known_at > $2::DATE"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE later_sightings AS FROM all_sightings WHERE {is_later}", [as_of, known_at])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE log_sightings AS FROM all_sightings WHERE NOT ({is_later})", [as_of, known_at])
    rows = [
        {"number": number, "sha256": sha256}
        for number, sha256 in connection.execute("SELECT number, sha256 FROM log_sightings ORDER BY number").fetchall()
    ]
    files = sightings.checked_files(folder, rows)
    columns = {"number": "BIGINT", "as_of": "DATE"} | COLUMNS
    connection.execute(f"CREATE OR REPLACE TEMP TABLE seen ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    if files:
        # By the file's name: two audits that saw the same share a file.
        connection.execute(
            f"""INSERT INTO seen SELECT s.number, s.as_of, {", ".join(f"f.{name}" for name in COLUMNS)}
            FROM read_parquet($1, filename = true) AS f JOIN log_sightings AS s ON s.sha256 = parse_filename(f.filename, true)""",
            [sorted({str(path) for _, path in files})],
        )


def _compare(connection: duckdb.DuckDBPyConnection) -> None:
    """``news``: what the audit that stands in the warehouse changes of what was seen before, and which checks it asked."""
    connection.execute("CREATE OR REPLACE TEMP TABLE kinds (check_id VARCHAR, kind VARCHAR)")
    kinds = [
        (check_id, check_kind(check_id, dataset))
        for check_id, dataset in connection.execute("SELECT check_id, dataset FROM quality.checks").fetchall()
    ]
    connection.execute(
        "INSERT INTO kinds SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[])", [[name for name, _ in kinds], [kind for _, kind in kinds]]
    )
    described = ", ".join(f"{'k' if name == 'kind' else 'c' if name in ('label', 'dimension') else 'f'}.{name}" for name in DESCRIPTION)
    nothing = ", ".join(f"NULL AS {name}" for name in DESCRIPTION if name != "check_id")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE found AS
        SELECT f.finding_id, {described} FROM quality.findings AS f JOIN quality.checks AS c USING (check_id) JOIN kinds AS k USING (check_id)""")
    connection.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT check_id FROM quality.checks WHERE error IS NULL")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE stood AS
        SELECT finding_id, arg_max(event, number) AS event, arg_max(check_id, number) AS check_id FROM seen WHERE event <> 'asked' GROUP BY finding_id""")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE news AS
        SELECT CASE WHEN s.finding_id IS NULL THEN 'opened' ELSE 'reopened' END AS event, f.* FROM found AS f LEFT JOIN stood AS s USING (finding_id)
        WHERE s.event IS NULL OR s.event = 'closed'
        UNION ALL BY NAME
        SELECT 'closed' AS event, s.finding_id, s.check_id, {nothing} FROM stood AS s SEMI JOIN asked USING (check_id) ANTI JOIN found USING (finding_id)
        WHERE s.event <> 'closed'
        UNION ALL BY NAME
        SELECT 'asked' AS event, NULL AS finding_id, check_id, {nothing} FROM asked""")


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    counted = dict(connection.execute("SELECT event, count(*) FROM news GROUP BY event").fetchall())
    before = _one(connection, "SELECT count(*) FROM stood WHERE event <> 'closed'")
    counts = {event: int(counted.get(event, 0)) for event in _EVENTS}
    return counts | {"open": before + counts["opened"] + counts["reopened"] - counts["closed"]}


def _blocking(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    opened = "SELECT label, count(*) AS findings FROM news WHERE event IN ('opened', 'reopened') AND severity <> 'warn' GROUP BY label"
    return connection.execute(f"{opened} ORDER BY findings DESC, label").fetchall()


def _is_news(connection: duckdb.DuckDBPyConnection, as_of: date, known_at: date) -> bool:
    """Whether the log has not this very sighting as its last: a run that was killed after entering it, and is run again, enters nothing."""
    same = "SELECT number FROM log_sightings WHERE as_of = $1 AND known_at = $2 AND number = (SELECT max(number) FROM log_sightings)"
    last = connection.execute(same, [as_of, known_at]).fetchone()
    if last is None or _one(connection, "SELECT count(*) FROM news WHERE event <> 'asked'"):
        return True
    before = "SELECT check_id FROM seen WHERE event = 'asked' AND number = $1"
    differing = connection.execute(
        f"SELECT count(*) FROM (({before} EXCEPT FROM asked) UNION ALL (FROM asked EXCEPT {before}))", [last[0]]
    ).fetchone()
    return differing is not None and differing[0] > 0
