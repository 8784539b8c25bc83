"""A county's workbook goes out, is filled in as people do it, and comes back: actions in the log, corrected values as a delivery that closes the finding."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from dashboards.labels import label
from exports.desk.returned import Returned, take_back
from exports.desk.workbook import FILLED, SHOWN, write_county_workbooks
from quality.audit import run_audit
from quality.checks import all_checks
from quality.desk.errors import DeskUsageError
from quality.desk.lifecycle import Actor
from quality.desk.log import DeskLog
from quality.desk.queue import Filters, Queue
from quality.desk.tracking import follow
from sources.loader import load_deliveries

pytestmark = pytest.mark.thorough

CHECKS = [
    check
    for check in all_checks()
    if check.check_id in ("required_sections", "code_list_sections", "no_row_is_quarantined", "no_value_is_held", "no_file_is_refused")
]
BOSS = Actor("王主任", "administrator")
NOW = datetime(2018, 2, 1, 9, 30, tzinfo=UTC)
FORMULA, MARKUP = '=HYPERLINK("http://x";"点我")', "<img src=x onerror=alert(1)>"
PHONE, IDENTITY = "13812345678", "422301198001011234"
HEADINGS = ["BID_SECTION_CODE", "TENDER_PROJECT_CODE", "BID_SECTION_NAME", "BID_SECTION_CONTENT", "PRICE_UNIT", "BEGIN_DATE", "REGION_CODE"]
ROWS = [
    ["S1", "P1", "", f"联系{PHONE}", "1", "20180301", "421202"],
    ["S2", "P1", FORMULA, MARKUP, "千万", "20180301", "421202"],
    ["S3", "P1", "三标段", f"身份证{IDENTITY}", "1", "明年春天", "421202"],
    ["S4", "P1", "", "路灯", "1", "20180301", "421221"],
    ["2.01531E+16", "P1", "五标段", "路灯", "1", "20180301", "421202"],
]
_MODELS = """CREATE SCHEMA IF NOT EXISTS staging; CREATE SCHEMA IF NOT EXISTS marts;
    CREATE TABLE IF NOT EXISTS marts.rules (rule_id VARCHAR, version INTEGER, legal_source VARCHAR, label VARCHAR);
    CREATE TABLE IF NOT EXISTS marts.regions (region_code VARCHAR, name VARCHAR);
    CREATE OR REPLACE TABLE staging.superseded_rows AS
        SELECT 'sections' AS table_name, row_hash FROM raw.sections QUALIFY row_number() OVER (PARTITION BY record_key ORDER BY version_at DESC NULLS LAST) > 1"""


@dataclass
class City:
    """A home that is loaded, audited and published by hand."""

    home: Path
    published: int = 0

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    def deliver(self, folder: Path, day: date) -> Queue:
        load_deliveries(self.warehouse, folder, home=self.home, received_at=NOW)
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute(_MODELS)
        run_audit(self.warehouse, run_id=str(day), scratch=self.home / "scratch", checks=CHECKS)
        follow(self.warehouse, self.home / "desk", run_id=str(day), as_of=day, known_at=day, scratch=self.home / "scratch")
        self.published += 1
        snapshot = self.home / f"snapshot-{self.published}.duckdb"
        snapshot.write_bytes(self.warehouse.read_bytes())
        return Queue(snapshot, DeskLog(self.home / "desk"))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    home = tmp_path_factory.mktemp("city")
    folder = home / "delivery"
    folder.mkdir()
    (folder / "delivery.toml").write_text('source_id = "city"\nlabel = "市"\nregion_code = "421202"\n', encoding="utf-8")
    lines = [HEADINGS, *ROWS]
    quoted = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    (folder / "SECTION.csv").write_text(quoted + "\n", encoding="utf-8")
    return City(home)


@pytest.fixture(scope="module")
def queue(city: City) -> Iterator[Queue]:
    queue = city.deliver(city.home / "delivery", date(2018, 2, 1))
    yield queue
    queue.close()


Fill = Callable[[Worksheet, dict[str, int]], None]


def _filled(workbook: Path, fill: Fill) -> Path:
    """The workbook as a person fills it in, saved beside."""
    opened = openpyxl.load_workbook(workbook)
    sheet = opened.worksheets[0]
    columns = {name: place for place, name in enumerate((*SHOWN, *FILLED), start=1)}
    fill(sheet, columns)
    target = workbook.with_name("送回.xlsx")
    opened.save(target)
    return target


def _row_of(sheet: Worksheet, columns: dict[str, int], column: str, check: str) -> int:
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, columns["column"]).value == column and check in str(sheet.cell(row, columns["check"]).value):
            return row
    raise AssertionError(f"no finding about {column}")


@pytest.fixture
def workbooks(queue: Queue, tmp_path: Path) -> dict[str | None, Path]:
    return {written.region_code: written.path for written in write_county_workbooks(queue, tmp_path, BOSS)}


def test_a_workbook_for_each_county_with_text_that_stays_text(queue: Queue, workbooks: dict[str | None, Path]) -> None:
    # What speaks of no readable record has the region of its source.
    assert set(workbooks) == {"421202", "421221"}
    for path in workbooks.values():
        sheet = openpyxl.load_workbook(path).worksheets[0]
        assert [cell.value for cell in sheet[1]] == [label(f"desk.{name}") for name in (*SHOWN, *FILLED)]
        for row in sheet.iter_rows():
            assert all(cell.data_type in ("s", "n") and cell.hyperlink is None for cell in row)
        content = path.read_bytes()
        read = str(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python())
        assert PHONE not in read and IDENTITY not in read and PHONE.encode() not in content
    mine = {row["region_code"] for row in queue.rows(Filters(), Actor("审核", "reviewer", ("421221",)))}
    assert mine == {"421221"}


def test_what_was_filled_in_is_kept_when_the_workbook_is_written_again(queue: Queue, workbooks: dict[str | None, Path], tmp_path: Path) -> None:
    assert all(again.kept is None for again in write_county_workbooks(queue, tmp_path, BOSS)), "what nobody filled in is written over"
    filled, *_ = workbooks.values()
    filled.write_bytes(b"filled in")
    (kept,) = (again.kept for again in write_county_workbooks(queue, tmp_path, BOSS) if again.kept)
    assert kept.read_bytes() == b"filled in" and kept.stem.startswith(filled.stem) and filled.read_bytes() != b"filled in"


def test_what_cannot_be_taken_is_told_by_row_and_column_and_the_rest_goes_on(queue: Queue, workbooks: dict[str | None, Path], tmp_path: Path) -> None:
    def fill(sheet: Worksheet, columns: dict[str, int]) -> None:
        rows = dict(enumerate(range(2, sheet.max_row + 1)))
        # The number of a finding that there is: only the check code tells that it is not this row's.
        another = sheet.cell(sheet.max_row, columns["finding_id"]).value
        assert len(rows) > 6
        for number, values in enumerate(
            (
                {"action": "备注", "said": FORMULA, "finding_id": another},
                {"action": "搁置", "said": "x"},
                {"action": "备注", "said": "x", "mark": None},
                {"action": "批准豁免", "said": "历史项目", "until": "明年"},
                {"action": "提出异议", "said": "x", "corrected": "1"},
                {"action": "备注", "said": f"{FORMULA} {PHONE}"},
            )
        ):
            for name, value in values.items():
                cell = sheet.cell(rows[number], columns[name])
                cell.value = value
                if value is not None:
                    # A text that begins with = is typed as text.
                    cell.data_type = "s"

    returned = take_back(queue, _filled(workbooks["421202"], fill), BOSS, acted_at=NOW, inbox=tmp_path / "inbox")
    assert [(refusal.row, refusal.column) for refusal in returned.refusals] == [
        (2, label("desk.finding_id")), (3, label("desk.action")), (4, label("desk.mark")), (5, label("desk.until")), (6, label("desk.corrected")),
    ]  # fmt: skip
    assert all(refusal.file == "送回.xlsx" for refusal in returned.refusals)
    assert (returned.entered, returned.files, (tmp_path / "inbox").exists()) == (1, [], False)
    *_, last = queue.log.entries()
    assert last.content["reason"] == f"{FORMULA} 138****5678"


def test_what_moved_since_is_refused(queue: Queue, workbooks: dict[str | None, Path], tmp_path: Path) -> None:
    def fill(sheet: Worksheet, columns: dict[str, int]) -> None:
        row = _row_of(sheet, columns, "标段（包）名称", "必填")
        sheet.cell(row, columns["action"], "备注")
        sheet.cell(row, columns["said"], "看过")
        fill.finding = str(sheet.cell(row, columns["finding_id"]).value)  # type: ignore[attr-defined]

    path = _filled(workbooks["421221"], fill)
    queue.act([fill.finding], "assign", BOSS, acted_at=NOW, assignee="崇阳县")  # type: ignore[attr-defined]
    returned = take_back(queue, path, BOSS, acted_at=NOW, inbox=tmp_path / "inbox")
    assert [(refusal.column, "is assigned now" in refusal.reason) for refusal in returned.refusals] == [(label("desk.state"), True)]
    # The same workbook for another's county.
    foreign = take_back(queue, path, Actor("别县", "reviewer", ("421222",)), acted_at=NOW, inbox=tmp_path / "inbox")
    assert "is not one of 别县's" in foreign.refusals[0].reason


def test_another_file_is_no_workbook_of_the_desk(queue: Queue, tmp_path: Path) -> None:
    other = openpyxl.Workbook()
    other.active["A1"], other.active["B1"], other.active["A2"] = "甲", "乙", "x"
    other.save(tmp_path / "别的.xlsx")
    with pytest.raises(DeskUsageError, match="has no column 问题编号"):
        take_back(queue, tmp_path / "别的.xlsx", BOSS, acted_at=NOW, inbox=tmp_path)
    (tmp_path / "坏的.xlsx").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(DeskUsageError, match=r"坏的\.xlsx"):
        take_back(queue, tmp_path / "坏的.xlsx", BOSS, acted_at=NOW, inbox=tmp_path)


def test_an_inbox_of_another_source_takes_nothing(queue: Queue, workbooks: dict[str | None, Path], tmp_path: Path) -> None:
    def fill(sheet: Worksheet, columns: dict[str, int]) -> None:
        sheet.cell(_row_of(sheet, columns, "标段（包）名称", "必填"), columns["corrected"], "一标段")

    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "delivery.toml").write_text('source_id = "another"\n', encoding="utf-8")
    before = queue.log.head()
    with pytest.raises(DeskUsageError, match="delivers as source another, the corrections are of city"):
        take_back(queue, _filled(workbooks["421202"], fill), BOSS, acted_at=NOW, inbox=tmp_path / "inbox")
    assert queue.log.head() == before


def test_corrected_values_are_delivered_and_close_their_findings(city: City, queue: Queue, workbooks: dict[str | None, Path], tmp_path: Path) -> None:
    def fill(sheet: Worksheet, columns: dict[str, int]) -> None:
        for column, check, value in (("标段（包）名称", "必填", "一标段"), ("标段合同估算价单位", "代码", "1"), ("计划开工日期", "识读", "20180401")):
            sheet.cell(_row_of(sheet, columns, column, check), columns["corrected"], value)

    def fill_quarantined(sheet: Worksheet, columns: dict[str, int]) -> None:
        sheet.cell(_row_of(sheet, columns, "标段（包）编号", "隔离"), columns["corrected"], "S5")

    inbox = tmp_path / "inbox"
    returned: list[Returned] = [take_back(queue, _filled(workbooks["421202"], fill), BOSS, acted_at=NOW, inbox=inbox)]
    returned.append(take_back(queue, _filled(workbooks["421202"], fill_quarantined), BOSS, acted_at=NOW.replace(minute=31), inbox=inbox))
    assert [(one.entered, one.corrected, one.refusals) for one in returned] == [(3, 3, []), (1, 1, [])]
    (desk,), (mending,) = (one.files for one in returned)
    assert desk.name == "SECTION-desk-20180201T173000000000.csv"
    assert mending.name.startswith("SECTION-mends-") and mending.name.endswith("-6.csv")
    later = city.deliver(inbox, date(2018, 2, 5))
    closed = later.rows(Filters(facets={"state": ["closed"]}), BOSS)
    assert {(row["check_id"], row["column_name"], row["last_action"]) for row in closed} == {
        ("required_sections", "section_name", "correct"), ("code_list_sections", "price_unit", "correct"),
        ("no_value_is_held", "planned_start_on", "correct"), ("no_row_is_quarantined", "section_code", "correct"),
    }  # fmt: skip
    with duckdb.connect(str(city.warehouse), read_only=True) as connection:
        kept = connection.execute(
            """SELECT section_code, section_name, section_content, price_unit, planned_start_on, source_id FROM raw.sections
            JOIN meta.deliveries ON source_row // 1000000000 = delivery_number WHERE file LIKE '%-desk-%' OR file LIKE '%-mends-%' ORDER BY 1"""
        ).fetchall()
    # Everything that was not corrected is as it was delivered, personal numbers too: they leave no folder of ours.
    assert kept == [
        ("S1", "一标段", f"联系{PHONE}", "1", date(2018, 3, 1), "city"), ("S2", FORMULA, MARKUP, "1", date(2018, 3, 1), "city"),
        ("S3", "三标段", f"身份证{IDENTITY}", "1", date(2018, 4, 1), "city"), ("S5", "五标段", "路灯", "1", date(2018, 3, 1), "city"),
    ]  # fmt: skip
    later.close()
    for path in (city.home / "desk").rglob("*"):
        if path.is_file():
            assert PHONE.encode() not in path.read_bytes() and IDENTITY.encode() not in path.read_bytes()
