"""How frames are read from a snapshot: delivered texts cut to a length that can be shown."""

from collections.abc import Mapping

import duckdb
import polars as pl

LONGEST_TEXT = 200
"""Characters of a delivered text that are shown: a title may be as long as its sender liked."""


def shown(expression: str) -> str:
    """SQL of a delivered text as it is shown."""
    return f"CASE WHEN length({expression}) > {LONGEST_TEXT} THEN left({expression}, {LONGEST_TEXT - 1}) || '…' ELSE {expression} END"


LONGEST_PERSONAL_NAME = 4
"""Characters up to which a sanctioned body may be a person, whose name is not shown whole."""


def shown_body(name: str) -> str:
    """SQL of a body's name as it is shown; of a name as short as a person's, the family name alone."""
    whole = shown(f"coalesce({name}, '—')")
    return f"CASE WHEN length({name}) <= {LONGEST_PERSONAL_NAME} THEN left({name}, 1) || '**' ELSE {whole} END"


def frame(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame:
    """The rows of a query."""
    # Not `execute`: DuckDB 2 gives Arrow without a copy, and without a warning, from a relation only.
    return connection.sql(sql, params=dict(parameters or {})).pl()


def row(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object] | None = None) -> tuple:
    """The only row of an aggregate without GROUP BY."""
    # Fetched to the end: DuckDB 2 refuses further work while a result is unfinished.
    (only,) = connection.execute(sql, dict(parameters or {})).fetchall()
    return only
