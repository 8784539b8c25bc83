"""One table, every format: the same text, the same hashes."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.loader import load_deliveries
from sources.readers import read

HEADINGS = ["TENDER_PROJECT_CODE", "BID_SECTION_CODES", "PUBLICITY_NAME", "URL"]
Table = list[dict[str, str]]


def _csv(table: Table, encoding: str, delimiter: str = ",") -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, HEADINGS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(table)
    return stream.getvalue().encode(encoding)


def _xlsx(table: Table) -> bytes:
    workbook, stream = openpyxl.Workbook(), io.BytesIO()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(HEADINGS)
    for record in table:
        sheet.append(list(record.values()))
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s"
    workbook.save(stream)
    return stream.getvalue()


def _xls(table: Table) -> bytes:
    workbook, stream = xlwt.Workbook(encoding="utf-8"), io.BytesIO()
    sheet = workbook.add_sheet("公示")
    for line, fields in enumerate([HEADINGS, *(list(record.values()) for record in table)]):
        for column, field in enumerate(fields):
            sheet.write(line, column, field)
    workbook.save(stream)
    return stream.getvalue()


def _xml(table: Table) -> bytes:
    fields = ("".join(f"<{name}>{escape(value)}</{name}>" for name, value in record.items()) for record in table)
    return ("<records>" + "".join(f"<record>{record}</record>" for record in fields) + "</records>").encode()


def _parquet(table: Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(table), stream)
    return stream.getvalue()


FORMATS: dict[str, Callable[[Table], bytes]] = {
    "plain.csv": lambda table: _csv(table, "utf-8"),
    "marked.csv": lambda table: _csv(table, "utf-8-sig"),
    "chinese.csv": lambda table: _csv(table, "gb18030"),
    "wide.csv": lambda table: _csv(table, "utf-16"),
    "tabs.tsv": lambda table: _csv(table, "utf-8", "\t"),
    "array.json": lambda table: json.dumps(table, ensure_ascii=False).encode(),
    "escaped.json": lambda table: json.dumps(table).encode(),
    "package.json": lambda table: json.dumps(table, ensure_ascii=False).encode("gb18030"),
    "lines.jsonl": lambda table: "\r\n".join(json.dumps(record, ensure_ascii=False) for record in table).encode("utf-8-sig"),
    "tree.xml": _xml,
    "columns.parquet": _parquet,
    "sheet.xlsx": _xlsx,
    "sheet.xls": _xls,
}
QUICK = [name for name in FORMATS if name.endswith((".csv", ".tsv", ".json", ".jsonl"))]

# No controls and no half characters; 𠮷 and 㐂 need four bytes in GB18030, 々〇 and ﹪ are common in names and rates.
characters = st.characters(blacklist_categories=("Cs", "Cc", "Cn"), blacklist_characters="\ufffd\ufeff")
texts = st.text(st.one_of(characters, st.sampled_from("𠮷㐂䶮々〇﹪，\"',\t\n；|")), min_size=1, max_size=12).map(lambda text: f"第{text}段")
tables = st.lists(texts, min_size=1, max_size=6).map(
    lambda titles: [
        {"TENDER_PROJECT_CODE": f"P{n}", "BID_SECTION_CODES": f"00{n}", "PUBLICITY_NAME": title, "URL": f"http://example.invalid/{n}"}
        for n, title in enumerate(titles)
    ]
)
AWKWARD: Table = [
    {
        "TENDER_PROJECT_CODE": "P1",
        "BID_SECTION_CODES": "0012345678901234567890",
        "PUBLICITY_NAME": '𠮷林"二"标段，㐂',
        "URL": "http://example.invalid/1?a=1&b=<2>",
    },
    {"TENDER_PROJECT_CODE": "P2", "BID_SECTION_CODES": "1E5X", "PUBLICITY_NAME": "第一行\n第二行", "URL": "'=1+1"},
    {"TENDER_PROJECT_CODE": "P3", "BID_SECTION_CODES": "20170302", "PUBLICITY_NAME": "100.50﹪", "URL": "true"},
]


def _read(folder: Path, name: str, table: Table) -> list[dict[str, str | None]]:
    path = folder / name
    path.write_bytes(FORMATS[name](table))
    result = read(path)
    assert not result.refusals
    assert result.rows_received == len(table)
    assert result.table["row_number"].to_pylist() == list(range(2, len(table) + 2))
    return [{heading: record[heading] for heading in HEADINGS} for record in result.table.to_pylist()]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_text_that_was_written(tmp_path: Path, name: str) -> None:
    assert _read(tmp_path, name, AWKWARD) == AWKWARD


@settings(max_examples=40, deadline=None)
@given(table=tables)
def test_any_text_survives_every_text_format(tmp_path_factory: pytest.TempPathFactory, table: Table) -> None:
    folder = tmp_path_factory.mktemp("formats")
    for name in QUICK:
        assert _read(folder, name, table) == table, name


def test_the_rows_of_every_format_have_one_hash(tmp_path: Path) -> None:
    folder, home = tmp_path / "in", tmp_path / "home"
    folder.mkdir()
    for name, write in FORMATS.items():
        (folder / f"511_{name}").write_bytes(write(AWKWARD))
    summary = load_deliveries(home / "work/w.duckdb", folder, home=home, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    assert (summary.files_refused, summary.rows_quarantined) == (0, 0)
    assert (summary.rows_loaded, summary.rows_duplicate) == (3, 3 * (len(FORMATS) - 1))
    with duckdb.connect(str(home / "work/w.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT section_codes, notice_title, url FROM raw.candidate_publicities ORDER BY tender_project_code").fetchall()
    assert found == [(record["BID_SECTION_CODES"], record["PUBLICITY_NAME"], record["URL"]) for record in AWKWARD]


@pytest.mark.thorough
@settings(max_examples=60, deadline=None)
@given(content=st.binary(min_size=1, max_size=300), ending=st.sampled_from([".csv", ".tsv", ".json", ".jsonl"]))
def test_no_bytes_at_all_stop_a_delivery(tmp_path_factory: pytest.TempPathFactory, content: bytes, ending: str) -> None:
    folder = tmp_path_factory.mktemp("noise")
    (folder / "in").mkdir()
    head = b"BID_SECTION_CODES,URL\n" if ending == ".csv" else b""
    (folder / f"in/511{ending}").write_bytes(head + content)
    load_deliveries(folder / "home/work/w.duckdb", folder / "in", home=folder / "home", received_at=datetime(2018, 1, 25, tzinfo=UTC))
    with duckdb.connect(str(folder / "home/work/w.duckdb"), read_only=True) as connection:
        ((received, accounted),) = connection.execute(
            "SELECT rows_received, rows_loaded + rows_quarantined + rows_duplicate FROM meta.deliveries"
        ).fetchall()
    assert received == accounted


def test_a_large_file_numbers_its_rows_in_order(tmp_path: Path) -> None:
    folder, home, count = tmp_path / "in", tmp_path / "home", 150_000
    folder.mkdir()
    lines = (f"P{number},S{number},公示,http://example.invalid/{number}" for number in range(2, count + 2))
    (folder / "511.csv").write_text("\n".join([",".join(HEADINGS), *lines]), encoding="utf-8")
    load_deliveries(home / "work/w.duckdb", folder, home=home, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    with duckdb.connect(str(home / "work/w.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "SELECT count(*), count(*) FILTER (section_codes = 'S' || source_row % 1000000000) FROM raw.candidate_publicities"
        ).fetchall()
    assert found == [(count, count)]


def test_a_path_is_where_the_reader_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "公示 1.xlsx").write_bytes(_xlsx([dict.fromkeys(HEADINGS, "x")]))
    monkeypatch.chdir(tmp_path)
    assert len(read(Path("公示 1.xlsx")).table) == 1
