"""What a workbook needs to be read and printed as it is: rows as high as their text, paper as wide as its columns, shares as numbers."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from exports.workbooks import Column, write_list, writing

LONG = "关于公共资源交易信息公开工作中涉及的建设工程政府采购土地使用权国有产权四类项目全过程公开情况的说明"


def _sheet(folder: Path, columns: list[Column], rows: list[tuple]) -> Worksheet:
    path = folder / "list.xlsx"
    with writing(path, "表", datetime(2020, 1, 1)) as (workbook, formats):
        write_list(workbook, formats, "表", "表", "行", columns, rows)
    return openpyxl.load_workbook(path)["表"]


def test_a_row_is_as_high_as_what_is_folded_in_it(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path, [Column(("名称",), 20), Column(("节约率（÷估算）",), 9, "rate")], [("短", None), (LONG, None), (LONG * 200, None)])
    heights = {row: sheet.row_dimensions[row].height for row in range(3, 7)}
    assert heights[3] >= 2 * 15, "a heading of two lines lay over the first row"
    assert heights[4] is None and heights[5] >= len(LONG) * 2 / 20 * 15 and heights[6] == 409


def test_a_title_wider_than_its_table_is_folded_and_dates_stand_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with writing(path, "表", datetime(2020, 1, 1)) as (workbook, formats):
        write_list(workbook, formats, "表", "2013年12月公共资源交易情况（地区×类别）", "行", [Column(("日期",), 20, "centred"), Column(("项数",), 10, "count")], [("2020-01-01", 3)])  # fmt: skip
    sheet = openpyxl.load_workbook(path)["表"]
    assert sheet["A1"].alignment.wrap_text and sheet.row_dimensions[1].height >= 3 * 18 * 1.4, "its ends were cut"
    assert (sheet["A4"].alignment.horizontal, sheet["B4"].alignment.horizontal) == ("center", "right")


@pytest.mark.parametrize(("width", "paper"), [(60, "9"), (300, "8")])
def test_columns_too_wide_for_a4_are_printed_on_a3(tmp_path: Path, width: int, paper: str) -> None:
    sheet = _sheet(tmp_path, [Column(("名称",), width)], [("甲",)])
    assert str(sheet.page_setup.paperSize) == paper and sheet.page_setup.fitToHeight == 0 and sheet.page_setup.orientation == "landscape"


def test_shares_and_changes_are_numbers_that_can_be_added_and_sorted(tmp_path: Path) -> None:
    sheet = _sheet(tmp_path, [Column(("率",), 9, "rate"), Column(("环比",), 9, "change")], [(Decimal("0.0825"), Decimal("-0.0517")), ("—", "—")])
    told = [(cell.value, cell.number_format) for cell in sheet[4]]
    assert told == [(0.0825, "0.00%"), (-0.0517, "+0.00%;-0.00%;+0.00%")]
    assert [cell.value for cell in sheet[5]] == ["—", "—"]
