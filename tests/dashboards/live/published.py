"""A published home for the live app, small and quick to make."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from quality.desk.tracking import follow
from sources.warehouse import ROWS_PER_DELIVERY, open_warehouse
from tests.dashboards.snapshot_builder import Content, build_snapshot

PASSWORD = "correct-horse-9"


def publish(
    home: Path, name: str, content: Content | None = None, findings: "Sequence[Found] | None" = None, as_of: date = date(2018, 1, 25)
) -> Path:
    """Publishes a snapshot as `exports.publication` does: a folder, then one rename of the link. With findings, it has a desk."""
    folder = home / "published" / name
    folder.mkdir(parents=True)
    warehouse = build_snapshot(folder, content)
    if findings is not None:
        audit(home, warehouse, findings, as_of)
    manifest = {"snapshot": name, "run_id": "run-1", "as_of": f"{as_of}", "known_at": f"{as_of}", "published_at": "2018-01-25T06:00:00+00:00"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    link = home / "published" / f".current-{name}"
    link.symlink_to(name)
    link.replace(home / "published" / "current")
    return folder


@dataclass(frozen=True)
class Found:
    """A finding of the audit: of which record, in which county, with which value, and in which row (0: about the whole file) where that matters."""

    record: str
    region_code: str
    value: str = "值"
    check_id: str = "required_sections"
    row: int | None = None


COUNTIES = ("421202", "421221", "421222")
FINDINGS = tuple(Found(f"S{number:03}", COUNTIES[number % 3]) for number in range(120))


def audit(home: Path, warehouse: Path, findings: Sequence[Found], as_of: date = date(2018, 1, 25)) -> None:
    """Gives a warehouse the outcome of an audit, each finding with a row of the data set SECTION behind it, and follows it in the home's desk."""
    texts = {"required_sections": ("completeness", "blocks_push", "标段：必填项均有值"), "title_sections": ("validity", "warn", "标段：名称规范")}
    with open_warehouse(warehouse) as connection:
        connection.execute(
            """ALTER TABLE quality.checks ADD COLUMN IF NOT EXISTS severity VARCHAR; ALTER TABLE quality.checks ADD COLUMN IF NOT EXISTS label VARCHAR;
            ALTER TABLE quality.checks ADD COLUMN IF NOT EXISTS error VARCHAR; DELETE FROM quality.checks;
            CREATE OR REPLACE TABLE quality.region_checks (region_code VARCHAR, dimension VARCHAR, records BIGINT, failing_records BIGINT);
            INSERT INTO quality.region_checks VALUES ('421202', 'completeness', 1000, 40), ('421221', 'completeness', 1000, 40), ('421222', 'completeness', 2000, 40);
            CREATE OR REPLACE TABLE quality.findings (run_id VARCHAR, check_id VARCHAR, dataset VARCHAR, record_key VARCHAR, column_name VARCHAR, value VARCHAR,
                reason VARCHAR, rule_id VARCHAR, region_code VARCHAR, source_file VARCHAR, source_row BIGINT, severity VARCHAR, finding_id VARCHAR)"""
        )
        for check, (dimension, severity, words) in texts.items():
            connection.execute(
                "INSERT INTO quality.checks (run_id, check_id, dataset, dimension, severity, label, success) VALUES ('run-1', ?, 'SECTION', ?, ?, ?, false)",
                [check, dimension, severity, words],
            )
        for number, found in enumerate(findings, start=2):
            identity = hashlib.sha256(f"{found.check_id} {found.record}".encode()).hexdigest()[:32]
            source_row = ROWS_PER_DELIVERY + (number if found.row is None else found.row)
            connection.execute(
                "INSERT INTO quality.findings VALUES ('run-1', ?, 'SECTION', ?, 'section_name', ?, ?, ?, ?, 'SECTION.csv', ?, ?, ?)",
                [found.check_id, found.record, found.value, f"“标段名称”为空：{found.value}", "X-01" if number % 2 else None, found.region_code, source_row,
                 texts[found.check_id][1], identity],
            )  # fmt: skip
            connection.execute(
                "INSERT INTO raw.sections (source_row, section_code, section_name) VALUES (?, ?, ?)", [source_row, found.record, found.value]
            )
    follow(warehouse, home / "desk", run_id="run-1", as_of=as_of, known_at=as_of, scratch=home / "scratch")


def drawing(search: str) -> dict[str, object]:
    """What Dash asks for when the address of the charts changes to `search`."""
    outputs = (("cards", "children"), ("title", "children"), ("note", "children"), ("plot", "figure"), ("plot", "style"), ("table", "children"), ("records-link", "href"))  # fmt: skip
    return {
        "output": ".." + "...".join(f"{one}.{part}" for one, part in outputs) + "..",
        "outputs": [{"id": one, "property": part} for one, part in outputs],
        "inputs": [{"id": "address", "property": "search", "value": search}],
        "changedPropIds": ["address.search"],
    }
