"""Who sees and does what at the desk, asked by HTTP as anybody could, whatever the pages offer."""

import io
import re
import time
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboards.live.signing_in import limiter
from dashboards.live.users import Users
from quality.desk.log import DeskLog
from tests.dashboards.live.conftest import Clock, SignIn, app_on, signed_in, token_of
from tests.dashboards.live.published import COUNTIES, FINDINGS, PASSWORD, Found, publish

OWN, FOREIGN = COUNTIES[0], COUNTIES[1]

pytestmark = pytest.mark.thorough


def _ids(client: FlaskClient, **filters: str) -> list[str]:
    """The findings of a page of the queue, by its links."""
    return re.findall(r'href="/desk/findings/([0-9a-f]{32})"', client.get("/desk", query_string=filters).text)


def _total(client: FlaskClient, **filters: str) -> int:
    found = re.search(r"待整改问题 ([\d,]+) 条", client.get("/desk", query_string=filters).text)
    assert found
    return int(found.group(1).replace(",", ""))


def _act(client: FlaskClient, action: str, findings: list[str] = [], **said: str) -> tuple[int, str]:  # noqa: B006
    """Posts an action as the form does and gives the status with the page that follows."""
    token = token_of(client.get("/desk").text)
    answer = client.post("/desk/act", data={"csrf_token": token, "action": action, "finding": findings, **said}, follow_redirects=True)
    return answer.status_code, answer.text


def _entries(home: Path) -> int:
    return DeskLog(home / "desk").head().number


def test_the_queue_is_filtered_counted_and_paged(sign_in: SignIn) -> None:
    client = sign_in("looker")
    assert _total(client) == len(FINDINGS)
    assert [_total(client, region_code=code) for code in COUNTIES] == [40, 40, 40]
    assert _total(client, region_code=OWN, state="open") == 40 and _total(client, state="closed") == 0 and _total(client, text="s007") == 1
    first, second, third = (_ids(client, page=page) for page in ("1", "2", "3"))
    assert (len(first), len(second), len(third)) == (50, 50, 20) and len({*first, *second, *third}) == len(FINDINGS)
    page = client.get("/desk?region_code=" + OWN).text
    assert "咸安区（40）" in page and "不推送省平台（40）" in page


@pytest.mark.parametrize(("language", "title"), [("zh", "标段(包)：必填项均有值"), ("en", "SECTION: Mandatory cells are filled")])
def test_a_check_is_named_in_the_language_of_the_page(sign_in: SignIn, language: str, title: str) -> None:
    client = sign_in("looker")
    client.post("/language", data={"csrf_token": token_of(client.get("/desk").text), "language": language})
    page = client.get("/desk").text
    assert f"{title}</a> <code>required_sections</code>" in page and f">{title}（120）</option>" in page
    finding = re.findall(r'href="/desk/findings/([0-9a-f]{32})"', page)[0]
    assert f'<h1 id="finding">{title} <code>required_sections</code></h1>' in client.get(f"/desk/findings/{finding}").text


def test_a_reviewer_sees_only_their_county(sign_in: SignIn) -> None:
    everybody, reviewer = sign_in("looker"), sign_in("xianan")
    assert _total(reviewer) == 40 and _total(reviewer, region_code=FOREIGN) == 0
    own, foreign = _ids(everybody, region_code=OWN)[0], _ids(everybody, region_code=FOREIGN)[0]
    assert reviewer.get(f"/desk/findings/{own}").status_code == 200
    assert reviewer.get(f"/desk/findings/{foreign}").status_code == 404 and everybody.get(f"/desk/findings/{foreign}").status_code == 200
    assert reviewer.get("/desk/findings/" + "0" * 32).status_code == 404


def test_a_reviewer_acts_only_in_their_county(home: Path, sign_in: SignIn) -> None:
    reviewer, foreign = sign_in("xianan"), _ids(sign_in("looker"), region_code=FOREIGN)[:3]
    before = _entries(home)
    status, page = _act(reviewer, "assign", foreign, assignee="我")
    assert status == 200 and "3 条未处理：不在您的地区 3" in page and _entries(home) == before
    # All that meet the conditions are all of theirs, whatever the conditions say.
    status, page = _act(reviewer, "note", scope="all", region_code=FOREIGN, reason="越界")
    assert "没有选中任何问题" in page and _entries(home) == before
    own = _ids(reviewer)[0]
    status, page = _act(reviewer, "assign", [own, foreign[0]], assignee="咸安区交易中心")
    assert "已派发 1 条" in page and "不在您的地区 1" in page and _entries(home) == before + 1


@pytest.mark.parametrize("action", ["assign", "correct", "dispute", "accept", "reopen", "note"])
def test_a_viewer_acts_on_nothing(home: Path, sign_in: SignIn, action: str) -> None:
    viewer, before = sign_in("looker"), _entries(home)
    finding = _ids(viewer)[0]
    page = viewer.get(f"/desk/findings/{finding}").text
    assert "/desk/act" not in page and 'name="finding"' not in viewer.get("/desk").text
    token = token_of(page)
    said = {"assignee": "我", "reason": "因为", "accepted_until": "2018-12-31"}
    for asked in ({"finding": finding}, {"scope": "all"}):
        assert viewer.post("/desk/act", data={"csrf_token": token, "action": action, **said, **asked}).status_code == 403
    assert _entries(home) == before


def test_a_county_does_not_excuse_itself(home: Path, sign_in: SignIn) -> None:
    reviewer, before = sign_in("xianan"), _entries(home)
    finding = _ids(reviewer)[1]
    for action in ("accept", "reopen"):
        assert _act(reviewer, action, [finding], reason="不改了", accepted_until="2018-12-31")[0] == 403
    assert _entries(home) == before


def test_no_action_without_the_token(home: Path, sign_in: SignIn) -> None:
    admin, before = sign_in("admin"), _entries(home)
    finding = _ids(admin)[0]
    assert admin.post("/desk/act", data={"action": "note", "finding": finding, "reason": "x"}).status_code == 400
    assert admin.post("/desk/act", data={"csrf_token": "forged", "action": "note", "finding": finding, "reason": "x"}).status_code == 400
    assert admin.get(f"/desk/act?action=note&finding={finding}&reason=x").status_code == 405
    assert _entries(home) == before


def test_every_entry_names_who_did_it(home: Path, sign_in: SignIn) -> None:
    reviewer = sign_in("xianan")
    finding = _ids(reviewer, state="open")[3]
    _act(reviewer, "dispute", [finding], reason="原件有名称，actor=admin", actor="admin", actor_role="administrator")
    *_, entry = DeskLog(home / "desk").entries(finding_id=finding)
    assert (entry.content["actor"], entry.content["actor_role"], entry.content["action"]) == ("xianan", "reviewer", "dispute")
    assert entry.content["acted_at"].startswith("2018-01-25T08:00:00")


def test_what_an_action_needs_is_asked_for(home: Path, sign_in: SignIn) -> None:
    admin, before = sign_in("admin"), _entries(home)
    finding = [_ids(admin, state="open")[0]]
    assert "“派发”须填写：承办" in _act(admin, "assign", finding)[1]
    assert "“批准豁免”须填写：豁免至" in _act(admin, "accept", finding, reason="系统限制")[1]
    assert "“豁免至”早于快照日 2018-01-25" in _act(admin, "accept", finding, reason="系统限制", accepted_until="2018-01-24")[1]
    assert "“期限”不是日期" in _act(admin, "assign", finding, assignee="王", due_on="明天")[1]
    assert "没有选中任何问题" in _act(admin, "note", [], reason="空")[1]
    assert _act(admin, "delete", finding)[0] == 400
    assert _entries(home) == before


def test_who_saw_an_older_state_is_told(home: Path, sign_in: SignIn) -> None:
    first, second = sign_in("admin"), sign_in("xianan")
    finding = _ids(second, state="open")[5]
    seen = re.search(rf'value="({finding} open 0)"', second.get("/desk").text)
    assert seen
    _act(first, "assign", [finding], assignee="先到者")
    _, page = _act(second, "dispute", [seen.group(1)], reason="后到")
    assert "他人已先处理" in page
    (entry,) = DeskLog(home / "desk").entries(finding_id=finding)
    assert entry.content["assignee"] == "先到者"


def test_a_finding_goes_its_way_to_the_data_that_passes(tmp_path: Path) -> None:
    """Assigned, disputed, accepted, and closed by the next snapshot, all in one running app."""
    of_a_file = Found("file 1", OWN, row=0)
    publish(tmp_path, "2018-01-25-first", findings=[Found("S1", OWN), of_a_file])
    Users(tmp_path / "desk" / "users.sqlite").put("admin", "administrator", (), PASSWORD)
    limiter.reset()
    client = signed_in(app_on(tmp_path, Clock()), "admin")
    finding = _ids(client, text="S1")[0]
    for action, said, state in (
        ("assign", {"assignee": "咸安区", "due_on": "2018-02-10", "reason": "请补"}, "已派发"),
        ("dispute", {"reason": "原系统无此栏"}, "有异议"),
        ("accept", {"reason": "系统改造中", "accepted_until": "2018-06-30"}, "已豁免"),
    ):
        assert "已" in _act(client, action, [finding], back=finding, **said)[1]
        assert state in client.get(f"/desk/findings/{finding}").text
    (whole,) = (client.get(f"/desk/findings/{one}").text for one in _ids(client, text="file 1"))
    assert whole.count("SECTION.csv（整个文件）") == 1 and "（整个文件）" in whole.split('<h2 id="row">')[1]
    assert "file 1" not in whole and "行号" not in whole and "第 0 行" not in whole
    publish(tmp_path, "2018-01-26-second", findings=[of_a_file], as_of=date(2018, 1, 26))
    for _ in range(400):
        if "2018-01-26-second" in client.get("/desk").text:
            break
        time.sleep(0.05)
    page = client.get(f"/desk/findings/{finding}").text
    assert "数据已通过" in page and all(word in page for word in ("咸安区", "原系统无此栏", "系统改造中", "数据已通过，关闭"))
    assert _total(client) == 1 and _total(client, state="closed") == 1
    bulletin = client.get("/desk/bulletin").text
    assert "50.00%" in bulletin and "▲ +1" in bulletin and "本月新增2个，已整改关闭1个，修复率50.00%" in bulletin


def test_a_snapshot_without_a_desk_says_so(tmp_path: Path) -> None:
    publish(tmp_path, "2018-01-25-bare")
    Users(tmp_path / "desk" / "users.sqlite").put("admin", "administrator", (), PASSWORD)
    limiter.reset()
    client = signed_in(app_on(tmp_path, Clock()), "admin")
    answer = client.get("/desk")
    assert answer.status_code == 503 and "还没有质量工作台" in answer.text
    assert client.get("/records").status_code == 200


def test_the_bulletin_counts_every_county_and_leads_to_ones_own(sign_in: SignIn) -> None:
    everybody, reviewer = (sign_in(name).get("/desk/bulletin").text for name in ("looker", "xianan"))
    for page, seen in ((everybody, COUNTIES), (reviewer, (OWN,))):
        table = page.split("<tbody>")[1].split("</tbody>")[0]
        assert table.count("<tr>") == len(COUNTIES)
        assert set(re.findall(r"/desk\?region_code=(\d{6})\"", table)) == set(seen)
    assert "未结数据质量问题120个" in everybody and "98.0000" in everybody


def test_a_workbook_goes_out_and_comes_back_with_its_refusals(home: Path, sign_in: SignIn, tmp_path: Path) -> None:
    reviewer = sign_in("xianan")
    answer = reviewer.get("/desk/workbook?state=open")
    assert answer.status_code == 200 and ".xlsx" in answer.headers["Content-Disposition"]
    (tmp_path / "out.xlsx").write_bytes(answer.data)
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    sheet = book.worksheets[0]
    headings = {cell.value: cell.column for cell in sheet[1]}
    assert all(row[headings["地区"] - 1].value == "咸安区" for row in sheet.iter_rows(min_row=2))
    for row, (action, said) in enumerate((("备注", "已核"), ("备注", "已核"), ("不知道", "什么")), start=2):
        sheet.cell(row, headings["处理"]).value, sheet.cell(row, headings["说明"]).value = action, said
    sheet.cell(3, headings["问题编号"]).value = "0" * 32
    book.save(tmp_path / "back.xlsx")
    before = _entries(home)
    page = _sent(reviewer, tmp_path / "back.xlsx").text
    assert "记入 1 条" in page and "拒收 2 行" in page and _entries(home) == before + 1
    assert _sent(sign_in("looker"), tmp_path / "back.xlsx").status_code == 403
    (tmp_path / "other.xlsx").write_bytes(b"no workbook")
    assert "refused" in _sent(reviewer, tmp_path / "other.xlsx").text and str(tmp_path) not in _sent(reviewer, tmp_path / "other.xlsx").text
    assert reviewer.post("/desk/workbook", data={"workbook": (io.BytesIO(b""), "x.xlsx")}).status_code == 400, "no token"
    assert _entries(home) == before + 1


def _sent(client: FlaskClient, path: Path) -> TestResponse:
    data = {"csrf_token": token_of(client.get("/desk").text), "workbook": (io.BytesIO(path.read_bytes()), "填好的.xlsx")}
    return client.post("/desk/workbook", data=data, follow_redirects=True)


def test_workbooks_of_several_counties_are_packed_together(sign_in: SignIn) -> None:
    answer = sign_in("looker").get("/desk/workbook?state=open")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert {re.search(r"\d{6}", name).group() for name in packed.namelist()} == set(COUNTIES)  # type: ignore[union-attr]
    assert sign_in("xianan").get(f"/desk/workbook?region_code={FOREIGN}").status_code == 404


def test_two_values_of_a_filter_stay_chosen(sign_in: SignIn) -> None:
    client = sign_in("looker")
    assert _total(client, **{"severity": ["blocks_publication", "blocks_push"]}) == len(FINDINGS)  # type: ignore[arg-type]
    page = client.get("/desk?region_code=421202&region_code=421221").text
    assert "已选 2 项" in page and page.count('<input type="hidden" name="region_code"') == 4


def test_a_sheet_is_shown_to_whom_its_findings_are(home: Path, sign_in: SignIn) -> None:
    site = home / "published" / "current" / "site"
    (site / "quality").mkdir(parents=True, exist_ok=True)
    for name in ("index", *COUNTIES):
        (site / "quality" / f"{name}.html").write_text(f"<p>{name}</p>", encoding="utf-8")
    (site / "secret.txt").write_text("x", encoding="utf-8")
    everybody, reviewer = sign_in("looker"), sign_in("xianan")
    assert all(everybody.get(f"/site/quality/{name}.html").status_code == 200 for name in ("index", *COUNTIES))
    assert [reviewer.get(f"/site/quality/{name}.html").status_code for name in ("index", *COUNTIES)] == [200, 200, 404, 404]
    for elsewhere in ("secret.txt", "../manifest.json", "..%2f..%2f..%2fdesk%2fusers.sqlite", "quality/../../warehouse.duckdb", "nothing.html"):
        assert everybody.get(f"/site/{elsewhere}").status_code == 404, elsewhere


@pytest.mark.parametrize("way", ["./{}", "index.html/../{}", "x/../{}", "../quality/{}", "%2e/{}", "/{}"])
def test_a_detour_leads_to_no_sheet_of_another_county(home: Path, sign_in: SignIn, way: str) -> None:
    """A server resolves what a browser would: the sheet is known by the file that is sent, not by how it was asked for."""
    (home / "published" / "current" / "site" / "quality").mkdir(parents=True, exist_ok=True)
    for county in ("421221", "421221.en"):
        (home / "published" / "current" / "site" / "quality" / f"{county}.html").write_text("质量单", encoding="utf-8")
        answer = sign_in("xianan").get(f"/site/quality/{way.format(f'{county}.html')}")
        assert answer.status_code != 200 and "质量单" not in answer.text
