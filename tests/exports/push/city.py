"""A small city, delivered, loaded and published without building the models: what a push reads of a snapshot is made here by plain SQL."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from exports.publication import publish
from sources.definitions import datasets
from sources.loader import load_deliveries
from sources.simulated import simulate_sections
from sources.warehouse import open_warehouse

NOW = datetime(2018, 1, 25, 9, tzinfo=UTC)
_FINDINGS = """CREATE TABLE IF NOT EXISTS quality.findings (run_id VARCHAR, check_id VARCHAR, dataset VARCHAR, record_key VARCHAR, column_name VARCHAR, value VARCHAR,
    reason VARCHAR, rule_id VARCHAR, region_code VARCHAR, source_file VARCHAR, source_row BIGINT, severity VARCHAR)"""


class City:
    """A home whose deliveries can be added to and published again."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.deliveries = folder / "deliveries"
        self.warehouse = self.home / "work" / "warehouse.duckdb"
        self.day = 25

    def simulate(self, sections: int, seed: int = 5) -> None:
        """Deliver a made-up city without faults."""
        simulate_sections(sections, seed, self.deliveries, faults=False)

    def deliver(self, dataset: str, rows: Iterable[Mapping[str, str]], name: str = "more") -> None:
        """Deliver further rows, by national names."""
        rows = list(rows)
        self.deliveries.mkdir(parents=True, exist_ok=True)
        headings = list(dict.fromkeys(heading for row in rows for heading in row))
        with (self.deliveries / f"{dataset}-{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, headings)
            writer.writeheader()
            writer.writerows(rows)

    def delivered(self, dataset: str) -> list[dict[str, str]]:
        """The rows of all files of a data set, as they were delivered."""
        rows = []
        for path in sorted(self.deliveries.glob(f"{dataset}.csv")) + sorted(self.deliveries.glob(f"{dataset}-*.csv")):
            with path.open(encoding="utf-8", newline="") as stream:
                rows += list(csv.DictReader(stream))
        return rows

    def publish(self, findings: Iterable[tuple[str, str, int]] = (), *, known_at: str | None = None) -> Path:
        """Load what is new and publish; ``findings`` are data set, reason and source_row of what blocks the push."""
        load_deliveries(self.warehouse, self.deliveries, home=self.home, received_at=NOW)
        with open_warehouse(self.warehouse) as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS staging")
            connection.execute("CREATE OR REPLACE TABLE staging.superseded_rows (table_name VARCHAR, row_hash UHUGEINT)")
            for dataset in datasets().values():
                connection.execute(
                    f"""INSERT INTO staging.superseded_rows SELECT '{dataset.table}', row_hash FROM raw.{dataset.table} AS r
                    WHERE EXISTS (FROM raw.{dataset.table} AS l WHERE l.record_key = r.record_key AND l.row_hash <> r.row_hash
                        AND (coalesce(l.version_at, '1900-01-01'), l.source_row) > (coalesce(r.version_at, '1900-01-01'), r.source_row))"""
                )
            connection.execute(_FINDINGS)
            connection.execute("DELETE FROM quality.findings")
            for name, reason, source_row in findings:
                connection.execute(
                    "INSERT INTO quality.findings (check_id, dataset, column_name, reason, source_row, severity) VALUES ('planted', ?, 'x', ?, ?, 'blocks_push')",
                    [name, reason, source_row],
                )
        day, self.day = known_at or f"2018-01-{self.day}", self.day + 1
        manifest = {"as_of": day, "known_at": day, "state": str(self.day), "fingerprint": "f"}
        return publish(self.home, self.warehouse, manifest=manifest, build=lambda _: None)

    def source_row(self, dataset: str, column: str, value: str) -> int:
        """The raw row with this value."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            row = connection.execute(f"SELECT source_row FROM raw.{datasets()[dataset].table} WHERE {column} = ?", [value]).fetchone()
        assert row is not None
        return int(row[0])
