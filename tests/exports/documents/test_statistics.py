"""The statistics tables, read back by another library and counted a second time from the delivered lines in plain Python."""

import csv
import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from dashboards.labels import section
from exports.documents.catalogue import document
from exports.documents.errors import DocumentError
from exports.documents.figures import MISSING
from exports.documents.forms import forms
from exports.documents.writing import Asked, write_documents
from tests.exports.documents.delivered import APPLICANTS, EMAIL, IDENTITY_CARD, MOBILE, OUTCOMES
from tests.exports.documents.reading_back import compare_with_golden, workbook_lines

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def books(shared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, openpyxl.Workbook]:
    out = tmp_path_factory.mktemp("statistics")
    for year in (2021, 2022):
        write_documents(shared_home, [document("statistics")], Asked(year), out)
    return {year: openpyxl.load_workbook(out / f"政府信息公开情况统计表_{year}年_office.xlsx") for year in (2021, 2022)}


@pytest.fixture(scope="module")
def delivered(shared_home: Path) -> dict[str, list[dict[str, str]]]:
    return {path.stem: list(csv.DictReader(path.open(encoding="utf-8"))) for path in (shared_home / "office").glob("*.csv")}


def _cells(sheet: Worksheet) -> dict[str, list[object]]:
    """The cells behind every row's name; of merged ones the first."""
    return {
        str(row[0].value).strip("　"): [cell.value for cell in row[1:] if not isinstance(cell, MergedCell)]
        for row in sheet.iter_rows(min_row=3)
        if row[0].value
    }


def _year(text: str) -> int | None:
    return datetime.strptime(text, "%Y%m%d%H%M%S").year if text else None


@pytest.mark.parametrize("year", [2021, 2022])
def test_requests_are_counted_by_who_applied_and_how_it_ended(
    books: dict[int, openpyxl.Workbook], delivered: dict[str, list[dict[str, str]]], year: int
) -> None:
    rows = _cells(books[year]["2 收到和处理政府信息公开申请情况"])
    requests = delivered["INFORMATION_REQUEST"]

    def expected(chosen: list[dict[str, str]]) -> list[int]:
        by_applicant = Counter(line["APPLICANT_KIND"] for line in chosen)
        return [by_applicant[applicant] for applicant in APPLICANTS] + [len(chosen)]

    received = [line for line in requests if _year(line["RECEIVED_TIME"]) == year]
    answered = [line for line in requests if _year(line["ANSWERED_TIME"]) == year]
    carried = [line for line in requests if _year(line["RECEIVED_TIME"]) < year and (_year(line["ANSWERED_TIME"]) or 9999) >= year]
    forward = [line for line in requests if _year(line["RECEIVED_TIME"]) <= year and (_year(line["ANSWERED_TIME"]) or 9999) > year]
    assert forward and answered and (carried or year == 2021)
    assert rows["一、本年新收政府信息公开申请数量"] == expected(received)
    assert rows["二、上年结转政府信息公开申请数量"] == expected(carried)
    assert rows["（七）总计"] == expected(answered)
    assert rows["四、结转下年度继续办理"] == expected(forward)
    for outcome in OUTCOMES:
        (row,) = (cells for name, cells in rows.items() if name.partition("）")[2].partition("（")[0] == outcome)
        assert row == expected([line for line in answered if line["OUTCOME"] == outcome]), outcome


def test_parts_of_a_whole_that_is_zero_are_zero_and_others_are_missing(books: dict[int, openpyxl.Workbook]) -> None:
    # Of the answers of 2022, some to requests of 2021 may be of every outcome.
    for year, book in books.items():
        rows = _cells(book["2 收到和处理政府信息公开申请情况"])
        refused, secret = next(cells for name, cells in rows.items() if name.startswith("（三）")), rows["1．属于国家秘密"]
        assert any(number == 0 for number in refused) or year == 2021
        assert secret == [0 if number == 0 else MISSING for number in refused]


@pytest.mark.parametrize("year", [2021, 2022])
def test_disputes_are_counted_by_what_came_of_them(
    books: dict[int, openpyxl.Workbook], delivered: dict[str, list[dict[str, str]]], year: int
) -> None:
    (cells,) = (cells for name, cells in _cells(books[year]["3 政府信息公开行政复议、行政诉讼情况"]).items() if name == "件数")
    expected = []
    for kind, after in (("复议", ""), ("诉讼", "0"), ("诉讼", "1")):
        chosen = [
            line["OUTCOME"]
            for line in delivered["REVIEW_LITIGATION"]
            if line["KIND"] == kind and line["IS_AFTER_REVIEW"] == after and _year(line["FILED_TIME"]) == year
        ]
        counted = Counter(chosen)
        expected += [counted[outcome] for outcome in ("结果维持", "结果纠正", "其他结果", "尚未审结")] + [len(chosen)]
    assert sum(expected) > 0
    assert cells == expected


def test_decisions_are_counted_and_what_no_data_set_tells_is_missing(books: dict[int, openpyxl.Workbook]) -> None:
    # The four tables of article 20 stand on one sheet, as on one page of the form.
    rows = _cells(books[2021]["1 主动公开政府信息情况"])
    assert (rows["行政许可"], rows["行政处罚"], rows["行政强制"]) == ([16], [9], [MISSING])
    assert rows["规章"] == [MISSING] * 3
    assert [name for name in rows if name.startswith("第二十条")] == [f"第二十条第（{item}）项" for item in "一五六八"]


@pytest.mark.parametrize("year", [2021, 2022])
def test_every_identity_of_the_form_holds_or_cannot_be_told(books: dict[int, openpyxl.Workbook], year: int) -> None:
    checks = [[cell.value for cell in row] for row in books[year]["勾稽核对"].iter_rows(min_row=4)]
    states = Counter(check[4] for check in checks)
    assert set(states) <= {section("identity_state")["holds"], section("identity_state")["unknown"]}
    (balance,) = (check for check in checks if str(check[1]).startswith("一、") and "（总计）" in str(check[1]))
    assert balance[4] == section("identity_state")["holds"]
    (carried,) = (check for check in checks if "上年的" in str(check[1]))
    assert carried[4] == section("identity_state")["holds" if year == 2022 else "unknown"]


@pytest.mark.parametrize("year", [2021, 2022])
def test_every_figure_leads_to_as_many_rows_as_it_counts(books: dict[int, openpyxl.Workbook], year: int) -> None:
    traced = [[cell.value for cell in row] for row in books[year]["数据来源"].iter_rows(min_row=4) if row[2].value]
    counted = [line for line in traced if line[3] != "—"]
    assert len(counted) > 12
    assert [line for line in counted if line[1] != line[3] and line[1] != MISSING] == []


def test_shares_add_up_without_being_bent(books: dict[int, openpyxl.Workbook]) -> None:
    rows = [[cell.value for cell in row] for row in books[2022]["主动公开信息分类占比"].iter_rows(min_row=4) if row[1].value is not None]
    assert rows[-1][0] == "合计" and rows[-1][2] == 100
    assert sum(row[1] for row in rows[:-1]) == rows[-1][1]
    assert [row[0] for row in rows[:-1] if row[0] == "=1+1"] == ["=1+1"]


def test_the_same_snapshot_gives_the_same_bytes_and_an_index(own_home: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    written = [write_documents(own_home, [document("statistics")], Asked(2022), out) for out in (first, second, second)]
    names = {path.name: path.read_bytes() for path in first.iterdir()}
    assert set(names) == {"政府信息公开情况统计表_2022年_office.xlsx", "documents.json", "documents.html"} | {file.path.name for file in written[0]}
    assert names == {path.name: path.read_bytes() for path in second.iterdir()}
    entries = json.loads(names["documents.json"])["documents"]
    assert {entry["snapshot"] for entry in entries} == {(own_home / "published" / "current").resolve().name}
    assert (second / entries[0]["site"]).resolve().parent.parent == (own_home / "published" / "current").resolve()


def test_a_year_that_is_not_covered_is_refused_in_one_line(own_home: Path, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"^2019: not covered by snapshot .*; it tells .*office 2021-01-01 … 2023-01-25"):
        write_documents(own_home, [document("statistics")], Asked(2019), tmp_path / "out")
    # 2023 has begun, and has not ended.
    with pytest.raises(DocumentError, match="2023: not covered"):
        write_documents(own_home, [document("statistics")], Asked(2023), tmp_path / "out")
    assert not list((tmp_path).glob("out/*.xlsx"))


def test_nothing_formed_by_a_formula_or_personal(books: dict[int, openpyxl.Workbook]) -> None:
    for book in books.values():
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f"
                    assert not any(planted in str(cell.value) for planted in (IDENTITY_CARD, MOBILE, EMAIL))


def test_the_form_of_2021_reads_as_it_was_reviewed(shared_home: Path, tmp_path: Path) -> None:
    (written,) = write_documents(shared_home, [document("statistics")], Asked(2021), tmp_path)
    lines = workbook_lines(written.path)
    compare_with_golden("statistics_2021.txt", [line for line in lines if "快照：" not in line])


def test_forms_follow_one_another_without_gap_and_name_what_exists() -> None:
    years = [(form.valid_from, form.valid_to) for form in forms()]
    assert years == [(2014, 2018), (2019, 2020), (2021, None)]
    for form in forms():
        for table in form.tables:
            rows, columns = {row.key for row in table.rows}, {column.key for column in table.columns}
            assert len(rows) == len(table.rows) and len(columns) == len(table.columns)
            assert {key for identity in table.identities for key in (*identity.left, *identity.right)} <= rows
            assert {key for identity in table.column_identities for key in (*identity.left, *identity.right)} <= columns
            assert {kind for row in table.rows for kind in row.figures} <= {column.kind for column in table.columns}
