"""A workbook as it leaves an office: a title above the headings, hidden and further sheets, merged cells, names that Windows packed; and a file that is not written to its end."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from sources import file_loading
from sources.deliveries import delivered_files, read_statement
from sources.loader import load_deliveries

HEADINGS = ["招标项目编号", "相关标段（包）编号", "公示标题", "公示开始时间"]


def record(number: int, began: str = "20170302090000") -> list[str]:
    return [f"P{number}", f"S{number}", "公示", began]


def workbook(fill: Callable[[openpyxl.Workbook, Worksheet], None]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    fill(book, book.active)
    book.save(stream)
    return stream.getvalue()


def loaded(tmp_path: Path, files: dict[str, bytes]) -> Callable[[str], list[tuple[Any, ...]]]:
    """The answers of a warehouse into which the files were loaded."""
    folder = tmp_path / "交付 2017年 12月"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    load_deliveries(tmp_path / "w.duckdb", folder, home=tmp_path, received_at=datetime(2018, 1, 25, tzinfo=UTC))

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    assert not ask("SELECT * FROM meta.deliveries WHERE rows_received <> rows_loaded + rows_quarantined + rows_duplicate")
    return ask


ROWS = "SELECT tender_project_code, section_codes, source_row % 1000000000 FROM raw.candidate_publicities ORDER BY 3, 1"


def test_a_row_has_the_number_that_the_sheet_shows(tmp_path: Path) -> None:
    def fill(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["A2"] = "中标候选人公示汇总表"
        for number, row in enumerate([HEADINGS, record(1), record(2, "昨天"), [], record(3)], start=3):
            for column, cell in enumerate(row, start=1):
                sheet.cell(number, column).value = cell

    ask = loaded(tmp_path, {"511.xlsx": workbook(fill)})
    assert ask(ROWS) == [("P1", "S1", 4), ("P3", "S3", 7)]
    assert ask("SELECT row_number, column_name, value FROM meta.quarantine") == [(5, "publicity_started_at", "昨天")]


def test_a_hidden_sheet_is_not_taken_for_the_one_that_is_seen(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        for row in (HEADINGS, record(1)):
            sheet.append(row)
        hidden = book.create_sheet("去年", 0)
        for row in (HEADINGS, record(9)):
            hidden.append(row)
        hidden.sheet_state = "hidden"

    ask = loaded(tmp_path, {"511.xlsx": workbook(fill)})
    assert ask(ROWS) == [("P1", "S1", 2)]
    assert ask("SELECT message FROM meta.deliveries") == [(None,)], "what the sender does not see is not missed"


def test_further_sheets_are_named(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.title = "一月"
        for row in (HEADINGS, record(1)):
            sheet.append(row)
        book.create_sheet("二月").append(HEADINGS)

    assert loaded(tmp_path, {"511.xlsx": workbook(fill)})("SELECT message FROM meta.deliveries") == [("only the sheet 一月 is read; not read: 二月",)]


def test_a_cell_that_is_merged_downwards_holds_for_each_of_its_rows(tmp_path: Path) -> None:
    def fill(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["B2"] = "公示汇总表"
        sheet.merge_cells("B2:E2")
        for number, row in enumerate([HEADINGS, record(1), record(2), record(3), ["备注：以上为十二月"]], start=3):
            for column, cell in enumerate(row, start=2):
                sheet.cell(number, column).value = cell
        sheet.merge_cells("B4:B5")
        sheet.merge_cells("B7:E7")

    ask = loaded(tmp_path, {"511.xlsx": workbook(fill)})
    # What is merged sideways, such as a note, is no value of the columns beside it.
    assert ask(ROWS) == [("P1", "S1", 4), ("P1", "S2", 5), ("P3", "S3", 6)]
    ((record_of_note,),) = ask("SELECT record FROM meta.quarantine")
    assert record_of_note.count("备注") == 1


def test_what_was_taken_for_headings_is_told(tmp_path: Path) -> None:
    def fill(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        for row in (["公示汇总表"], ["填报单位：通山县", "单位：万元"], HEADINGS, record(1)):
            sheet.append(row)

    ((message,),) = loaded(tmp_path, {"511.xlsx": workbook(fill)})("SELECT message FROM meta.deliveries WHERE status = 'refused'")
    assert "511.xlsx: none of the columns" in message and "填报单位：通山县, 单位：万元" in message


def test_names_that_windows_packed_are_chinese(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("AAAAAAA.csv", "\n".join(",".join(row) for row in (HEADINGS, record(1))))
        archive.writestr("十二月/511.csv", "\n".join(",".join(row) for row in (HEADINGS, record(2))))
        archive.writestr("__MACOSX/._511.csv", "\0")
    packed = stream.getvalue().replace(b"AAAAAAA", "511公示".encode("gbk"))
    ask = loaded(tmp_path, {"batch.zip": packed})
    assert ask("SELECT file, rows_loaded FROM meta.deliveries WHERE dataset IS NOT NULL ORDER BY 1") == [
        ("batch.zip/511公示.csv", 1),
        ("batch.zip/十二月/511.csv", 1),
    ]
    assert ask("SELECT * FROM meta.quarantine") == []


def test_what_windows_hides_is_no_file_of_the_delivery(tmp_path: Path) -> None:
    for name in ("~$511.xlsx", "Thumbs.db", "desktop.ini", ".DS_Store", "511.csv"):
        (tmp_path / name).touch()
    assert [file.name for file in delivered_files(tmp_path, read_statement(tmp_path))] == ["511.csv"]


@pytest.mark.parametrize("moment", ["before it is archived", "while it is read"])
def test_a_file_that_is_still_written_is_left_for_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    whole = "\n".join(",".join(row) for row in (HEADINGS, record(1), record(2))) + "\n"
    (folder / "511.csv").write_text(whole[:-20], encoding="utf-8")
    place, name = (file_loading.shutil, "copyfile") if moment == "before it is archived" else (file_loading.FileLoader, "_load_target")
    original = getattr(place, name)

    def goes_on(*given: Any, **named: Any) -> Any:
        (folder / "511.csv").write_text(whole, encoding="utf-8")
        return original(*given, **named)

    monkeypatch.setattr(place, name, goes_on)
    load_deliveries(tmp_path / "w.duckdb", folder, home=tmp_path, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    monkeypatch.undo()
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        assert connection.execute("SELECT rule FROM meta.quarantine").fetchall() == [("still_written",)]
        assert connection.execute(ROWS).fetchall() == []
    load_deliveries(tmp_path / "w.duckdb", folder, home=tmp_path, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        assert [row[:2] for row in connection.execute(ROWS).fetchall()] == [("P1", "S1"), ("P2", "S2")]


def test_what_stands_at_the_foot_of_a_sheet_is_no_record(tmp_path: Path) -> None:
    feet = ["合计", "总 计", "本页小计", "共计 3 项", "填表人：张三", "制表人", "审核人: 李四", "单位负责人：王五", "注：以上为全年数", "备注：无"]
    real = ["合计划审〔2017〕1号", "注册建筑公司招标1", "审核咨询服务2017-1", "咸宁招标2017-1", "P1"]

    def fill(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        for row in [HEADINGS, *([code, *record(1)[1:]] for code in real), *([foot, foot, None, None] for foot in feet)]:
            sheet.append(row)

    ask = loaded(tmp_path, {"511.xlsx": workbook(fill)})
    assert sorted(code for code, *_ in ask(ROWS)) == sorted(real)
    quarantined = ask("SELECT value, rule, column_name, subject_code FROM meta.quarantine ORDER BY row_number")
    # Nor does it speak of a section or project of that name.
    assert quarantined == [(foot, "foot_of_sheet", "tender_project_code", None) for foot in feet]
