"""Registers, notices and lists, read back and compared with what was delivered."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from exports.documents.point_notices import Notice, numbering_words
from tests.exports.documents.delivered import HOSTILE, LONG, MOBILE
from tests.exports.documents.reading_back import paper_lines

pytestmark = pytest.mark.thorough


def _delivered(home: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((home / "office" / f"{name}.csv").open(encoding="utf-8")))


def _rows(path: Path, sheet: str) -> list[dict[str, object]]:
    book = openpyxl.load_workbook(path)
    headings = [cell.value for cell in book[sheet][3]]
    rows = [[cell.value for cell in row] for row in book[sheet].iter_rows(min_row=4)]
    # A row of the list has its second cell; signatures and notes have not.
    return [dict(zip(headings, row, strict=True)) for row in rows if row[1] is not None and not str(row[0]).endswith("：")]


def test_every_item_of_the_year_is_in_the_register_and_only_proactive_ones_are_named(shared_home: Path, everything: Path) -> None:
    told = _rows(everything / "政府信息发布登记簿_2022年_office.xlsx", "登记明细")
    delivered = {line["ITEM_CODE"]: line for line in _delivered(shared_home, "DISCLOSURE_REGISTER") if line["FORMED_TIME"].startswith("2022")}
    assert {row["登记号"] for row in told} == set(delivered) and len(told) == len(delivered)
    for row in told:
        line = delivered[str(row["登记号"])]
        named = line["OPENNESS"] == "主动公开"
        assert (row["信息名称"] == "（未主动公开，名称从略）") is not named
        assert row["公开属性"] == line["OPENNESS"] and row["科室"] == line["OFFICE"].replace(MOBILE, "138****5678")
        if named and line["TITLE"] in (*HOSTILE[:4], LONG):
            assert row["信息名称"] == line["TITLE"]
        assert (row["审查核对"] == "—") is not bool(line["PUBLISHED_TIME"])
    by_office = {row["科室"]: row for row in _rows(everything / "政府信息发布登记簿_2022年_office.xlsx", "按科室汇总")}
    counted = Counter(line["OFFICE"].replace(MOBILE, "138****5678") for line in delivered.values())
    assert {office: row["条数"] for office, row in by_office.items()} == {**counted, "合计": len(delivered)}


def test_an_office_begins_on_a_new_page(everything: Path) -> None:
    sheet = openpyxl.load_workbook(everything / "政府信息发布登记簿_2022年_office.xlsx")["登记明细"]
    offices = [sheet.cell(row, 1).value for row in range(4, sheet.max_row + 1)]
    changes = [row for row in range(5, 4 + 59) if row - 4 < len(offices) and offices[row - 4] != offices[row - 5] and offices[row - 4]]
    assert [pagebreak.id for pagebreak in sheet.row_breaks.brk] == [row - 1 for row in changes if not str(offices[row - 4]).endswith("：")]
    assert sheet.print_title_rows == "$3:$3" and sheet.page_setup.orientation == "landscape" and sheet.sheet_properties.pageSetUpPr.fitToPage


def test_every_request_of_the_year_is_in_the_register_without_its_applicant(shared_home: Path, everything: Path) -> None:
    path = everything / "依申请公开信息登记簿_2022年_office.xlsx"
    told = {str(row["申请编号"]): row for row in _rows(path, "登记明细")}
    delivered = {line["REQUEST_NUMBER"]: line for line in _delivered(shared_home, "INFORMATION_REQUEST") if line["RECEIVED_TIME"].startswith("2022")}
    assert set(told) == set(delivered)
    for number, row in told.items():
        answered = delivered[number]["ANSWERED_TIME"]
        assert (row["答复"] or "").replace("-", "") == answered[:8] and (row["进度"] == "已答复") is bool(answered)
    (total,) = (row for row in _rows(path, "按科室汇总") if row["科室"] == "合计")
    assert total["收到"] == len(delivered) == total["已答复"] + total["未答复"]
    assert not any("张三" in str(cell.value) for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row)


def test_each_notice_has_its_page_under_its_own_number(everything: Path) -> None:
    lines = paper_lines(everything / "不良行为量化通知书_2022年_office.docx")
    assert "本年发出12份，文号以交付数据为准，重新生成时不变；编号1至13；缺7号。" in lines
    assert [line for line in lines if line.startswith("咸公管量") and " | " not in line] == [
        f"咸公管量〔2022〕{number}号" for number in range(1, 14) if number != 7
    ]
    assert any(line.startswith("<script>alert(1)</script>（") for line in lines) and any(line.startswith("张**（") for line in lines)
    assert sum("〔R 未核实〕" in line for line in lines) == 12


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (["甲〔2022〕1号", "甲〔2022〕2号"], "编号1至2；连续无缺号。"),
        (["甲〔2022〕2号", "甲〔2022〕2号", "甲〔2022〕4号"], "编号2至4；缺1、3号；重号：2。"),
        (["甲[2022]1号", "PN-7", "甲〔2021〕9号"], "编号1至1；连续无缺号；文号不是本年“〔年〕号”形式的：PN-7、甲〔2021〕9号。"),
        ([], "本年发出0份，文号以交付数据为准，重新生成时不变。"),
    ],
)
def test_whether_numbers_follow_one_another(numbers: list[str], words: str) -> None:
    notices = [Notice(number, "", "", None, "", Decimal(1), None, None, date(2022, 1, 1), None, "in_effect", False) for number in numbers]
    assert numbering_words(notices, 2022).endswith(words)


def test_the_lists_name_persons_by_their_first_character_and_never_speak_by_colour_alone(everything: Path) -> None:
    black, red = (_rows(everything / "信用红黑榜_2022年.xlsx", sheet) for sheet in ("黑榜", "红榜"))
    assert [(row["标记"], row["主体"]) for row in black] == [("▲ 黑榜", "张**"), ("▲ 黑榜", HOSTILE[0]), ("▲ 黑榜", "某建设工程有限公司")]
    assert {row["状态"] for row in black} == {"▲ 在列"}
    # One bad record, or an empty cell, is not the good list.
    assert [(row["标记"], row["主体"], row["良好信息"]) for row in red] == [("★ 红榜", "好中介有限公司", "3"), ("★ 红榜", "=**", "1")]
    paper = paper_lines(everything / "信用红黑榜_2022年.docx")
    for row in (*black, *red):
        assert " | ".join(str(cell) for cell in row.values()) in paper
    assert any("此口径为本系统拟定" in line for line in paper)
