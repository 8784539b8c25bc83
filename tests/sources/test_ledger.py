"""The ledger under everything that may happen to a delivery: copies, wrong names, lists inside records, and the end of the process at any moment."""

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.deliveries import DeliveredFile, Statement, sha256_of
from sources.feeds import Source
from sources.file_loading import FileLoader, PlannedFile
from sources.loader import LoadSummary, load_deliveries

ROOT = Path(__file__).resolve().parents[2]
HEADER = "TENDER_PROJECT_CODE,BID_SECTION_CODES,PUBLICITY_NAME,URL,PUBLICITY_START_TIME\n"
PERIOD = "2025年06月13日 18时00分至2025年06月16日 18时00分"


def lines(first: int, last: int) -> str:
    return "".join(f"P{number},S{number},第{number}标段,http://example.invalid/{number},20170302090000\n" for number in range(first, last))


def load(folder: Path) -> LoadSummary:
    home = folder.parent / "home"
    summary = load_deliveries(home / "work/w.duckdb", folder, home=home, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    assert not query(folder, "SELECT * FROM meta.deliveries WHERE rows_received <> rows_loaded + rows_quarantined + rows_duplicate")
    return summary


def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder.parent / "home/work/w.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def ledger(folder: Path) -> list[tuple[Any, ...]]:
    return query(
        folder, "SELECT file, status, rows_received, rows_loaded, rows_quarantined, rows_duplicate FROM meta.deliveries ORDER BY file, dataset"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "in"
    path.mkdir()
    return path


def test_many_copies_of_one_file_count_once(folder: Path) -> None:
    for name in "abcd":
        (folder / f"511_{name}.csv").write_text(HEADER + lines(0, 3), encoding="utf-8")
    load(folder)
    (folder / "511_e.csv").write_text(HEADER + lines(0, 3), encoding="utf-8")
    load(folder)
    assert ledger(folder) == [
        ("511_a.csv", "loaded", 3, 3, 0, 0),
        *((f"511_{name}.csv", "loaded", 3, 0, 0, 3) for name in "bcde"),
    ]


def test_a_file_refused_or_misread_under_a_wrong_name_is_read_under_its_right_one(folder: Path) -> None:
    text = HEADER + lines(0, 2)
    for name in ("list.csv", "503.csv", "511.xlsx"):
        (folder / name).write_text(text, encoding="utf-8")
    load(folder)
    assert query(folder, "SELECT count(*) FROM raw.candidate_publicities") == [(0,)]
    (folder / "511.csv").write_text(text, encoding="utf-8")
    assert load(folder).rows_loaded == 2
    assert query(folder, "SELECT section_codes FROM raw.candidate_publicities ORDER BY 1") == [("S0",), ("S1",)]


def test_one_bad_row_many_times_is_quarantined_once(folder: Path) -> None:
    bad = "P9,S9,标段,http://example.invalid/9,2223/7/7 8:\n"
    (folder / "511_a.csv").write_text(HEADER + bad + lines(0, 1) + bad + "P8,S8\n" + lines(0, 1), encoding="utf-8")
    (folder / "511_b.csv").write_text(HEADER + bad + "P8,S8\n", encoding="utf-8")
    load(folder)
    assert ledger(folder) == [("511_a.csv", "loaded", 5, 1, 2, 2), ("511_b.csv", "loaded", 2, 0, 1, 1)]
    counted = query(folder, "SELECT file, count(*) FROM meta.quarantine GROUP BY file ORDER BY file")
    assert counted == [("511_a.csv", 2), ("511_b.csv", 1)]


def test_a_publisher_is_known_by_its_prefix_where_the_name_says_nothing(folder: Path) -> None:
    for name, prefixes in {"273637": ["03ad3f"], "release": ["b5fd17"], "unknown": ["213czf"], "mixed": ["03ad3f", "b5fd17"]}.items():
        releases = [{"tender": {"title": "x" * 100_000}, "date": "2017-03-02", "ocid": f"ocds-{prefix}-1"} for prefix in prefixes]
        (folder / f"{name}.json").write_text(json.dumps({"releases": releases}), encoding="utf-8")
    load(folder)
    assert query(folder, "SELECT file, source_id, status FROM meta.deliveries GROUP BY ALL ORDER BY 1") == [
        ("273637.json", "paraguay", "loaded"),
        ("mixed.json", "in", "refused"),
        ("release.json", "uk-contracts-finder", "loaded"),
        ("unknown.json", "in", "refused"),
    ]
    reasons = query(folder, "SELECT reason FROM meta.quarantine")
    assert all("no mapping knows the file by name or content" in reason for (reason,) in reasons)
    assert load(folder).new_files == 0


def test_every_supplier_of_an_award_is_kept(folder: Path) -> None:
    two = [{"name": "Alfa SA", "identifier": {"id": "80-1"}}, {"name": "Beta；Gama", "identifier": {"id": "b-2"}}]
    awards = [{"id": "1", "suppliers": two}, {"id": "2", "suppliers": two[:1]}, {"id": "3", "suppliers": []}, {"id": "4"}]
    release = {"ocid": "ocds-03ad3f-1", "date": "2017-03-02", "awards": awards}
    (folder / "ocds-03ad3f-1.json").write_text(json.dumps({"releases": [release]}), encoding="utf-8")
    load(folder)
    assert query(folder, "SELECT supplier_name, supplier_code FROM raw.procurement_results ORDER BY ALL NULLS LAST") == [
        ("Alfa SA", "80-1"),
        ("Alfa SA；Beta；Gama", "80-1;B-2"),
        (None, None),
        (None, None),
    ]


def publicity(number: int, bidders: Any) -> dict[str, Any]:
    return {"infoid": f"I{number}", "title": f"公示{number}", "infourl": f"u{number}", "publicity_period": PERIOD, "bidders_and_prices": bidders}


def test_a_list_inside_a_record_becomes_rows_that_lead_back_to_it(folder: Path) -> None:
    listed = [{"bidder": "甲", "price": "5万元"}, {"bidder": "乙", "price": "下浮3%"}]
    odd: list[Any] = ["无", 12, None, [], {"bidder": "丙", "price": "1600000"}]
    records = [publicity(0, listed), *(publicity(number, value) for number, value in enumerate(odd, start=1))]
    (folder / "candidate_publicity.json").write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    load(folder)
    rows = query(folder, "SELECT source_row % 1000000000, candidate_name, bid_price, price_form_code FROM raw.candidates ORDER BY 1, 2 DESC")
    assert [(number, name, None if price is None else int(price), form) for number, name, price, form in rows] == [
        (2, "甲", 50000, "1"),
        (2, "乙", None, "2"),
        (7, "丙", 1600000, "1"),
    ]
    assert [line[2:] for line in ledger(folder)] == [(3, 3, 0, 0), (6, 6, 0, 0)]
    corrected = [publicity(0, [listed[0] | {"price": "6万元"}, listed[1]])]
    (folder / "candidate_publicity_2.json").write_text(json.dumps(corrected, ensure_ascii=False), encoding="utf-8")
    load(folder)
    assert [line[2:] for line in ledger(folder)[2:]] == [(2, 1, 0, 1), (1, 0, 0, 1)]
    assert query(folder, "SELECT count(DISTINCT record_key), count(*) FROM raw.candidates WHERE candidate_name = '甲'") == [(1, 2)]


def test_a_time_of_a_version_that_cannot_be_read_is_held(folder: Path) -> None:
    (folder / "511.csv").write_text(HEADER.strip() + ",DATA_TIMESTAMP\n" + lines(0, 1).strip() + ",昨天\n", encoding="utf-8")
    assert load(folder).rows_loaded == 1
    assert query(folder, "SELECT row_number, column_name, rule, value FROM meta.held_values") == [(2, "data_timestamp", "unreadable_instant", "昨天")]


_CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from sources.loader import load_deliveries
folder = Path(sys.argv[1])
home = folder.parent / "home"
load_deliveries(home / "work/w.duckdb", folder, home=home, received_at=datetime(2018, 1, 25, tzinfo=UTC), report=lambda line: print(line.file, flush=True))
"""


def _start(folder: Path) -> "subprocess.Popen[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", _CHILD, str(folder)], env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.thorough
def test_a_load_that_is_killed_leaves_every_file_whole_or_absent_and_the_next_completes_it(folder: Path) -> None:
    counts = {"511_a.csv": 20_000, "511_b.csv": 120_000, "511_c.csv": 30_000, "batch.zip/511_d.csv": 5_000, "batch.zip/511_e.csv": 5_000}
    first, zipped = 0, io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, count in counts.items():
            text = HEADER + lines(first, first + count)
            first += count
            if name.startswith("batch.zip/"):
                archive.writestr(name.removeprefix("batch.zip/"), text)
            else:
                (folder / name).write_text(text, encoding="utf-8")
    (folder / "batch.zip").write_bytes(zipped.getvalue())
    seen = []
    # After the first file, in the middle of the second, and between the members of the archive: the last two kills find part of the work done.
    for after, pause in (("511_a.csv", 0.0), ("511_b.csv", 0.05), ("batch.zip/511_d.csv", 0.0)):
        child = _start(folder)
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip() == after:
                break
        time.sleep(pause)
        child.send_signal(signal.SIGKILL)
        child.wait()
        kept = dict(query(folder, "SELECT file, rows_loaded FROM meta.deliveries WHERE dataset IS NOT NULL"))
        assert kept.items() <= counts.items()
        assert after in kept
        assert query(folder, "SELECT count(*), count(DISTINCT section_codes) FROM raw.candidate_publicities") == [(sum(kept.values()),) * 2]
        seen.append(len(kept))
    load(folder)
    assert {file: loaded for file, status, _, loaded, _, _ in ledger(folder) if status == "loaded"} == counts
    assert query(folder, "SELECT count(*), count(DISTINCT section_codes), count(DISTINCT source_row) FROM raw.candidate_publicities") == [
        (sum(counts.values()),) * 3
    ]
    before = ledger(folder)
    assert not load(folder).changed
    assert ledger(folder) == before


def test_unreadable_items_of_one_line_are_quarantined_each_once(folder: Path) -> None:
    """A list inside a record gives several rows of one number: each bad one has its line in the quarantine, and a copy of it none."""
    awards = [
        {"id": name, "status": "active", "title": title, "date": date}
        for name, title, date in (("1", "甲", "someday"), ("2", "乙", "someday"), ("2", "乙", "someday"), ("3", "丙", "2017-03-02T09:00:00+08:00"))
    ]
    release = {"ocid": "ocds-gongka-1", "date": "2017-03-02T09:00:00+08:00", "awards": awards}
    (folder / "gongkai-ocds").mkdir()
    (folder / "gongkai-ocds" / "a.json").write_text(json.dumps({"releases": [release]}, ensure_ascii=False), encoding="utf-8")
    summary = load(folder)
    quarantined = query(folder, "SELECT row_number, column_name, value, record->>'notice_title' FROM meta.quarantine ORDER BY ALL")
    assert (summary.rows_loaded, summary.rows_quarantined, summary.rows_duplicate) == (1, 2, 1)
    assert quarantined == [(2, "published_at", "someday", "乙"), (2, "published_at", "someday", "甲")]
    assert query(folder, "SELECT count(DISTINCT record_key) FROM meta.quarantine") == [(2,)]


def test_two_threads_that_archive_one_content_do_not_take_it_from_each_other(tmp_path: Path) -> None:
    """Two files of two data sets may have one content (both empty): each is kept under the same name at the same moment."""

    def files(number: int) -> list[PlannedFile]:
        content = tmp_path / f"{number}.csv"
        content.write_bytes(b"x" * 200_000 + str(number).encode())
        file = DeliveredFile(content, content.name, 1, 1)
        return [PlannedFile(file, None, Source("s", "s"), sha256_of(content), 4 * number + copy) for copy in range(4)]

    with duckdb.connect() as connection, ThreadPoolExecutor(4) as workers:
        loader = FileLoader(connection, Statement(), tmp_path / "home", datetime(2018, 1, 25, tzinfo=UTC), tmp_path)
        list(workers.map(loader._archive, [planned for number in range(60) for planned in files(number)]))
    kept = [path for path in (tmp_path / "home" / "archive").rglob("*") if path.is_file()]
    assert len(kept) == 60 and all(sha256_of(path) == path.name for path in kept)
