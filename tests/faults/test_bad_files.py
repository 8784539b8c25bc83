"""Files that no exporter should write but some do: none of them stops the delivery, and none is read as something it is not."""

import io
import json
import os
import tarfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from sources.deliveries import DeliveryError
from sources.loader import load_deliveries

pytestmark = pytest.mark.thorough

HEADER = "TENDER_PROJECT_CODE,BID_SECTION_CODES,PUBLICITY_NAME,URL,PUBLICITY_START_TIME,PUBLICITY_END_TIME"


def row(number: int, *, title: str = "公示") -> str:
    return f"P{number},S{number},{title},http://example.invalid/{number},20170302090000,20170306090000"


def sheet(*lines: str) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


class Delivery:
    """A delivery folder beside an empty home; a sound file lies in it, and every load must keep it and balance."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "in"
        self.home = folder / "home"
        self.folder.mkdir()
        self.put("511_sound.csv", sheet(row(0)))

    def put(self, name: str | bytes, content: str | bytes) -> None:
        with Path(os.fsdecode(os.path.join(os.fsencode(self.folder), os.fsencode(name)))).open("wb") as stream:  # noqa: PTH118
            stream.write(content.encode() if isinstance(content, str) else content)

    def load(self) -> "Delivery":
        load_deliveries(self.home / "work/w.duckdb", self.folder, home=self.home, received_at=datetime(2018, 1, 25, tzinfo=UTC))
        assert self.query("SELECT count(*) FROM raw.candidate_publicities WHERE section_codes = 'S0'") == [(1,)]
        assert not self.query("SELECT * FROM meta.deliveries WHERE rows_received <> rows_loaded + rows_quarantined + rows_duplicate")
        return self

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.home / "work/w.duckdb"), read_only=True) as connection:
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            return connection.execute(sql).fetchall()

    def codes(self) -> list[str]:
        return [code for (code,) in self.query("SELECT section_codes FROM raw.candidate_publicities WHERE section_codes <> 'S0' ORDER BY 1")]

    def quarantine(self) -> list[tuple[Any, ...]]:
        return self.query("SELECT file, row_number, column_name, rule, value FROM meta.quarantine ORDER BY ALL")


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery(tmp_path)


def records(*fields: str) -> str:
    return "[" + ", ".join(f'{{"BID_SECTION_CODES": "S{number}"{field}}}' for number, field in enumerate(fields, start=1)) + "]"


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (records(r', "URL": ["\ud800"]', ""), "URL"),
        (records(r', "\ud800": "x"', ""), r"\ud800"),
        (records(r', "x": {"\udfff": 1, "\udfff": 2}', ""), r"\udfff"),
        (records(r', "URL": "a", "URL": "\ud800"', ""), "URL"),
    ],
)
def test_half_characters_anywhere_in_a_record_cost_that_record_only(delivery: Delivery, content: str, column: str) -> None:
    delivery.put("511.json", content)
    assert delivery.load().codes() == ["S2"]
    ((file, number, named, _, _),) = delivery.quarantine()
    assert (file, number, named) == ("511.json", 2, column)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_without_end_is_refused(delivery: Delivery, opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    delivery.put("511.json", records(f', "x": {opening * 30000}1{closing * 30000}'))
    delivery.put("511.jsonl", f'{{"BID_SECTION_CODES": "S1"}}\n{opening * 30000}1{closing * 30000}\n')
    assert delivery.load().codes() == ["S1"]
    assert [(file, number, rule) for file, number, _, rule, _ in delivery.quarantine()] == [
        ("511.json", None, "too_deep"),
        ("511.jsonl", 3, "not_json"),
    ]


@pytest.mark.parametrize("name", ["URL#2", "url", "ROW_NUMBER", "row_number", "a\0b", 'a"b', "a'b; DROP TABLE meta.quarantine; --"])
def test_no_heading_takes_the_place_of_another(delivery: Delivery, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    delivery.put("511_a.csv", f"{quoted},{HEADER},URL,URL\n9,{row(1)},8,7\n")
    delivery.put("511_b.json", json.dumps([{"BID_SECTION_CODES": "S2", "URL": "http://example.invalid/2", name: "9"}]))
    # A broken line makes the file be read line by line: the same must come out.
    delivery.put("511_c.csv", f"{quoted},{HEADER},URL,URL\n9,{row(3)},8,7\n1,2\n")
    found = delivery.load().query("SELECT section_codes, url, source_row % 1000000000 FROM raw.candidate_publicities ORDER BY 1")
    # Of two headings that differ in case only, the first is used.
    first = "9" if name == "url" else "http://example.invalid/1"
    assert found[1:] == [("S1", first, 2), ("S2", "http://example.invalid/2", 2), ("S3", first.replace("/1", "/3"), 2)]


def test_a_name_with_patterns_reads_its_own_file_only(delivery: Delivery) -> None:
    for number, name in enumerate(("511_*.csv", "511_?.csv", "511_[a].csv", "511_a.csv"), start=1):
        delivery.put(name, sheet(row(number)))
    assert delivery.load().query("SELECT file, rows_loaded FROM meta.deliveries ORDER BY 1") == [
        ("511_*.csv", 1),
        ("511_?.csv", 1),
        ("511_[a].csv", 1),
        ("511_a.csv", 1),
        ("511_sound.csv", 1),
    ]


def test_names_in_gbk_are_read_as_chinese(delivery: Delivery) -> None:
    delivery.put("511_公示.csv".encode("gb18030"), sheet(row(1)))
    delivery.put(b"511_\xff\xff.csv", "\0")
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w", encoding="gb18030") as archive:
        for name in ("511_候选人.csv", "../公示.csv"):
            content = sheet(row(2)).encode()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    delivery.put("batch.tar", tarred.getvalue())
    assert delivery.load().codes() == ["S1", "S2"]
    files = [file for (file,) in delivery.query("SELECT file FROM meta.deliveries ORDER BY 1")]
    assert {"511_公示.csv", "batch.tar/511_候选人.csv", "batch.tar/../公示.csv", r"511_\xff\xff.csv"} <= set(files)


def test_members_without_a_name_or_in_each_others_place(delivery: Delivery) -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(".", "x")
        archive.writestr("d/511_a.csv", sheet(row(1)))
        archive.writestr("d", "x")
        archive.writestr("inner.zip", "PK")
    delivery.put("batch.zip", zipped.getvalue())
    assert delivery.load().codes() == ["S1"]
    assert [rule for *_, rule, _ in delivery.quarantine()] == ["unsafe_path", "unreadable_member", "nested_archive"]
    before = delivery.query("SELECT * FROM meta.deliveries ORDER BY ALL")
    assert delivery.load().query("SELECT * FROM meta.deliveries ORDER BY ALL") == before


def test_an_xml_field_that_stands_twice_or_is_huge_costs_its_record_only(delivery: Delivery) -> None:
    fields = ["<URL>a</URL><URL>b</URL>", f"<PUBLICITY_NAME>{'x' * 1_000_001}</PUBLICITY_NAME>", "<URL>a<!-- c -->b<?p?>c</URL>"]
    inner = "".join(f"<record><BID_SECTION_CODES>S{number}</BID_SECTION_CODES>{field}</record>" for number, field in enumerate(fields, start=1))
    delivery.put("511.xml", f"<r>{inner}</r>")
    delivery.load()
    assert [(number, column, rule) for _, number, column, rule, _ in delivery.quarantine()] == [
        (2, "URL", "duplicate_keys"),
        (3, "PUBLICITY_NAME", "too_large_cell"),
    ]
    assert delivery.query("SELECT section_codes, url FROM raw.candidate_publicities WHERE section_codes <> 'S0'") == [("S3", "abc")]


def test_entities_that_multiply_are_refused_quickly(delivery: Delivery) -> None:
    entities = '<!ENTITY e0 "ha">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    text = f"<!DOCTYPE r [{entities}]><r><record><URL>&e11;</URL></record></r>"
    delivery.put("511_a.xml", text)
    small = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r [<!ENTITY e "ha">]><r><record><URL>&e;</URL></record></r>'
    delivery.put("511_b.xml", small.encode("utf-16"))
    started = time.monotonic()
    delivery.load()
    assert time.monotonic() - started < 10
    assert [rule for *_, rule, _ in delivery.quarantine()] == ["doctype", "doctype"]


def as_parquet(columns: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def test_parquet_keeps_instants_digits_and_nested_values(delivery: Delivery) -> None:
    nine = datetime(2017, 3, 2, 9)
    columns = {
        "BID_SECTION_CODES": ["S1"],
        "row_number": ["7"],
        "PUBLICITY_START_TIME": pa.array([nine.replace(tzinfo=UTC) - timedelta(hours=8)], pa.timestamp("us", "UTC")),
        "PUBLICITY_END_TIME": pa.array([nine], pa.timestamp("ns")),
        "PUBLICITY_REFER_TIME": pa.array([20170302090000.0]),
        "OTHER_CONTENT": pa.array([[{"a": 1}]]),
    }
    delivery.put("511.parquet", as_parquet(columns))
    delivery.load()
    at_nine = "2017-03-02 09:00:00+08"
    assert delivery.query(
        "SELECT source_row % 1000000000, publicity_started_at::VARCHAR, publicity_ended_at::VARCHAR, submitted_at::VARCHAR, other_content "
        "FROM raw.candidate_publicities WHERE section_codes = 'S1'"
    ) == [(2, at_nine, at_nine, at_nine, '[{"a": 1}]')]


def test_parquet_with_broken_text_is_refused(delivery: Delivery) -> None:
    offsets = pa.py_buffer((0).to_bytes(4, "little") + (2).to_bytes(4, "little"))
    delivery.put(
        "511.parquet",
        as_parquet({"BID_SECTION_CODES": ["S1"], "URL": pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(b"\xff\xfe")])}),
    )
    delivery.put("511_torn.parquet", as_parquet({"BID_SECTION_CODES": ["S1"]})[:-20])
    assert delivery.load().codes() == []
    assert [rule for *_, rule, _ in delivery.quarantine()] == ["unreadable_parquet"] * 2


def test_line_separators_inside_a_field_end_no_row(delivery: Delivery) -> None:
    sound = [row(1, title="a\u2028b"), row(2, title="c\x85d"), row(3, title='"e\nf"')]
    delivery.put("511.csv", sheet(*sound, row(4) + ",surplus"))
    assert delivery.load().codes() == ["S1", "S2", "S3"]
    assert [(number, rule) for _, number, _, rule, _ in delivery.quarantine()] == [(5, "field_count")]
    assert delivery.query("SELECT notice_title FROM raw.candidate_publicities WHERE section_codes <> 'S0' ORDER BY source_row") == [
        ("a\u2028b",),
        ("c\x85d",),
        ("e\nf",),
    ]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_delivery_declared_as_utf8_refuses_the_lines_that_are_not(delivery: Delivery, mark: bytes) -> None:
    delivery.put("delivery.toml", b'\xef\xbb\xbfencoding = "UTF-8"\n')
    delivery.put("511.csv", mark + sheet(row(1, title="plain")).encode() + f"{row(2)}\n{row(3)}\n".encode("gb18030"))
    assert delivery.load().codes() == ["S1"]
    assert [(number, rule) for _, number, _, rule, _ in delivery.quarantine()] == [(3, "not_utf8"), (4, "not_utf8")]
    # Declared rightly under a new name, the same bytes are no repetition of what could not be read.
    delivery.put("delivery.toml", 'encoding = "gb18030"\n')
    if not mark:
        delivery.put("511_again.csv", (delivery.folder / "511.csv").read_bytes())
        assert delivery.load().codes() == ["S1", "S2", "S3"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('encoding = "latin9"', "is not read"),
        ("label = 5", "is no text"),
        ('not_data = "a.csv"', "is no list"),
        ("not_data = [1]", "is no list"),
        ("as_of = 2018-01-25T08:00:00", "is no date"),
        ("covers_from = 2018-01-01\ncovers_to = 2017-12-31", "lies before"),
    ],
)
def test_a_statement_of_the_wrong_kind_is_refused(delivery: Delivery, text: str, complaint: str) -> None:
    delivery.put("delivery.toml", text)
    with pytest.raises(DeliveryError, match=complaint):
        delivery.load()


def _workbook(change: Callable[[xlsxwriter.worksheet.Worksheet], None]) -> bytes:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    worksheet = workbook.add_worksheet()
    for line, text in enumerate((HEADER, row(1))):
        for column, field in enumerate(text.split(",")):
            worksheet.write_string(line, column, field)
    change(worksheet)
    workbook.close()
    return stream.getvalue()


def _with_member(workbook: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            content = source.read(member)
            target.writestr(member, change(content) if member == name else content)
    return stream.getvalue()


@pytest.mark.parametrize(
    "bomb",
    [
        lambda: _workbook(lambda worksheet: worksheet.write_string(999_999, 0, "x")),
        lambda: _workbook(lambda worksheet: worksheet.write_string(1, 16_383, "x") or worksheet.write_string(100_000, 0, "x")),
        lambda: _with_member(
            _workbook(lambda _: None),
            "xl/worksheets/sheet1.xml",
            lambda text: text.replace(b'<dimension ref="A1:F2"', b'<dimension ref="A1:XFD1048576"'),
        ),
        lambda: _with_member(_workbook(lambda _: None), "xl/sharedStrings.xml", lambda text: text + b" " * (310 << 20)),
    ],
    ids=["a million rows", "far corners", "declared only", "strings that explode"],
)
def test_workbooks_larger_than_they_hold_are_refused_quickly(delivery: Delivery, bomb: Callable[[], bytes]) -> None:
    delivery.put("511.xlsx", bomb())
    started = time.monotonic()
    assert delivery.load().codes() == []
    assert time.monotonic() - started < 20
    assert [rule for *_, rule, _ in delivery.quarantine()] == ["workbook_bomb"]


def test_failed_formulas_are_held_by_column_and_ruin_the_row_only_where_it_needs_them(delivery: Delivery) -> None:
    def fail(worksheet: xlsxwriter.worksheet.Worksheet) -> None:
        for line, (column, error) in enumerate({0: "#REF!", 2: "#N/A", 1: "#VALUE!", 5: "#DIV/0!", 3: "#NAME?"}.items(), start=1):
            for position, field in enumerate(row(line).split(",")):
                worksheet.write_string(line, position, field)
            worksheet.write_formula(line, column, "=X", None, error)
        worksheet.write_string(2, 3, "#1 标段")

    delivery.put("511.xlsx", _workbook(fail))
    # The same sheet saved as CSV.
    delivery.put("511.csv", sheet(row(6, title="#REF!")))
    assert delivery.load().codes() == ["S2", "S5", "S6"]
    assert [line[1:] for line in delivery.quarantine()] == [
        (2, "tender_project_code", "ruined_code", "#REF!"),
        (4, "section_codes", "ruined_code", "#VALUE!"),
        (5, "publicity_ended_at", "unreadable_instant", "#DIV/0!"),
    ]
    assert delivery.query("SELECT row_number, column_name, rule, value FROM meta.held_values WHERE file = '511.xlsx' ORDER BY 1") == [
        (3, "notice_title", "unreadable_text", "#N/A"),
        (6, "url", "unreadable_text", "#NAME?"),
    ]
    assert delivery.query("SELECT column_name, value FROM meta.held_values WHERE file = '511.csv'") == [("notice_title", "#REF!")]
    assert delivery.query("SELECT notice_title, url FROM raw.candidate_publicities WHERE section_codes = 'S2'") == [(None, "#1 标段")]


def test_a_code_that_a_workbook_holds_as_a_number_is_named(delivery: Delivery) -> None:
    delivery.put("511.xlsx", _workbook(lambda worksheet: worksheet.write_number(1, 1, 20153100000000123)))
    delivery.load()
    assert delivery.quarantine() == [("511.xlsx", 2, "section_codes", "ruined_code", "2.015310000000012e+16")]
