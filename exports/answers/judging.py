"""A second judgement beside the published one: dbt's own SQL, as the snapshot keeps it in its views, over changed rules and a changed calendar.

The views are made again, word for word, in a database in memory that has the same schemas. There every other table is a view onto the snapshot,
`reference.rules` holds the changed rules and `reference.calendar_exceptions` the changed days. So nothing is judged here, and nothing published is touched.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import duckdb

from exports.answers.asking import AnswerError, named, plain
from exports.answers.change import Row

_BESIDE = "changed"

VIEWS = (("reference", "calendar"), ("obligations", "duties"), ("obligations", "judged_duties"))
"""Made again in this order. The calendar too: working days are numbered by its SQL."""

REPLACED = ("rules", "calendar_exceptions")
"""The tables of `reference` that are copied and changed."""

CHOICES = {
    "kind": ("within", "at_least", "exactly", "before"),
    "unit": ("calendar_day", "working_day", "hour", "month"),
    "matching": ("same_record", "same_subject"),
    "if_earlier": ("met", "missed", "undecidable"),
}
"""What the judging SQL understands in a rule."""

_FIXED = ("measure", "transaction_type", "jurisdiction")
"""What makes a rule that rule: another one would be a new rule, not a changed one."""

_NUMBER = re.compile(r"[0-9]{1,4}")


@contextmanager
def judging(connection: duckdb.DuckDBPyConnection, rules: Iterable[Row], days: Iterable[Row]) -> Iterator[tuple[str, list[str]]]:
    """While this lasts, `obligations.judged_duties` of the connection judges by the changed rules and days, for the rules that they touch.

    Gives the catalogue of the snapshot, for comparing, and the rules touched. Raises AnswerError for a change that is none.
    """
    ((snapshot,),) = connection.execute("SELECT current_database()").fetchall()
    views = _views(connection, snapshot)
    connection.execute(f"ATTACH ':memory:' AS {_BESIDE} (READ_WRITE); USE {_BESIDE}")
    try:
        _look_through(connection, snapshot)
        touched = _change(connection, snapshot, rules, list(days))
        for sql in views:
            connection.execute(sql)
        yield snapshot, touched
    finally:
        connection.execute(f"USE {snapshot}; DETACH {_BESIDE}")


def _change(connection: duckdb.DuckDBPyConnection, snapshot: str, rules: Iterable[Row], days: list[Row]) -> list[str]:
    """Copy and change what is replaced, and keep only the rules that are touched."""
    for table in REPLACED:
        connection.execute(f"CREATE TABLE reference.{table} AS FROM {snapshot}.reference.{table}")
    touched = set(_change_rules(connection, rules))
    _change_days(connection, days)
    if days:
        counting = connection.execute("SELECT DISTINCT rule_id FROM reference.rules WHERE unit = 'working_day' OR rolls_over_holiday").fetchall()
        touched |= {rule for (rule,) in counting}
    connection.execute("DELETE FROM reference.rules WHERE NOT list_contains($touched, rule_id)", {"touched": sorted(touched)})
    return sorted(touched)


def _views(connection: duckdb.DuckDBPyConnection, snapshot: str) -> list[str]:
    kept = connection.execute("SELECT schema_name, view_name, sql FROM duckdb_views() WHERE database_name = ?", [snapshot]).fetchall()
    sql = {(schema, name): text for schema, name, text in kept}
    missing = [".".join(view) for view in VIEWS if view not in sql]
    if missing:
        raise AnswerError(f"the snapshot was made by another version (no view {named(missing)}); publish it again with `gongkai run`")
    return [sql[view] for view in VIEWS]


def _look_through(connection: duckdb.DuckDBPyConnection, snapshot: str) -> None:
    """Every table of the judging schemas as a view onto the snapshot's, except what is replaced."""
    tables = connection.execute(
        """
        SELECT schema_name, table_name FROM duckdb_tables()
        WHERE database_name = $snapshot AND schema_name IN ('events', 'meta', 'obligations', 'reference') AND NOT list_contains($replaced, table_name)
        """,
        {"snapshot": snapshot, "replaced": list(REPLACED)},
    ).fetchall()
    for schema, table in tables:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}; CREATE VIEW {schema}.{table} AS FROM {snapshot}.{schema}.{table}")


def _change_rules(connection: duckdb.DuckDBPyConnection, rules: Iterable[Row]) -> list[str]:
    """Write the changes into `reference.rules` and give the rules they name."""
    columns = [name for (name, *_) in connection.execute("DESCRIBE reference.rules").fetchall() if name != "subject"]
    versions: dict[str, list[int]] = dict(
        connection.execute("SELECT rule_id, list(version ORDER BY version) FROM reference.rules GROUP BY rule_id").fetchall()
    )
    fixed = {
        rule: dict(zip(_FIXED, map(list, zip(values)), strict=True))
        for rule, *values in connection.execute(f"SELECT DISTINCT rule_id, {', '.join(_FIXED)} FROM reference.rules").fetchall()
    }
    events = [name for (name,) in connection.execute("SELECT event_type FROM reference.event_types ORDER BY event_type").fetchall()]
    touched = []
    for row in rules:
        rule = str(row["rule_id"])
        _among("rule", rule, sorted(versions))
        for column in row:
            _among(f"{rule}: column", column, columns)
        for column, choices in (*CHOICES.items(), ("trigger_event", events), ("duty_event", events)):
            if column in row:
                _among(f"{rule}: {column}", row[column], choices)
        for column in _FIXED:
            if column in row:
                _among(f"{rule}: {column}", row[column], fixed[rule][column])
        for column in ("version", "amount"):
            if column in row and not _NUMBER.fullmatch(str(row[column])):
                raise AnswerError(f"{rule}: {column} {plain(row[column])!r} is no whole number from 0 to 9999")
        if "version" in row:
            _among(f"{rule}: version", int(row["version"]), versions[rule])
        _change_rule(connection, rule, row)
        touched.append(rule)
    _check_versions(connection)
    return touched


def _change_rule(connection: duckdb.DuckDBPyConnection, rule: str, row: Row) -> None:
    meant = "rule_id = $rule_id AND ($version IS NULL OR version = $version)"
    names = {"rule_id": rule, "version": int(row["version"]) if "version" in row else None}
    for column, value in row.items():
        if column in names:
            continue
        try:
            connection.execute(f"UPDATE reference.rules SET {column} = $value WHERE {meant}", {**names, "value": str(value)})
        except duckdb.ConversionException as error:
            raise AnswerError(f"{rule}: {column} cannot be {plain(value)!r}") from error


def _check_versions(connection: duckdb.DuckDBPyConnection) -> None:
    """Two versions that hold on one day would both be judged."""
    overlapping = connection.execute(
        """
        SELECT DISTINCT rule_id FROM reference.rules AS one JOIN reference.rules AS other USING (rule_id)
        WHERE one.version < other.version
          AND one.valid_from <= coalesce(other.valid_to, DATE '9999-12-31') AND other.valid_from <= coalesce(one.valid_to, DATE '9999-12-31')
        """
    ).fetchall()
    if overlapping:
        raise AnswerError(f"{named([rule for (rule,) in overlapping])}: two versions would hold on the same day; set valid_from and valid_to of both")


def _change_days(connection: duckdb.DuckDBPyConnection, days: list[Row]) -> None:
    """A changed day stands in the place of what any notice says of it; its year counts as published, as in the seed."""
    for row in days:
        try:
            (day, is_working_day), *_ = connection.execute("SELECT ?::DATE, ?::BOOLEAN", [str(row["day"]), str(row["is_working_day"])]).fetchall()
        except duckdb.ConversionException as error:
            raise AnswerError(
                f"calendar day {plain(row['day'])!r}, is_working_day {plain(row['is_working_day'])!r}: write 2017-10-09 and true or false"
            ) from error
        connection.execute("DELETE FROM reference.calendar_exceptions WHERE day = ?", [day])
        connection.execute(
            "INSERT INTO reference.calendar_exceptions (day, is_working_day, name, arranged_year, valid_from) VALUES ($day, $works, $name, year($day), DATE '2000-01-01')",
            {"day": day, "works": is_working_day, "name": str(row.get("name", "what-if"))},
        )


def _among(what: str, value: object, known: Iterable[object]) -> None:
    choices = list(known)
    if value not in choices:
        raise AnswerError(f"no {what} {plain(value)!r}; there are {named(choices)}")
