"""The floor: DuckDB alone loads the files of a simulated city into typed tables. Run as ``python typed_load.py DELIVERIES DATABASE``."""

import csv
import sys
from pathlib import Path

import duckdb

from sources.definitions import MESSAGE_COLUMNS, dataset_for_file

_TYPED = {
    "date": "CAST(try_strptime({0}, '%Y%m%d') AS DATE)",
    "instant": "CAST(try_strptime({0}, '%Y%m%d%H%M%S') AS TIMESTAMPTZ)",
    "integer": "try_cast({0} AS BIGINT)",
    "decimal": "try_cast({0} AS DECIMAL(20, 6))",
    "flag": "try_cast({0} AS BOOLEAN)",
}


def main(deliveries: Path, database: Path) -> None:
    """One CREATE TABLE AS a file, nothing else: no check, no ledger, no duplicate found."""
    with duckdb.connect(str(database), config={"threads": 2, "memory_limit": "1500MB"}) as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        for path in sorted(deliveries.rglob("*.csv")):
            dataset = dataset_for_file(path.stem)
            assert dataset is not None
            with path.open(encoding="utf-8", newline="") as stream:
                headings = next(csv.reader(stream))
            columns = ", ".join(f"'{heading}': 'VARCHAR'" for heading in headings)
            types = {column.national: column.type for column in dataset.columns} | dict.fromkeys(MESSAGE_COLUMNS, "text")
            typed = ", ".join(f"{_TYPED.get(types[heading], '{0}').format(heading)} AS {heading}" for heading in headings)
            connection.execute(
                f"CREATE TABLE {dataset.table} AS SELECT {typed} FROM read_csv('{path}', header = true, auto_detect = false, delim = ',', "
                f"quote = '\"', escape = '\"', columns = {{{columns}}})"
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
