"""What the live app does not take is told in one language, the reader's: file, sheet, row, column, value and what to do."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import duckdb
import openpyxl
import pytest
from flask.testing import FlaskClient

from dashboards.labels import LANGUAGES, Language, section
from dashboards.live.signing_in import limiter
from dashboards.live.users import Users
from quality.desk.errors import ComplaintKind, RefusalKind
from tests.dashboards.live.conftest import Clock, SignIn, app_on, signed_in, token_of
from tests.dashboards.live.published import FINDINGS, PASSWORD, publish

pytestmark = pytest.mark.thorough

FILE = "填好的.xlsx"
CHINESE = re.compile("[\u4e00-\u9fff]")
#: A run of Latin letters that is no name of a file, a format, a program or a column.
ENGLISH = re.compile(r"(?<![\w.@-])(?!gongkai\b|run\b|verify\b|desk\b|xlsx\b|CSV|XLSX|XLS|JSON|Lines|XML|Parquet|MB\b)[A-Za-z]{3,}(?![\w.])")


def speaks(language: Language, client: FlaskClient, address: str = "/") -> FlaskClient:
    """The browser, its language chosen as a reader does."""
    token = token_of(client.get(address, follow_redirects=True).text)
    client.post("/language", data={"csrf_token": token, "language": language, "next": "/desk"})
    return client


def is_in(text: str, language: Language, names: tuple[str, ...] = ()) -> bool:
    """Whether a sentence is of one language, the names of data aside."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return bool(CHINESE.search(text)) and not ENGLISH.search(text) if language == "zh" else not CHINESE.search(text)


def _send(client: FlaskClient, content: bytes, name: str = FILE) -> str:
    data = {"csrf_token": token_of(client.get("/desk").text), "workbook": (io.BytesIO(content), name)}
    return client.post("/desk/workbook", data=data, follow_redirects=True).text


def _told(page: str) -> str:
    """The message above a page."""
    (message,) = re.findall(r'<p class="told refused" role="status">✗ (.*?)</p>', page)
    return str(message).replace("&#34;", '"').replace("&#39;", "'")


def _saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _of(cells: dict[str, str]) -> bytes:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value
    return _saved(book)


def test_every_kind_of_complaint_has_words() -> None:
    rows = {"repeated", "torn", "altered", "no_action", "not_with_correction", "not_correctable", "nothing"}
    assert set(section("complaint")) == {*get_args(ComplaintKind), *get_args(RefusalKind), *rows}
    assert set(section("refusal")) == set(get_args(RefusalKind))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"no workbook", FILE, {"zh": "文件内容与扩展名不符；请按实际类型命名", "en": "the file is not what its name says"}),
        (b"PK\x03\x04 torn", FILE, {"zh": "工作簿已损坏、加密或不完整；请重新保存后报送", "en": "damaged, encrypted or torn; save it again"}),
        (b"", FILE, {"zh": "文件是空的；请重新报送", "en": "the file is empty; deliver it again"}),
        (b"x", "填好的.docx", {"zh": "这种文件不能识读；请报送", "en": "no reader for this kind of file; deliver"}),
        (
            _of({"A1": "问题编号", "B1": "处理", "A2": "x"}),
            FILE,
            {
                "zh": "工作表“Sheet”：缺少栏目版本、校验码、状态、说明",
                "en": "sheet Sheet: these columns are missing: 版本 (Version), 校验码 (Check code)",
            },
        ),
    ],
    ids=["a text", "torn", "empty", "a document", "other columns"],
)
def test_a_file_that_is_no_workbook_of_the_desk(sign_in: SignIn, language: Language, content: bytes, name: str, said: dict[str, str]) -> None:
    message = _told(_send(speaks(language, sign_in("xianan")), content, name))
    assert message.startswith(name) and said[language] in message
    headings = ("版本", "校验码", "状态", "说明", "更正值", "派给", "期限或截止日")
    assert is_in(message, language, (name, "“Sheet”", *(headings if language == "en" else ()))), message


#: What is filled into a row, and what is told of it: column, value and words.
ROWS: list[tuple[dict[str, str | None], str, str, dict[str, str]]] = [
    ({"问题编号": "0" * 32, "处理": "备注", "说明": "x"}, "问题编号", "0" * 32, {"zh": "与校验码不符；请从发出的工作簿取原行重填", "en": "check code does not fit; take the row"}),
    ({"校验码": None, "处理": "备注", "说明": "x"}, "校验码", "—", {"zh": "该行不完整", "en": "The row is torn"}),
    ({"处理": "搁置", "说明": "x"}, "处理", "搁置", {"zh": "没有“搁置”这种处理；请填写其中之一：派发、", "en": "There is no action 搁置; enter one of: assign, "}),
    ({"说明": "x"}, "处理", "—", {"zh": "没有填写处理方式；请填写其中之一：派发、", "en": "No action is named; enter one of: assign, "}),
    ({"处理": "提出异议", "说明": "x", "更正值": "一标段"}, "更正值", "一标段", {"zh": "不能与“提出异议”一起", "en": "not with dispute; change the action"}),
    ({"处理": "派发"}, "派给", "—", {"zh": "“派发”须填写：派给。", "en": "assign needs: 派给 (Assign to)."}),
    ({"处理": "派发", "派给": "王", "期限或截止日": "明年"}, "期限或截止日", "明年", {"zh": "“期限或截止日”不是日期（明年），请写作 2018-01-31。", "en": "期限或截止日 (Date) is no date (明年); write 2018-01-31."}),
    ({"处理": "派发", "派给": "王", "期限或截止日": "2018-01-24"}, "期限或截止日", "2018-01-24", {"zh": "早于快照日 2018-01-25（2018-01-24），请改为之后的日期。", "en": "lies before the snapshot&#39;s day, 2018-01-25 (2018-01-24); name a later one."}),
    ({"处理": "备注", "说明": "字" * 2001}, "说明", "字" * 79 + "…", {"zh": "“说明”有 2,001 个字，最多 2,000 个，请缩短。", "en": "说明 (Remark) has 2,001 characters; shorten it to 2,000."}),
    ({"处理": "备注", "说明": "x", "派给": "王"}, "派给", "王", {"zh": "“备注”不能填写：派给；请清空。可以填写：说明。", "en": "note does not take: 派给 (Assign to); clear it. It takes: 说明 (Remark)."}),
    ({"处理": "批准豁免", "说明": "x", "期限或截止日": "2018-06-30"}, "处理", "批准豁免", {"zh": "“批准豁免”不由审核员办理；须由：管理员。", "en": "accept as an exception is not for a reviewer; it is for: administrator."}),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_row_that_is_not_taken_is_told_with_column_value_and_what_to_do(sign_in: SignIn, language: Language) -> None:
    client = speaks(language, sign_in("xianan"))
    book = openpyxl.load_workbook(io.BytesIO(client.get("/desk/workbook?state=open").data))
    sheet = book.worksheets[0]
    headings = {cell.value: cell.column for cell in sheet[1]}
    for number, (cells, *_) in enumerate(ROWS, start=2):
        for heading, value in cells.items():
            sheet.cell(number, headings[heading]).value = value
    page = _send(client, _saved(book))
    assert FILE in page and "待办" in page
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    told = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)]
    assert len(told) == len(ROWS)
    for place, ((number, column, value, why), (_, heading, shown, said)) in enumerate(zip(told, ROWS, strict=True), start=2):
        assert (number, column.split(" (")[0], value) == (str(place), heading, shown)
        assert said[language] in why, why
        assert is_in(why.replace("&#39;", "'"), language, (shown, *(headings if language == "en" else ()), "明年", "搁置")), why


def test_what_another_did_first_is_told_in_both_languages(sign_in: SignIn) -> None:
    boss = sign_in("admin")
    said = {
        "zh": "他人已先处理，现为“已派发”；请导出新的工作簿再填。",
        "en": "Somebody acted on it first and it is assigned now; export the workbook anew",
    }
    for language in LANGUAGES:
        client = speaks(language, sign_in("xianan"))
        book = openpyxl.load_workbook(io.BytesIO(client.get("/desk/workbook?state=open").data))
        sheet = book.worksheets[0]
        headings = {cell.value: cell.column for cell in sheet[1]}
        row = 20 + LANGUAGES.index(language)
        sheet.cell(row, headings["处理"]).value, sheet.cell(row, headings["说明"]).value = "备注", "x"
        finding = str(sheet.cell(row, headings["问题编号"]).value)
        token = token_of(boss.get("/desk").text)
        boss.post("/desk/act", data={"csrf_token": token, "action": "assign", "finding": finding, "assignee": "王"})
        assert said[language] in _send(client, _saved(book))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_form_lacks_is_asked_for_in_the_language_of_the_page(sign_in: SignIn, language: Language) -> None:
    client = speaks(language, sign_in("admin"))
    page = client.get("/desk").text
    finding = re.findall(r'href="/desk/findings/([0-9a-f]{32})"', page)[0]
    for action, given in (
        ("assign", {}),
        ("assign", {"assignee": "W", "due_on": "tomorrow"}),
        ("accept", {"reason": "x", "accepted_until": "2018-01-24"}),
    ):
        data = {"csrf_token": token_of(client.get("/desk").text), "action": action, "finding": finding, **given}
        message = _told(client.post("/desk/act", data=data, follow_redirects=True).text)
        assert is_in(message, language, ("tomorrow",)), message
    for data in ({"action": "note", "reason": "x"},):
        message = _told(client.post("/desk/act", data={"csrf_token": token_of(client.get("/desk").text), **data}, follow_redirects=True).text)
        assert is_in(message, language), message


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_page_speaks_the_language_of_the_reader(home: Path, sign_in: SignIn, language: Language) -> None:
    viewer, admin = speaks(language, sign_in("looker")), speaks(language, sign_in("admin"))
    token = token_of(admin.get("/desk").text)
    asked: list[tuple[int, Callable[[], object]]] = [
        (404, lambda: viewer.get("/nowhere")),
        (400, lambda: admin.post("/desk/act", data={"action": "note"})),
        (403, lambda: viewer.post("/desk/act", data={"csrf_token": token_of(viewer.get("/desk").text), "action": "note"})),
        (405, lambda: admin.get("/desk/act")),
        (413, lambda: admin.post("/desk/workbook", data={"csrf_token": token, "workbook": (io.BytesIO(b"x" * (26 << 20)), FILE)})),
    ]
    for status, ask in asked:
        _is_page(ask(), status, language)


def _is_page(answer: object, status: int, language: Language) -> None:
    assert answer.status_code == status  # type: ignore[attr-defined]
    text: str = answer.text  # type: ignore[attr-defined]
    message = text.split('<section class="message"')[1].split("</section>", maxsplit=1)[0]
    sentences = re.findall(r">([^<>]+)<", message)
    assert sentences and all(is_in(one, language) for one in sentences if one.strip()), sentences


@pytest.mark.parametrize("language", LANGUAGES)
def test_guessing_a_password_is_refused_in_the_language_of_the_reader(app, language: Language) -> None:  # type: ignore[no-untyped-def]
    client = speaks(language, app.test_client(), "/sign-in")
    for attempt in range(6):
        answer = client.post("/sign-in", data={"name": "admin", "password": "wrong", "csrf_token": token_of(client.get("/sign-in").text)})
        if attempt < 5:
            (message,) = re.findall(r'role="alert">✗ (.*?)</p>', answer.text)
            assert is_in(message, language)
    _is_page(answer, 429, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_snapshot_that_cannot_be_shown_is_told_in_one_language(tmp_path: Path, language: Language) -> None:
    for name, spoil in (
        ("bare", lambda path: None),
        ("torn", lambda path: path.write_bytes(b"no database")),
        ("old", _without_names),
    ):
        home = tmp_path / name
        folder = publish(home, "2018-01-25-one", findings=None if name == "bare" else FINDINGS[:2])
        spoil(folder / "warehouse.duckdb")
        Users(home / "desk" / "users.sqlite").put("admin", "administrator", (), PASSWORD)
        limiter.reset()
        client = signed_in(app_on(home, Clock()), "admin")
        client.post("/language", data={"csrf_token": token_of(client.get("/desk").text), "language": language})
        answer = client.get("/desk")
        _is_page(answer, 503, language)
        assert str(tmp_path) not in answer.text and "gongkai run" in answer.text


def _without_names(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("ALTER TABLE marts.rules DROP COLUMN label_en")
