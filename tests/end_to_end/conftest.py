"""Published tables as they are compared: without what differs between two runs that tell the same."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

#: Which run, when it was received, when it ran, how long it took.
OF_THE_RUN = frozenset({"run_id", "received_at", "started_at", "finished_at", "run_at", "seconds", "duration", "duration_seconds"})


@pytest.fixture(scope="session")
def table_digests() -> Callable[[Path], dict[str, str]]:
    """Digest of the ordered rows of every table of a warehouse file, by ``schema.table``."""

    def digests(warehouse: Path) -> dict[str, str]:
        found = {}
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            columns = connection.execute(
                "SELECT schema_name, table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() "
                "SEMI JOIN duckdb_tables() USING (schema_name, table_name) WHERE NOT internal GROUP BY ALL"
            ).fetchall()
            for schema, table, names in columns:
                kept = ", ".join(f'"{name}"' for name in names if name not in OF_THE_RUN)
                answer = connection.execute(
                    f"SELECT count(*) || ' ' || coalesce(md5(string_agg(line, chr(10) ORDER BY line)), '') "
                    f'FROM (SELECT row({kept})::VARCHAR AS line FROM "{schema}"."{table}")'
                ).fetchone()
                assert answer is not None
                found[f"{schema}.{table}"] = answer[0]
        return found

    return digests
