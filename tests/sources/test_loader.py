"""Loading: once, in versions, with a ledger that balances."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.deliveries import DeliveryError
from sources.loader import LoadSummary, load_deliveries

FIELDS = [
    "TENDER_PROJECT_CODE",
    "BID_SECTION_CODES",
    "PUBLICITY_NAME",
    "URL",
    "PUBLICITY_START_TIME",
    "PUBLICITY_END_TIME",
    "DATA_TYPE",
    "DATA_KEY",
    "DATA_TIMESTAMP",
]


def record(number: int, *, title: str = "公示", kind: str = "1", stamp: str = "20170302090000") -> dict[str, str]:
    values = [
        f"P{number}",
        f"S{number}",
        f"{title}{number}",
        f"http://example.invalid/{number}",
        "20170302090000",
        "20170306090000",
        kind,
        f"K{number}",
        stamp,
    ]
    return dict(zip(FIELDS, values, strict=True))


def as_csv(records: list[dict[str, str]], fields: list[str] = FIELDS) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fields)
    writer.writeheader()
    writer.writerows(records)
    return stream.getvalue()


@pytest.fixture
def deliveries(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def load(deliveries: Path) -> LoadSummary:
    home = deliveries.parent / "home"
    summary = load_deliveries(home / "work/w.duckdb", deliveries, home=home, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    unbalanced = query(deliveries, "SELECT * FROM meta.deliveries WHERE rows_received <> rows_loaded + rows_quarantined + rows_duplicate")
    assert not unbalanced
    return summary


def query(deliveries: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(deliveries.parent / "home/work/w.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_same_again_changes_nothing(deliveries: Path) -> None:
    records = [record(number) for number in range(5)]
    (deliveries / "511_a.csv").write_text(as_csv(records), encoding="utf-8")
    first = load(deliveries)
    assert (first.rows_loaded, first.changed) == (5, True)
    rows = query(deliveries, "SELECT * FROM raw.candidate_publicities ORDER BY source_row")
    again = load(deliveries)
    assert (again.new_files, again.changed, again.state) == (0, False, first.state)
    (deliveries / "511_copy.csv").write_text(as_csv(records), encoding="utf-8")
    (deliveries / "511_shuffled.csv").write_text(as_csv(records[::-1], FIELDS[::-1]), encoding="utf-8")
    (deliveries / "511_chinese.csv").write_bytes(as_csv(records).encode("gb18030"))
    (deliveries / "511.json").write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    (deliveries / "511.jsonl").write_text("\n".join(json.dumps(entry) for entry in records), encoding="utf-8")
    fields = "".join(f"<record>{''.join(f'<{name}>{value}</{name}>' for name, value in entry.items())}</record>" for entry in records)
    (deliveries / "511.xml").write_text(f"<records>{fields}</records>", encoding="utf-8")
    other = load(deliveries)
    assert (other.rows_received, other.rows_loaded, other.rows_duplicate) == (30, 0, 30)
    assert query(deliveries, "SELECT * FROM raw.candidate_publicities ORDER BY source_row") == rows
    both = again.then(other)
    assert (both.files, both.rows_received, both.rows_loaded, both.rows_duplicate) == (1 + other.files, again.rows_received + 30, 0, 30)
    assert (both.changed, both.state) == (True, other.state)


def test_corrections_and_withdrawals_are_versions_and_an_old_file_does_not_win_again(deliveries: Path) -> None:
    (deliveries / "511_a.csv").write_text(as_csv([record(1), record(2)]), encoding="utf-8")
    load(deliveries)
    corrected = [record(1, title="更正", kind="2", stamp="20170305090000"), record(2, kind="3", stamp="20170305090000")]
    (deliveries / "511_b.csv").write_text(as_csv(corrected), encoding="utf-8")
    load(deliveries)
    (deliveries / "511_late.csv").write_text(as_csv([record(1, title="更早", kind="2", stamp="20170303090000")]), encoding="utf-8")
    load(deliveries)
    versions = query(deliveries, "SELECT section_codes, notice_title, is_withdrawn FROM raw.candidate_publicities ORDER BY section_codes, version_at")
    assert versions == [("S1", "公示1", False), ("S1", "更早1", False), ("S1", "更正1", False), ("S2", "公示2", False), ("S2", "公示2", True)]
    assert query(deliveries, "SELECT count(DISTINCT record_key) FROM raw.candidate_publicities") == [(2,)]


def test_a_quarantined_row_delivered_again_is_a_duplicate(deliveries: Path) -> None:
    bad = record(1) | {"PUBLICITY_START_TIME": "2223/7/7 8:"}
    (deliveries / "511_a.csv").write_text(as_csv([bad, record(2)]), encoding="utf-8")
    load(deliveries)
    (deliveries / "511_b.csv").write_text(as_csv([record(3), bad, bad]), encoding="utf-8")
    second = load(deliveries)
    assert (second.rows_loaded, second.rows_quarantined, second.rows_duplicate) == (1, 0, 2)
    (line,) = query(deliveries, "SELECT file, row_number, column_name, value, subject_code, record FROM meta.quarantine")
    assert line[:5] == ("511_a.csv", 2, "publicity_started_at", "2223/7/7 8:", "S1")
    assert json.loads(line[5])["notice_title"] == "公示1"


def test_an_optional_value_that_cannot_be_read_is_held_and_the_row_loads(deliveries: Path) -> None:
    (deliveries / "601.csv").write_text(
        "DEAL_LAND_CODE,DEAL_ANNOUNCEMENT_GUID,PUBLISHING_TIME,DATA_TIMESTAMP\nL1,G1,20170301090000,\n", encoding="utf-8"
    )
    (deliveries / "600.csv").write_text(
        "ANNOUNCEMENT_GUID,LAND_PROJECT_NAME,PUBLISHING_TIME,LISTING_START_TIME\nG1,宗地,20170101,择日\n", encoding="utf-8"
    )
    summary = load(deliveries)
    assert (summary.rows_loaded, summary.rows_quarantined) == (2, 0)
    assert query(deliveries, "SELECT file, row_number, column_name, value FROM meta.held_values") == [("600.csv", 2, "listing_started_at", "择日")]
    assert query(deliveries, "SELECT listing_started_at, held_values FROM raw.land_notices") == [(None, 1)]


def test_a_statement_that_cannot_be_understood_is_refused(deliveries: Path) -> None:
    for text, complaint in (("as_of = ", "not valid TOML"), ('as_of = "soon"', "is no date"), ("colour = 1", "unknown key colour")):
        (deliveries / "delivery.toml").write_text(text, encoding="utf-8")
        with pytest.raises(DeliveryError, match=complaint):
            load(deliveries)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="no such delivery folder"):
        load(tmp_path / "nowhere")


def test_a_column_defined_after_the_warehouse_was_made_is_added_and_filled_by_name(deliveries: Path) -> None:
    (deliveries / "511.csv").write_text(as_csv([record(1)]), encoding="utf-8")
    load(deliveries)
    with duckdb.connect(str(deliveries.parent / "home" / "work" / "w.duckdb")) as connection:
        connection.execute("ALTER TABLE raw.candidate_publicities DROP COLUMN notice_title")
    (deliveries / "511_more.csv").write_text(as_csv([record(2)]), encoding="utf-8")
    load(deliveries)
    columns = query(deliveries, "SELECT column_name FROM duckdb_columns() WHERE table_name = 'candidate_publicities'")
    assert columns[-1] == ("notice_title",)
    rows = query(deliveries, "SELECT section_codes, notice_title, url FROM raw.candidate_publicities ORDER BY section_codes")
    assert rows == [("S1", None, "http://example.invalid/1"), ("S2", "公示2", "http://example.invalid/2")]
