import json
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from dashboards.snapshot import SnapshotError
from exports.publication import MANIFEST as MANIFEST_FILE
from exports.rates_workbook import write_rates_workbook
from tests.dashboards.snapshot_builder import HOSTILE, MANIFEST, REGIONS, RULES, Content, build_snapshot

SHEETS = {"披露率": "disclosure", "及时率": "timeliness"}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("usual")
    (folder / MANIFEST_FILE).write_text(json.dumps(MANIFEST), encoding="utf-8")
    return build_snapshot(folder)


@pytest.fixture(scope="module")
def workbook(warehouse: Path) -> openpyxl.Workbook:
    path = write_rates_workbook(warehouse, warehouse.parent / "exports")
    assert path.name == "披露率与及时率_2018-01-25.xlsx"
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    return openpyxl.load_workbook(path)


def _groups(sheet: Worksheet) -> dict[str, int]:
    """First column of every duty and of the total, by the merged heading."""
    return {sheet.cell(3, column).value: column for column in range(2, sheet.max_column + 1) if sheet.cell(3, column).value}


def _rows(sheet: Worksheet) -> dict[str, int]:
    rows = {}
    for row in range(5, sheet.max_row + 1):
        rows[sheet.cell(row, 1).value] = row
        if sheet.cell(row, 1).value == "合计":
            return rows
    raise AssertionError("no total row")


def _group(sheet: Worksheet, row: int, column: int) -> tuple:
    return tuple(sheet.cell(row, column + offset).value for offset in range(4))


@pytest.mark.parametrize("title", SHEETS)
def test_every_cell_counts_the_obligations(warehouse: Path, workbook: openpyxl.Workbook, title: str) -> None:
    sheet = workbook[title]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        counted = connection.execute(
            f"""
            SELECT coalesce(regions.name, '合计'), coalesce(rule_id, '合计'), count(*) FILTER (verdict IN ('met', 'missed', 'undecidable')),
                   count(*) FILTER (verdict = 'met'), count(*) FILTER (verdict = 'undecidable')
            FROM marts.obligations JOIN marts.regions USING (region_code) WHERE measure = '{SHEETS[title]}' GROUP BY CUBE (regions.name, rule_id)
            """
        ).fetchall()
    rows, columns = _rows(sheet), {name.split(" ")[0]: column for name, column in _groups(sheet).items()}
    assert list(rows) == [*REGIONS.values(), "合计"]
    assert len(counted) == len(rows) * len(columns)
    for region, rule, due, met, undecidable in counted:
        rate = met * 10_000 // (due - undecidable) / 10_000 if due > undecidable else "—"
        assert _group(sheet, rows[region], columns[rule]) == (due, met, undecidable, rate)


@pytest.mark.parametrize("title", SHEETS)
def test_headings_are_merged_and_totals_are_sums(workbook: openpyxl.Workbook, title: str) -> None:
    sheet = workbook[title]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A3:A4"} <= merged
    for name, column in _groups(sheet).items():
        assert f"{sheet.cell(3, column).coordinate}:{sheet.cell(3, column + 3).coordinate}" in merged, name
    rows, groups = _rows(sheet), _groups(sheet)
    *parts, total = groups.values()
    for offset in range(3):
        for row in rows.values():
            assert sheet.cell(row, total + offset).value == sum(sheet.cell(row, column + offset).value for column in parts)
        for column in groups.values():
            assert sheet.cell(rows["合计"], column + offset).value == sum(
                sheet.cell(row, column + offset).value for name, row in rows.items() if name != "合计"
            )


def test_form_and_paper(workbook: openpyxl.Workbook) -> None:
    for title, measure in SHEETS.items():
        sheet = workbook[title]
        assert sheet["A1"].value == f"公共资源交易信息{title}统计表"
        assert sheet["A2"].value == "填报单位：咸宁市公共资源交易中心　　截至日期：2018-01-25　　统计期：2016-12 至 2018-01"
        texts = [cell.value for row in sheet.iter_rows(min_row=sheet.max_row - 3) for cell in row if cell.value]
        assert {"填报人：", "审核人：", "填报日期："} <= set(texts)
        assert sheet.page_setup.orientation == "landscape" and int(sheet.page_setup.paperSize) == 9
        # Twenty duties on one sheet were a black strip: four stand on each, and none is broken over two.
        breaks = [at.id for at in sheet.col_breaks.brk]
        assert not sheet.sheet_properties.pageSetUpPr.fitToPage and int(sheet.page_setup.scale) == 75
        assert breaks == list(range(17, sheet.max_column, 16)) and all(isinstance(sheet.cell(3, at + 1).value, str) for at in breaks)
        assert sheet.print_title_rows == "$3:$4" and sheet.print_title_cols == "$A:$A"
        statuses = {rule[0]: rule[-1] for rule in RULES if rule[2] == measure}
        assert {name.split(" ")[0]: name[name.index("〔") + 1] for name in _groups(sheet) if name != "合计"} == statuses


def test_the_data_are_explained(workbook: openpyxl.Workbook) -> None:
    values = [[cell.value for cell in row] for row in workbook["数据说明"].iter_rows()]
    facts = {row[0]: row[1] for row in values}
    assert (facts["快照"], facts["版本"], facts["运行"]) == (MANIFEST["snapshot"], MANIFEST["code_version"], MANIFEST["run_id"])
    rules = [row for row in values if row[0] in {rule[0] for rule in RULES}]
    assert len(rules) == len(RULES)
    assert ["P-08", "2", "政府采购", "公告中标成交结果", "之后2个工作日内", "财政部令第87号 第六十九条", "A：已核对条文原文"] in [
        row[:7] for row in rules
    ]


def test_the_same_snapshot_gives_the_same_bytes(warehouse: Path, tmp_path: Path) -> None:
    first = write_rates_workbook(warehouse, tmp_path / "first")
    second = write_rates_workbook(warehouse, tmp_path / "second")
    assert first.read_bytes() == second.read_bytes() == write_rates_workbook(warehouse, tmp_path / "second").read_bytes()
    assert openpyxl.load_workbook(first).properties.created == datetime(2018, 1, 25)


def test_text_that_looks_like_a_formula_or_a_link_stays_text(tmp_path: Path) -> None:
    names = {"421202": HOSTILE[3], "421221": "+1+1", "421222": "http://example.com/", "421223": "@SUM(1)", "421224": "-2+3", "421281": "=1+1"}
    warehouse = build_snapshot(tmp_path, Content(obligations=900, regions=names, source_label="=cmd|' /C calc'!A0"))
    book = openpyxl.load_workbook(write_rates_workbook(warehouse, tmp_path / "out"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert set(names.values()) <= {cell.value for cell in cells if cell.data_type == "s"}


def test_nothing_due_is_written_as_zero_and_its_rate_as_a_dash(tmp_path: Path) -> None:
    path = write_rates_workbook(build_snapshot(tmp_path, Content(obligations=0)), tmp_path / "out")
    # Without obligations and manifest nobody knows the cut-off.
    assert path.name == "披露率与及时率.xlsx"
    sheet = openpyxl.load_workbook(path)["及时率"]
    assert list(_rows(sheet)) == ["合计"]
    assert {_group(sheet, 5, column) for column in _groups(sheet).values()} == {(0, 0, 0, "—")}
    assert "截至日期：—　　统计期：—" in sheet["A2"].value


def test_three_hundred_counties_with_long_names(tmp_path: Path) -> None:
    regions = {str(110000 + place): f"第{place}区" + "长" * 60 for place in range(300)}
    book = openpyxl.load_workbook(write_rates_workbook(build_snapshot(tmp_path, Content(obligations=6000, regions=regions)), tmp_path / "out"))
    assert len(_rows(book["及时率"])) == 301


def test_a_missing_snapshot_is_a_plain_error(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="gongkai run"):
        write_rates_workbook(tmp_path / "nothing.duckdb", tmp_path / "out")
    assert not (tmp_path / "out").exists()
