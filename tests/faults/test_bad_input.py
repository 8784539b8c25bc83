"""Bad input, delivered for real: every fault is named with file, row, column and value, the rest of the delivery goes on, and the ledger balances."""

import io
import json
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from sources.loader import load_deliveries

HEADER = "TENDER_PROJECT_CODE,BID_SECTION_CODES,PUBLICITY_NAME,URL,PUBLICITY_START_TIME,PUBLICITY_END_TIME"
NAME = "TENDER_CANDIDATE_ANNOUNCE"


def row(number: int, *, code: str | None = None, start: str = "20170302090000", title: str | None = None) -> str:
    return f"P{number},{code or f'S{number}'},{title or f'第{number}标段中标候选人公示'},http://example.invalid/{number},{start},20170306090000"


def good(count: int = 3, after: int = 0) -> str:
    return "\n".join([HEADER, *(row(after + number) for number in range(1, count + 1))]) + "\n"


class Delivered:
    """A delivery that was loaded: its quarantine and its ledger."""

    def __init__(self, folder: Path) -> None:
        self.summary = load_deliveries(
            folder / "home/work/w.duckdb", folder / "in", home=folder / "home", received_at=datetime(2018, 1, 25, tzinfo=UTC)
        )
        with duckdb.connect(str(folder / "home/work/w.duckdb"), read_only=True) as connection:
            self.quarantine = connection.execute(
                "SELECT file, row_number, column_name, rule, value, reason, record FROM meta.quarantine ORDER BY file, row_number"
            ).fetchall()
            self.ledger = connection.execute(
                "SELECT file, status, rows_received, rows_loaded, rows_quarantined, rows_duplicate FROM meta.deliveries ORDER BY file"
            ).fetchall()
            self.loaded = [code for (code,) in connection.execute("SELECT section_codes FROM raw.candidate_publicities ORDER BY 1").fetchall()]
        assert all(received == loaded + held + same for _, _, received, loaded, held, same in self.ledger)

    def rules(self) -> list[tuple[int | None, str]]:
        return [(number, rule) for _, number, _, rule, _, _, _ in self.quarantine]


@pytest.fixture
def deliver(tmp_path: Path) -> Any:
    (tmp_path / "in").mkdir()

    def load(files: dict[str, str | bytes]) -> Delivered:
        # One sound file always comes along: it must load whatever stands beside it.
        for name, content in {"511_sound.csv": good(2).replace("S1", "SOUND1").replace("S2", "SOUND2"), **files}.items():
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        delivered = Delivered(tmp_path)
        assert {"SOUND1", "SOUND2"} <= set(delivered.loaded)
        return delivered

    return load


def test_a_ruined_code_and_an_impossible_time_are_named(deliver: Any) -> None:
    text = "\n".join([HEADER, row(1), row(2, code="2.01531E+16"), row(3, start="2223/7/7 8:")]) + "\n"
    delivered = deliver({f"{NAME}.csv": text})
    assert [(file, number, column, rule, value) for file, number, column, rule, value, _, _ in delivered.quarantine] == [
        (f"{NAME}.csv", 3, "section_codes", "ruined_code", "2.01531E+16"),
        (f"{NAME}.csv", 4, "publicity_started_at", "unreadable_instant", "2223/7/7 8:"),
    ]
    assert all(reason and json.loads(record) for *_, reason, record in delivered.quarantine)
    assert "S1" in delivered.loaded


def test_a_torn_file_loses_no_row_silently(deliver: Any) -> None:
    torn = {}
    for cut in range(1, 150, 7):
        lines = (row(100 * cut + number, title=f'"第{number}标段，\n含换行"') for number in range(1, 6))
        torn[f"{NAME}_{cut}.csv"] = ("\n".join([HEADER, *lines]) + "\n")[:-cut]
    ledger = {line[0]: line for line in deliver(torn).ledger}
    for name, text in torn.items():
        _, _, received, loaded, held, same = ledger[name]
        assert (loaded + held, same) == (received, 0), name
        assert loaded >= text.count("20170306090000\n"), name
        assert received >= text.count("http://"), name


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_time_that_was_cut_to_a_date_is_no_date(deliver: Any, encoding: str) -> None:
    cuts = range(2, 15)
    delivered = deliver({f"{NAME}_{cut}.csv": good(3, after=100 * cut)[:-cut].encode(encoding) for cut in cuts})
    assert [(file, number, rule, value) for file, number, _, rule, value, _, _ in delivered.quarantine] == sorted(
        (f"{NAME}_{cut}.csv", 4, "torn_line", "20170306090000"[: 15 - cut]) for cut in cuts
    )
    assert {f"S{100 * cut + number}" for cut in cuts for number in (1, 2)} <= set(delivered.loaded)


def test_a_last_line_without_an_end_is_no_torn_one(deliver: Any) -> None:
    # Whole, among dates of its own kind, shorter but no time at all, or alone, so that nothing tells what was meant.
    dates = good(3).replace("20170306090000", "20170306", 1).removesuffix("090000\n")
    texts = good(3).replace("PUBLICITY_END_TIME", "备注").removesuffix("20170306090000\n") + "无"
    delivered = deliver({f"{NAME}_a.csv": good(3)[:-1], f"{NAME}_b.csv": dates, f"{NAME}_c.csv": texts, f"{NAME}_d.csv": good(1)[:-7]})
    assert not delivered.quarantine


def test_a_header_one_column_short_refuses_the_rows_not_the_meaning(deliver: Any) -> None:
    text = good().replace("PUBLICITY_NAME,URL,", "PUBLICITY_NAME,")
    delivered = deliver({f"{NAME}.csv": text})
    assert delivered.rules() == [(2, "field_count"), (3, "field_count"), (4, "field_count")]
    assert "6 fields, the header 5" in delivered.quarantine[0][5]


def test_repeated_headings_are_noted_and_the_first_is_used(deliver: Any) -> None:
    text = good(1).replace(HEADER, HEADER.replace("URL", "PUBLICITY_NAME"))
    delivered = deliver({f"{NAME}.csv": text})
    assert "S1" in delivered.loaded


def test_gb18030_bytes_in_a_file_said_to_be_utf8(deliver: Any) -> None:
    lines = good(3).encode().splitlines(keepends=True)
    lines[2] = row(2).encode("gb18030") + b"\n"
    delivered = deliver({f"{NAME}.csv": b"\xef\xbb\xbf" + b"".join(lines)})
    assert delivered.rules() == [(3, "not_utf8")]
    assert {"S1", "S3"} <= set(delivered.loaded)


def test_a_whole_file_in_gb18030_is_read(deliver: Any) -> None:
    delivered = deliver({f"{NAME}.csv": good(3).encode("gb18030")})
    assert not delivered.quarantine
    assert {"S1", "S2", "S3"} <= set(delivered.loaded)


def test_xml_with_a_doctype_is_refused_and_reads_no_file(deliver: Any, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text("secret")
    xml = f'<!DOCTYPE r [<!ENTITY c SYSTEM "file://{canary}">]><r><record><PUBLICITY_NAME>&c;</PUBLICITY_NAME></record></r>'
    delivered = deliver({f"{NAME}.xml": xml})
    assert delivered.rules() == [(None, "doctype")]
    assert "secret" not in str(delivered.quarantine)


def _workbook(cells: list[tuple[int, int, str]]) -> bytes:
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet()
    for position, heading in enumerate(HEADER.split(",")):
        sheet.write_string(0, position, heading)
    for line, column, text in cells:
        sheet.write_string(line, column, text)
    workbook.close()
    return stream.getvalue()


def test_a_workbook_with_a_cell_in_the_farthest_corner_is_refused(deliver: Any) -> None:
    delivered = deliver({f"{NAME}.xlsx": _workbook([(1_048_575, 16_383, "x")])})
    assert delivered.rules() == [(None, "workbook_bomb")]


@pytest.mark.thorough
def test_a_workbook_that_explodes_is_refused(deliver: Any) -> None:
    stream = io.BytesIO(_workbook([(1, 0, "P1")]))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"<c/>" * (100 << 20))
    delivered = deliver({f"{NAME}.xlsx": stream.getvalue()})
    assert delivered.rules() == [(None, "workbook_bomb")]


def test_a_sound_workbook_is_read(deliver: Any) -> None:
    cells = [(line, column, text) for line in (1, 2) for column, text in enumerate(row(line).split(","))]
    delivered = deliver({f"{NAME}.xlsx": _workbook(cells)})
    assert {"S1", "S2"} <= set(delivered.loaded)


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        (f"{NAME}.csv", b"%PDF-1.7 ...", "wrong_type"),
        (f"{NAME}.xlsx", b"a,b\n1,2\n", "wrong_type"),
        (f"{NAME}.csv", b"", "empty_file"),
        (f"{NAME}.json", b"", "empty_file"),
        ("unknown.csv", b"a,b\n1,2\n", "no_data_set"),
        (f"{NAME}.html", b"<html></html>", "no_reader"),
        (f"{NAME}.csv", b"a,b\n1,2\n", "no_key_columns"),
        (f"{NAME}.zip", b"PK\x03\x04 torn", "unreadable_archive"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(deliver: Any, name: str, content: bytes, rule: str) -> None:
    delivered = deliver({name: content})
    assert delivered.rules() == [(None, rule)]
    assert name.split(".", maxsplit=1)[0] in delivered.quarantine[0][5]


def test_duplicate_keys_refuse_their_record_only(deliver: Any) -> None:
    record = '{"TENDER_PROJECT_CODE": "P%d", "BID_SECTION_CODES": "S%d", "PUBLICITY_NAME": "x"%s}'
    text = "[" + ", ".join([record % (1, 1, ""), record % (2, 2, ', "BID_SECTION_CODES": "S9"'), record % (3, 3, "")]) + "]"
    delivered = deliver({f"{NAME}.json": text})
    assert delivered.rules() == [(3, "duplicate_keys")]
    assert {"S1", "S3"} <= set(delivered.loaded)


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
def test_a_token_that_is_no_number_costs_its_record_only(deliver: Any, token: str) -> None:
    record = '{"BID_SECTION_CODES": "S%d", "x": %s}'
    nested = ["1.5", token, f'{{"a": [1, {{"b": {token}}}]}}', f'"{token}"']
    delivered = deliver({f"{NAME}.json": "[" + ", ".join(record % entry for entry in enumerate(nested, start=1)) + "]"})
    assert [(number, column, rule, value) for _, number, column, rule, value, _, _ in delivered.quarantine] == [
        (3, "x", "not_json", token),
        (4, "b", "not_json", token),
    ]
    assert delivered.quarantine[0][6] == f'{{"BID_SECTION_CODES": "S2", "x": {token}}}'
    assert {"S1", "S4"} <= set(delivered.loaded)


@pytest.mark.parametrize("name", [f"{NAME}.json", "candidate_publicity.json"])
def test_a_file_without_one_sound_record_counts_each(deliver: Any, name: str) -> None:
    delivered = deliver({name: '[{"BID_SECTION_CODES": NaN}, {"x": 1, "x": 2}]'})
    assert delivered.rules() == [(2, "not_json"), (3, "duplicate_keys")]
    assert (name, "loaded", 2, 0, 2, 0) in delivered.ledger


@pytest.mark.parametrize("others", ["", ', {"compiledRelease": {"ocid": "ocds-03ad3f-2", "date": "2017-03-02", "tender": {"title": "x"}}}'])
def test_an_entry_of_a_record_package_without_its_record_is_counted(deliver: Any, others: str) -> None:
    delivered = deliver({"ocds-03ad3f-1.json": f'{{"records": [{{"ocid": "ocds-03ad3f-1", "releases": []}}, 7, {{"compiledRelease": 7}}{others}]}}'})
    assert [(number, column, rule) for _, number, column, rule, *_ in delivered.quarantine] == [
        (2, "compiledRelease", "not_a_record"),
        (3, None, "not_a_record"),
        (4, None, "not_a_record"),
    ]
    assert json.loads(delivered.quarantine[0][6]) == {"ocid": "ocds-03ad3f-1", "releases": []}
    count = 4 if others else 3
    assert [line[2:] for line in delivered.ledger if line[0].startswith("ocds") and line[2]] == [(count, count - 3, 3, 0)]


@pytest.mark.thorough
def test_a_cell_of_a_hundred_megabytes_costs_its_row_only(deliver: Any) -> None:
    text = good(1) + row(2, title="x" * (100 << 20)) + "\n" + row(3) + "\n"
    delivered = deliver({f"{NAME}.csv": text})
    assert delivered.rules() == [(3, "too_large_cell")]
    assert {"S1", "S3"} <= set(delivered.loaded)


def test_a_member_that_leads_out_of_its_archive_is_refused_and_the_others_load(deliver: Any, tmp_path: Path) -> None:
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("../511_evil.csv", good(1))
        archive.writestr("511_inner.csv", good(1).replace("S1", "ZIPPED"))
    with tarfile.open(fileobj=tarred, mode="w:gz") as tar:
        content = good(1).replace("S1", "TARRED").encode()
        member = tarfile.TarInfo("511_tarred.csv")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("511_link.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    delivered = deliver({"batch.zip": zipped.getvalue(), "batch.tar.gz": tarred.getvalue()})
    assert sorted(rule for _, rule in delivered.rules()) == ["unsafe_path", "unsafe_path"]
    assert {"ZIPPED", "TARRED"} <= set(delivered.loaded)
    assert not list(tmp_path.rglob("511_evil.csv"))


@pytest.mark.parametrize(
    ("name", "content", "rule", "kept"),
    [
        (f"{NAME}.json", '[{"BID_SECTION_CODES": "S1", "PUBLICITY_NAME": "\\ud800"}, {"BID_SECTION_CODES": "S2"}]', "not_utf8", {"S2"}),
        (f"{NAME}.csv", good(2).replace("\n", "\r"), "line_ends", set()),
        (f"{NAME}.csv", "\n" + good(2), "no_header", set()),
        (f"{NAME}.csv", b"\xff\xfe" + "标".encode("utf-16-le") + b"\x00", "unknown_encoding", set()),
        (f"{NAME}.csv", good(1) + row(2, title='"4"x') + "\n" + row(3) + "\n", "not_csv", {"S1", "S3"}),
        (f"{NAME}.jsonl", '{"BID_SECTION_CODES": "S1"}\n{"BID_SECTION_CODES": NaN}\n', "not_json", {"S1"}),
    ],
)
def test_odd_text_costs_what_it_must_and_no_more(deliver: Any, name: str, content: str | bytes, rule: str, kept: set[str]) -> None:
    delivered = deliver({name: content})
    assert [found for _, found in delivered.rules()] == [rule]
    assert kept <= set(delivered.loaded)


def test_a_delivered_column_called_row_number_does_not_move_the_rows(deliver: Any) -> None:
    lines = good(2).splitlines()
    text = "\n".join(["row_number," + lines[0], *(f"77,{line}" for line in lines[1:])]) + "\n"
    delivered = deliver({f"{NAME}.csv": text.replace("S2", "2.01531E+16")})
    assert delivered.rules() == [(3, "ruined_code")]


def test_a_damaged_member_costs_only_itself(deliver: Any) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("511_a.csv", good(1).replace("S1", "KEPT"))
        archive.writestr("511_b.csv", "x" * 5000 + good(3))
    damaged = bytearray(stream.getvalue())
    place = bytes(damaged).index(b"511_b.csv") + len("511_b.csv") + 5
    damaged[place : place + 8] = b"\xff" * 8
    delivered = deliver({"batch.zip": bytes(damaged)})
    assert [rule for _, rule in delivered.rules()] == ["unreadable_member"]
    assert "KEPT" in delivered.loaded
