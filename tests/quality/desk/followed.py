"""Small warehouses as an audit leaves them, with findings of one's own, and following them day by day."""

import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from quality.desk.log import DeskLog
from quality.desk.queue import Queue
from quality.desk.tracking import Sighting, follow

FIRST_DAY = date(2018, 1, 1)
CHECKS = {"required_sections": ("SECTION", "completeness", "blocks_push"), "credit_code_contracts": ("CONTRACT_INFO", "validity", "warn")}

#: check, record, column, region
Finding = tuple[str, str, str, str]


def finding_id(finding: Finding) -> str:
    """An identity for the tests' own findings."""
    return "/".join(finding[:3])


class Days:
    """A home whose audits find what the test says, a day each."""

    def __init__(self, folder: Path) -> None:
        self.warehouse, self.desk, self.scratch = folder / "warehouse.duckdb", folder / "desk", folder / "scratch"
        self._snapshots = 0
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute(
                """CREATE SCHEMA quality; CREATE SCHEMA marts; CREATE SCHEMA meta;
                CREATE TABLE marts.rules (rule_id VARCHAR, version INTEGER, label VARCHAR, legal_source VARCHAR, status VARCHAR, note VARCHAR);
                CREATE TABLE meta.deliveries (delivery_number INTEGER, dataset VARCHAR, file VARCHAR, source_id VARCHAR, sha256 VARCHAR,
                    received_at TIMESTAMPTZ, delivery_id VARCHAR);
                CREATE TABLE quality.checks (run_id VARCHAR, check_id VARCHAR, dataset VARCHAR, dimension VARCHAR, severity VARCHAR, label VARCHAR, error VARCHAR);
                CREATE TABLE quality.findings (run_id VARCHAR, check_id VARCHAR, dataset VARCHAR, record_key VARCHAR, column_name VARCHAR, value VARCHAR,
                    reason VARCHAR, rule_id VARCHAR, region_code VARCHAR, source_file VARCHAR, source_row BIGINT, severity VARCHAR, finding_id VARCHAR)"""
            )

    def audit(self, findings: Iterable[Finding], *, asked: Iterable[str] = CHECKS, failed: Iterable[str] = (), run_id: str = "run") -> None:
        """Put the outcome of an audit in place of the one before."""
        rows = [
            ["run", check, CHECKS[check][0], record, column, "值", "原因", None, region, "a.csv", 1_000_000_002, CHECKS[check][2], finding_id(one)]
            for one in findings
            for check, record, column, region in [one]
        ]
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute("DELETE FROM quality.checks; DELETE FROM quality.findings")
            for name in asked:
                dataset, dimension, severity = CHECKS[name]
                error = "cannot be asked" if name in set(failed) else None
                connection.execute(
                    "INSERT INTO quality.checks VALUES (?, ?, ?, ?, ?, ?, ?)", [run_id, name, dataset, dimension, severity, name, error]
                )
            if rows:
                connection.executemany(f"INSERT INTO quality.findings VALUES ({', '.join('?' * 13)})", rows)

    def follow(self, day: date, *, known_at: date | None = None, run_id: str = "run") -> Sighting:
        """Follow the findings of that audit as of a day."""
        return follow(self.warehouse, self.desk, run_id=run_id, as_of=day, known_at=known_at or day, scratch=self.scratch)

    def see(self, day: date, findings: Iterable[Finding], **asked: Any) -> Sighting:
        """An audit and its following."""
        self.audit(findings, **asked)
        return self.follow(day)

    def publish(self) -> Queue:
        """The desk over a copy of the warehouse as it stands, as publication makes one."""
        self._snapshots += 1
        snapshot = self.warehouse.with_name(f"snapshot-{self._snapshots}.duckdb")
        shutil.copyfile(self.warehouse, snapshot)
        return Queue(snapshot, DeskLog(self.desk))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            return connection.execute(sql).fetchall()

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """All of the desk's tables, in an order of their own."""
        names = ("tracked_findings", "finding_events", "desk_actions", "rectification")
        return {name: sorted(self.rows(f"FROM quality.{name}"), key=str) for name in names}
