"""A reviewer, a manager and a keyboard in the live app, in Chromium, over a city that was delivered, run and published for real."""

import csv
import io
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from dashboards.live.addresses import AppAddresses
from dashboards.live.sheets import path_of
from dashboards.pages import SHEETS
from tests import forked
from tests.browser.clicking import click_bar

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install the dev extra)")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed (pip install the dev extra)")

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PASSWORD = "correct-horse-9"
HOSTILE = (
    "<script>alert(1)</script>道路",
    '<img src=x onerror="alert(2)">',
    '=HYPERLINK("http://evil.example","点击")',
    "**粗体** [链接](javascript:alert(3))",
    "{{7*7}}${7*7}<b>加粗</b>",
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="Chromium is not installed at /usr/bin/chromium (apt-get install chromium)"),
]


def _edit(path: Path, change) -> None:  # type: ignore[no-untyped-def]
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _spoil(rows: list[dict[str, str]]) -> None:
    for number, row in enumerate(rows):
        row["BID_SECTION_NAME"] = HOSTILE[number % len(HOSTILE)] + str(number)
    # Somebody's telephone in a title, and a required name that is missing.
    rows[3]["BID_SECTION_NAME"] = "联系人13812345678的工程"
    rows[7]["BID_SECTION_NAME"] = ""


@dataclass
class City:
    home: Path
    address: str
    region: str
    spoilt: str
    run: object


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, gongkai_command: list[str], gongkai_environment: dict[str, str]) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("city")
    home, deliveries = folder / "home", folder / "deliveries"

    def gongkai(*arguments: object, password: str = "") -> str:
        done = forked.gongkai([str(argument) for argument in arguments], folder=folder, environment=gongkai_environment, told_it=password)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    gongkai("simulate", "--sections", 60, "--seed", 3, "--out", deliveries)
    _edit(deliveries / "SECTION.csv", _spoil)
    gongkai("run", "--home", home, "--deliveries", deliveries, "--as-of", "2018-01-25")
    with duckdb.connect(str(home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "SELECT region_code, finding_id FROM quality.tracked_findings WHERE dataset = 'SECTION' AND column_name = 'section_name' AND state = 'open'"
        ).fetchall()
    assert len(found) == 1, found
    ((region, spoilt),) = found
    for name, role, *regions in (("admin", "administrator"), ("looker", "viewer"), ("reviewer", "reviewer", "--region", region)):
        gongkai("dashboard", "--home", home, "--add-user", name, "--role", role, *regions, password=PASSWORD + "\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "out").open("w") as out:
        command = [*gongkai_command, "dashboard", "--home", str(home), "--port", str(port)]
        process = subprocess.Popen(command, cwd=folder, env=gongkai_environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if "http://" in (folder / "out").read_text():
                break
            assert process.poll() is None, (folder / "out").read_text()
            time.sleep(0.1)
        yield City(
            home,
            f"http://127.0.0.1:{port}",
            region,
            spoilt,
            lambda: gongkai("run", "--home", home, "--deliveries", deliveries, "--as-of", "2018-01-26"),
        )
    finally:
        process.terminate()
        process.wait(20)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        yield chromium
        chromium.close()


@dataclass
class Watch:
    """What a page did besides showing itself."""

    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@pytest.fixture
def visit(browser, city: City):  # type: ignore[no-untyped-def]
    """Signs somebody in and gives their page, with what it did."""
    contexts = []

    def signed_in(name: str, width: int = 1366, height: int = 768):  # type: ignore[no-untyped-def]
        context = browser.new_context(viewport={"width": width, "height": height}, base_url=city.address)
        contexts.append(context)
        context.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => console.error('CSP ' + event.violatedDirective + ' ' + event.blockedURI))"
        )
        page, watch = context.new_page(), Watch()
        page.on("console", lambda message: watch.complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: watch.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (watch.complaints.append("dialog " + dialog.message), dialog.dismiss()))
        page.on("request", lambda request: None if request.url.startswith((city.address, "data:")) else watch.elsewhere.append(request.url))
        page.on("response", lambda answer: watch.complaints.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
        page.goto("/sign-in")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.click("button.main")
        page.wait_for_url(re.compile(re.escape(city.address) + "/$"))
        return page, watch

    yield signed_in
    for context in contexts:
        context.close()


def _own_pages(page) -> list[str]:  # type: ignore[no-untyped-def]
    """The pages that the app alone has, and three of the site's in its frame; the others are the published ones, which tests/browser/test_site.py opens."""
    page.goto("/records")
    record = page.locator("table.list td.title a").first.get_attribute("href")
    page.goto("/desk")
    finding = page.locator("table.queue td.title a").first.get_attribute("href")
    charts = [
        f"/rates/?chart={chart}&measure={measure}"
        for chart in ("region", "rule", "heat_map", "month", "days_late")
        for measure in ("timeliness", "disclosure")
    ]
    own = ["/", "/transactions", "/screen", *charts, "/records", "/records?verdict=missed", record, f"{record}/trigger"]
    return [*own, "/desk", finding, "/desk/bulletin"]


def _all_pages(page, own: list[str]) -> list[str]:  # type: ignore[no-untyped-def]
    page.goto("/rules")
    duty = page.locator("main td a").first.get_attribute("href")
    sheets = [*(path_of(sheet, AppAddresses("zh")) for sheet in SHEETS), "/rates/all?year=2017", "/transactions?year=2017", duty]
    return list(dict.fromkeys([*sheets, *own]))


def _settled(page, address: str) -> None:  # type: ignore[no-untyped-def]
    page.goto(address)
    if address.startswith("/rates/") and not address.startswith("/rates/all"):
        page.wait_for_selector("#plot svg.main-svg, #table .empty")
        playwright_api.expect(page.locator("#title")).not_to_be_empty()
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_page_runs_what_is_in_the_data_asks_elsewhere_or_shuts_out(visit, city: City, language: str) -> None:  # type: ignore[no-untyped-def]
    page, watch = visit("admin")
    if language == "en":
        page.click("button[name=language]")
    own = _own_pages(page)
    shown, serious = "", []
    for address in [
        *(_all_pages(page, own) if language == "zh-CN" else own),
        "/records?text=alert",
        "/records?text=HYPERLINK",
        "/records?text=7*7",
        "/records?text=138",
    ]:
        _settled(page, address)
        assert page.locator("html").get_attribute("lang") == language, address
        assert page.locator("main img, main script:not([src]):not([type='application/json']):not(#_dash-renderer):not(#_dash-config)").count() == 0, (
            address
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} is wider than the screen"
        shown += page.locator("body").inner_text()
        # A page in English has the elements of the Chinese one.
        serious += _shuts_out(page, address) if language == "zh-CN" and address in own else []
    assert serious == []
    assert watch.complaints == [] and watch.elsewhere == []
    assert "<script>alert(1)</script>道路" in shown and '=HYPERLINK("http://evil.example"' in shown
    assert "{{7*7}}" in shown and "13812345678" not in shown


def _shuts_out(page, address: str) -> list[tuple[str, str, str]]:  # type: ignore[no-untyped-def]
    """What is serious for who cannot see or use a mouse."""
    found = axe_api.Axe().run(page).response["violations"]
    return [(address, one["id"], one["nodes"][0]["html"][:160]) for one in found if one["impact"] in {"serious", "critical"}]


def test_what_is_not_there_and_the_door_shut_nobody_out(visit) -> None:  # type: ignore[no-untyped-def]
    page, _ = visit("admin")
    _settled(page, "/nothing-there")
    serious = _shuts_out(page, "/nothing-there")
    page.click("header form[action='/sign-out'] button")
    assert serious + _shuts_out(page, "/sign-in") == []


def test_three_clicks_from_a_rate_to_the_delivered_row(visit, city: City) -> None:  # type: ignore[no-untyped-def]
    page, _ = visit("looker")
    _settled(page, "/rates/?measure=timeliness&chart=rule")
    page.locator("#table td a").first.click()
    page.wait_for_selector("table.list")
    page.locator("table.list td.title a").first.click()
    clause = page.locator(".told-list").inner_text()
    assert "条款" in clause and "〔" not in clause.split("条款")[1][:3]
    page.locator(".onward-line a").first.click()
    facts = page.locator("main .facts").inner_text().split("\n")
    file, number = facts[facts.index("文件") + 1], int(facts[facts.index("行号") + 1])
    archive = next((city.home.parent / "deliveries").glob(file))
    line = list(csv.reader(io.StringIO(archive.read_text(encoding="utf-8-sig"))))[number - 1]
    shown = page.locator("table.cells").inner_text()
    codes = [value for value in line if re.fullmatch(r"[A-Z]\d{15,}", value)]
    assert codes and all(code in shown for code in codes)


def test_a_record_of_another_county_is_not_a_reviewers(visit, city: City) -> None:  # type: ignore[no-untyped-def]
    with duckdb.connect(str(city.home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        (own,), (foreign,) = (
            connection.execute(f"SELECT min(obligation_id) FROM marts.obligations WHERE region_code {sign} ?", [city.region]).fetchone()
            for sign in ("=", "<>")
        )
    (reviewer, _), (looker, _) = visit("reviewer"), visit("looker")
    for page, answers in ((reviewer, [200, 200, 404, 404]), (looker, [200, 200, 200, 200])):
        asked = [f"/records/{own}", f"/records/{own}/trigger", f"/records/{foreign}", f"/records/{foreign}/trigger"]
        assert [page.request.get(address).status for address in asked] == answers


def test_a_bar_leads_to_its_records(visit) -> None:  # type: ignore[no-untyped-def]
    page, _ = visit("looker")
    _settled(page, "/rates/?measure=timeliness&chart=region")
    click_bar(page, page.locator("#plot .barlayer .point path").first, across=1 / 3)
    page.wait_for_url(re.compile("/records\\?"))
    assert "region=" in page.url and "verdict=missed" in page.url


def test_a_choice_is_made_with_the_keyboard(visit) -> None:  # type: ignore[no-untyped-def]
    page, watch = visit("looker")
    _settled(page, "/rates/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("input[name=measure]:checked").focus()
    page.keyboard.press("ArrowLeft")
    playwright_api.expect(page.locator("#title")).to_contain_text("披露率")
    page.locator(".filters summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_url(re.compile("region="))
    page.keyboard.press("Escape")
    assert page.locator(".filters details[open]").count() == 0
    page.go_back()
    assert page.locator("input[name=region]:checked").count() == 0, "the form follows the address"
    page.goto("/desk")
    page.locator("select[name=severity]").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_url(re.compile("severity="))
    assert watch.complaints == []


def test_the_places_at_every_width_with_the_keyboard(visit) -> None:  # type: ignore[no-untyped-def]
    wide, watch = visit("looker", 1280, 800)
    wide.goto("/transactions")
    places = wide.locator(".places a")
    assert places.count() == 15 and all(places.nth(place).is_visible() for place in range(15))
    assert wide.locator(".places summary").is_hidden() and wide.locator("header").bounding_box()["height"] < 180
    wide.locator(".places a[aria-current=page]").focus()
    wide.keyboard.press("Tab")
    wide.keyboard.press("Enter")
    wide.wait_for_url("**/push")
    narrow, watch_narrow = visit("looker", 390, 844)
    for address in ("/", "/transactions", "/rules"):
        narrow.goto(address)
        assert narrow.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert narrow.locator(".places a").first.is_hidden(), "the places are folded"
    narrow.locator(".places summary").focus()
    narrow.keyboard.press("Enter")
    assert narrow.locator(".places a").first.is_visible()
    narrow.keyboard.press("Escape")
    assert narrow.locator(".places a").first.is_hidden() and narrow.evaluate("document.activeElement.tagName") == "SUMMARY"
    narrow.keyboard.press("Enter")
    narrow.get_by_role("link", name="到期与逾期").click()
    narrow.wait_for_url("**/calendar")
    assert watch.complaints == watch_narrow.complaints == []


def test_a_number_leads_to_its_definition_and_a_duty_to_its_record(visit) -> None:  # type: ignore[no-untyped-def]
    page, watch = visit("looker")
    page.goto("/")
    page.locator(".cards a.definition").first.click()
    page.wait_for_url("**/definitions#disclosure-rate")
    assert page.locator("h2:target").is_visible()
    _settled(page, "/rates/all")
    click_bar(page, page.locator("[data-figure='timeliness-by-region-data'] .barlayer .point path").first)
    page.wait_for_url(re.compile("#timeliness-"))
    page.locator("tr:target a").first.click()
    page.wait_for_url(re.compile("/records\\?.*rule="))
    page.go_back()
    page.locator("#worst ~ .scroll td a").first.click()
    page.wait_for_url(re.compile("/records/"))
    assert page.locator(".verdict-line .missed").is_visible()
    assert watch.complaints == []


def test_the_overview_prints_on_one_sheet_from_the_app(visit, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page, _ = visit("looker")
    _settled(page, "/")
    page.pdf(path=str(tmp_path / "sheet.pdf"), prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", (tmp_path / "sheet.pdf").read_bytes())) == 1


def test_a_reviewer_from_the_bulletin_to_the_row_and_a_finding_to_its_end(visit, city: City) -> None:  # type: ignore[no-untyped-def]
    page, watch = visit("reviewer")
    _settled(page, "/desk/bulletin")
    # Three clicks: the county's number, the finding, the row.
    page.locator("table.list td.number a").first.click()
    page.wait_for_selector("table.queue")
    assert f"region_code={city.region}" in page.url
    page.locator(f"a[href='/desk/findings/{city.spoilt}']").click()
    page.locator(".told-list a[href='#row']").click()
    meant = page.locator("table.cells tr.meant")
    assert meant.count() == 1 and meant.is_visible() and "section_name" in meant.inner_text()

    def act(page, action: str, **said: str) -> None:  # type: ignore[no-untyped-def]
        page.select_option("select[name=action]", action)
        for name, value in said.items():
            page.fill(f"[data-act] input[name={name}]", value)
        page.click("[data-act] button.main")
        page.wait_for_selector(".told.done")

    act(page, "assign", assignee="县交易中心", due_on="2018-02-10", reason="请补名称")
    assert "已派发" in page.locator(".verdict-line").inner_text()
    act(page, "dispute", reason="原系统没有这一栏")
    assert "有异议" in page.locator(".verdict-line").inner_text()
    assert page.locator("select[name=action] option[value=accept]").count() == 0, "a county does not excuse itself"

    office, _ = visit("admin")
    office.goto(f"/desk/findings/{city.spoilt}")
    act(office, "accept", reason="系统改造中", accepted_until="2018-06-30")
    assert "已豁免" in office.locator(".verdict-line").inner_text()

    manager, watched = visit("looker")
    manager.goto("/transactions")
    before = manager.locator("header .facts").inner_text()
    assert "2018-01-25" in before
    hall, watched_hall = visit("looker")
    hall.clock.install()
    hall.goto("/screen")
    assert hall.locator("body").get_attribute("data-as-of") == "2018-01-25"

    # The corrected row is delivered, the next run publishes, and the app shows it without a restart: the data closes the finding.
    _edit(city.home.parent / "deliveries" / "SECTION.csv", lambda rows: rows[7].update(BID_SECTION_NAME="补上的名称"))
    city.run()  # type: ignore[operator]
    for _ in range(100):
        page.goto(f"/desk/findings/{city.spoilt}")
        if "数据已通过" in page.locator(".verdict-line").inner_text():
            break
        page.wait_for_timeout(200)
    # Every page tells of the new snapshot, and the screen turns to it by itself.
    manager.reload()
    after = manager.locator("header .facts").inner_text()
    assert "2018-01-26" in after and manager.locator("#overview").is_visible()
    hall.clock.run_for(301_000)
    # Not by a function of its own: the policy of the page forbids scripts made of text.
    playwright_api.expect(hall.locator("body")).to_have_attribute("data-as-of", "2018-01-26")
    assert watched.complaints == watched_hall.complaints == []
    history = page.locator(".history").inner_text()
    for told in ("发现", "派发", "县交易中心", "提出异议", "原系统没有这一栏", "批准豁免", "系统改造中", "数据已通过，关闭", "reviewer", "admin"):
        assert told in history, told
    assert watch.complaints == []


def test_several_at_once(visit, city: City) -> None:  # type: ignore[no-untyped-def]
    page, watch = visit("admin")
    page.goto("/desk")
    boxes = page.locator("input[name=finding]")
    chosen = min(boxes.count(), 3)
    for place in range(chosen):
        boxes.nth(place).check()
    assert page.locator("[data-count]").inner_text() == f"({chosen})"
    page.select_option("select[name=action]", "note")
    page.fill("[data-act] input[name=reason]", f"<b>一并核对</b> 13912345678 {'x' * 1000}")
    page.click("[data-act] button.main")
    assert f"已备注 {chosen} 条" in page.locator(".told.done").inner_text()
    page.locator("table.queue td.title a").first.click()
    page.goto("/desk?text=一并核对")
    page.locator("table.queue td.title a").first.click()
    history = page.locator(".history").inner_text()
    assert "<b>一并核对</b>" in history and "139****5678" in history and "13912345678" not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "a long word is broken"
    assert watch.complaints == []
