"""What the queue shows: filters with their counts, only what is the actor's, the row as delivered without personal data."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from audited_warehouse import FILE, add_file, add_obligation, add_row, warehouse
from followed import FIRST_DAY, Days, Finding, finding_id

from quality.audit import run_audit
from quality.checks import all_checks
from quality.desk.errors import ActionRefused, DeskUsageError
from quality.desk.lifecycle import Actor
from quality.desk.log import DeskLog
from quality.desk.queue import FACETS, Filters, Queue
from quality.desk.tracking import follow
from sources.definitions import datasets

pytestmark = pytest.mark.thorough

BOSS = Actor("王主任", "administrator")
NOW = datetime(2026, 11, 28, tzinfo=UTC)
FOUND: list[Finding] = [
    *(("required_sections", str(number), "section_name", "421202") for number in range(5)),
    *(("required_sections", str(number), "region_code", "421221") for number in range(3)),
    ("credit_code_contracts", "9", "supplier_code", "421202"),
]


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    days = Days(tmp_path)
    days.see(FIRST_DAY, FOUND[:4])
    days.see(FIRST_DAY + timedelta(days=20), FOUND)
    return days.publish()


def test_facets_count_what_passes_the_other_filters(queue: Queue) -> None:
    page = queue.page(Filters(), BOSS, page_size=4)
    assert (page.total, len(page.rows), page.facets.keys()) == (9, 4, FACETS.keys())
    assert page.facets["region_code"] == [("421202", 6), ("421221", 3)]
    assert page.facets["age"] == [("0-7", 5), ("8-30", 4)]
    chosen = queue.page(Filters(facets={"region_code": ["421202"], "severity": ["blocks_push"]}), BOSS)
    assert chosen.total == 5
    # Of its own facet a filter hides nothing: one sees what else there is to choose.
    assert chosen.facets["region_code"] == [("421202", 5), ("421221", 3)]
    assert chosen.facets["severity"] == [("blocks_push", 5), ("warn", 1)]
    assert chosen.facets["check_id"] == [("required_sections", 5)]
    assert queue.page(Filters(facets={"assignee": [None]}), BOSS).total == 9
    assert queue.page(Filters(facets={"rule_id": ["T-01"]}), BOSS).total == 0
    with pytest.raises(DeskUsageError, match="county: no such filter"):
        queue.page(Filters(facets={"county": ["421202"]}), BOSS)


def test_pages_follow_each_other_without_gap_or_repetition(queue: Queue) -> None:
    for order in ("severity", "age", "due", "region", "dataset"):
        pages = [queue.page(Filters(), BOSS, page=number, page_size=4, order=order).rows for number in (1, 2, 3)]  # type: ignore[arg-type]
        ids = [row["finding_id"] for rows in pages for row in rows]
        assert len(ids) == len(set(ids)) == 9
    assert [row["age_days"] for row in queue.page(Filters(), BOSS, order="age").rows] == [20] * 4 + [0] * 5


def test_actions_show_at_once_and_text_finds_them(queue: Queue) -> None:
    mine = finding_id(FOUND[0])
    queue.act([mine], "assign", BOSS, acted_at=NOW, assignee="咸安区", due_on=FIRST_DAY + timedelta(days=25))
    queue.act([mine], "dispute", BOSS, acted_at=NOW, reason="名称以批复为准")
    page = queue.page(Filters(text="以批复"), BOSS)
    assert [(row["finding_id"], row["state"], row["assignee"], row["last_actor"]) for row in page.rows] == [(mine, "disputed", "咸安区", "王主任")]
    assert queue.page(Filters(is_overdue=True), BOSS).total == 0
    assert queue.page(Filters(facets={"state": ["disputed"]}), BOSS).facets["state"] == [("open", 8), ("disputed", 1)]
    assert queue.page(Filters(text="咸安"), BOSS).total in (0, 1)


def test_overdue_is_a_matter_of_the_snapshots_day(tmp_path: Path) -> None:
    days = Days(tmp_path)
    days.see(FIRST_DAY, FOUND)
    first = days.publish()
    first.act([finding_id(FOUND[0])], "assign", BOSS, acted_at=NOW, assignee="咸安区", due_on=FIRST_DAY + timedelta(days=3))
    for later, overdue in ((3, 0), (4, 1)):
        days.see(FIRST_DAY + timedelta(days=later), FOUND)
        assert days.publish().page(Filters(is_overdue=True), BOSS).total == overdue


def test_a_reviewer_sees_and_does_only_what_is_theirs(queue: Queue) -> None:
    reviewer, city = Actor("审核", "reviewer", ("421221",)), Actor("市级", "reviewer", ("421200",))
    assert queue.page(Filters(), reviewer).facets["region_code"] == [("421221", 3)]
    assert queue.page(Filters(), city).total == 9
    assert queue.page(Filters(), Actor("无县区", "reviewer")).total == 0
    foreign = finding_id(FOUND[0])
    assert queue.finding(foreign, reviewer) is None
    with pytest.raises(ActionRefused) as refused:
        queue.act([finding_id(FOUND[5]), foreign], "note", reviewer, acted_at=NOW, reason="看过")
    assert [(one.finding_id, one.kind) for one in refused.value.refusals] == [(foreign, "not_this_region")]
    assert queue.log.head().number == queue.entries
    done = queue.act([finding_id(FOUND[5]), foreign], "note", reviewer, acted_at=NOW, reason="看过", partial=True)
    assert (done.entered, [one.kind for one in done.refusals]) == (1, ["not_this_region"])
    shown = queue.finding(finding_id(FOUND[5]), reviewer)
    assert shown is not None
    assert shown.allowed == ["assign", "correct", "dispute", "note"]


@pytest.mark.parametrize(
    ("action", "said", "complaint"),
    [
        ("mend", {}, "action 'mend' is unknown"),
        ("assign", {}, "assign needs assignee"),
        ("assign", {"assignee": "  \n"}, "assign needs assignee"),
        ("accept", {"reason": "历史"}, "accept needs accepted_until"),
        ("accept", {"reason": "历史", "accepted_until": "明年"}, "is no date"),
        ("accept", {"reason": "历史", "accepted_until": "2018-01-20"}, "lies before 2018-01-21"),
        ("dispute", {"reason": "x", "assignee": "y"}, "dispute does not take assignee"),
        ("note", {"reason": "字" * 2001}, "at most 2,000"),
        ("note", {"whatever": "x"}, "whatever is nothing that an action says"),
    ],
)
def test_what_an_action_says_is_checked(queue: Queue, action: str, said: dict[str, object], complaint: str) -> None:
    with pytest.raises(DeskUsageError, match=complaint):
        queue.act([finding_id(FOUND[0])], action, BOSS, acted_at=NOW, **said)
    assert queue.log.head().number == queue.entries


def test_what_moved_since_it_was_seen_is_refused(queue: Queue) -> None:
    mine = finding_id(FOUND[0])
    queue.act([mine], "assign", BOSS, acted_at=NOW, assignee="咸安区")
    with pytest.raises(ActionRefused, match="is assigned now and was open"):
        queue.act([mine], "dispute", BOSS, acted_at=NOW, reason="x", seen_state="open")
    with pytest.raises(ActionRefused, match="is not in this snapshot"):
        queue.act(["0" * 32], "note", BOSS, acted_at=NOW, reason="x")


def test_personal_numbers_never_reach_the_log(queue: Queue) -> None:
    said = "请联系张三 13812345678，身份证 422301198001011234，邮箱 zhang@example.com"
    caller = Actor("王五 13711112222", "administrator")
    queue.act([finding_id(FOUND[0])], "assign", caller, acted_at=NOW, assignee="李四 13998765432", reason=said)
    written = b"".join(path.read_bytes() for path in queue.log.folder.glob("log.sqlite*"))
    for planted in ("13812345678", "422301198001011234", "zhang@", "13998765432", "13711112222"):
        assert planted.encode() not in written
    assert b"138****5678" in written


@pytest.mark.usefixtures("watched_home")
def test_a_finding_shows_its_row_its_rule_and_its_history(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    section = datasets()["SECTION"]
    personal = datasets()["TENDER_CANDIDATE_ANNOUNCE"]
    with warehouse(path) as connection:
        add_file(connection)
        add_row(connection, section, 2)
        add_row(connection, section, 3, {"section_name": None, "section_content": "联系电话13812345678 <script>alert(1)</script>"})
        add_file(connection, 2, personal.name, received=2, loaded=1)
        add_row(connection, personal, 2, file=2)
        add_row(connection, personal, 3, {"notice_title": None, "bulletin_duty": "张三"}, file=2)
        record = {"section_code": "2.01531E+16", "section_name": "路灯", "examiner": "李四", "section_content": "身份证422301198001011234"}
        connection.execute(
            "INSERT INTO meta.quarantine (delivery_id, dataset, row_number, column_name, rule, reason, record) VALUES ('f1', 'SECTION', 9, 'section_code', 'r', 'x', ?)",
            [json.dumps(record, ensure_ascii=False)],
        )
        connection.execute("INSERT INTO marts.rules VALUES ('R-1', 1, 'within', '某法 第一条', 'A')")
        add_obligation(connection, "O1", "undecidable", undecidable_reason=None)
    names = ("required_sections", "required_candidate_publicities", "no_row_is_quarantined", "undecidable_is_explained")
    day = date(2018, 1, 25)
    run_audit(path, run_id="r", scratch=tmp_path / "s", checks=[check for check in all_checks() if check.check_id in names])
    follow(path, tmp_path / "desk", run_id="r", as_of=day, known_at=day, scratch=tmp_path / "s")
    queue = Queue(path, DeskLog(tmp_path / "desk"))
    shown = {row["check_id"]: queue.finding(row["finding_id"], BOSS) for row in queue.page(Filters(), BOSS).rows}
    empty = shown["required_sections"]
    assert empty and empty.delivered and empty.explanation
    cells = {cell.name: cell for cell in empty.delivered.cells}
    assert (empty.delivered.file, empty.delivered.row_number, len(cells)) == ("1.csv", 3, len(section.columns))
    assert [name for name, cell in cells.items() if cell.is_meant] == ["section_name"]
    assert cells["section_content"].value == "联系电话138****5678 <script>alert(1)</script>"
    named = shown["required_candidate_publicities"]
    assert named and named.delivered
    assert {cell.name: cell.value for cell in named.delivered.cells}["bulletin_duty"] == "***"
    kept = shown["no_row_is_quarantined"]
    assert kept and kept.delivered and kept.delivered.is_quarantined
    assert {cell.name: cell.value for cell in kept.delivered.cells} == {
        "section_code": "2.01531E+16", "section_name": "路灯", "examiner": "***", "section_content": "身份证42**************34",
    }  # fmt: skip
    judged = shown["undecidable_is_explained"]
    assert judged and judged.rule and judged.delivered
    assert judged.rule["legal_source"] == "某法 第一条"
    assert judged.delivered.row_number == FILE + 1
    assert judged.trend == [(day, 1)]
    queue.close()
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM quality.tracked_findings").fetchone() == (4,)
