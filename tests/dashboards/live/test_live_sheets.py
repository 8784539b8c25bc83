"""The live app shows every page of the published site, with the same numbers, of the snapshot of the moment."""

import html
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboards.addresses import page_name, rule_page
from dashboards.labels import LANGUAGES, Language
from dashboards.live.addresses import AppAddresses
from dashboards.live.frame import PLACES
from dashboards.live.sheets import path_of
from dashboards.live.users import Users
from dashboards.pages import SHEETS, years
from dashboards.periods import LATEST_YEARS
from dashboards.site import build_site
from dashboards.snapshot import read_snapshot
from tests.dashboards.live.conftest import Clock, app_on, signed_in, token_of
from tests.dashboards.live.published import FINDINGS, PASSWORD, publish
from tests.dashboards.page_reader import Page, body_of
from tests.dashboards.snapshot_builder import RULES, Content, add_information, add_push, add_transactions

pytestmark = pytest.mark.thorough

PATHS = {sheet.name: path_of(sheet, AppAddresses("zh")) for sheet in SHEETS}
SHEETS_SERVED = set(PATHS.values()) | {"/rates/", "/desk", "/records", "/desk/bulletin"}


def _filled(home: Path, name: str, transactions: int) -> Path:
    folder = publish(home, name, Content(obligations=4000), findings=FINDINGS)
    warehouse = folder / "warehouse.duckdb"
    add_transactions(warehouse, transactions)
    add_push(warehouse)
    add_information(warehouse, "xianning", 2017)
    return folder


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose snapshot has something on every sheet, with its site."""
    home = tmp_path_factory.mktemp("sheets")
    folder = _filled(home, "2018-01-25-aaaaaaaa", 800)
    users = Users(home / "desk" / "users.sqlite")
    users.put("looker", "viewer", (), PASSWORD)
    users.put("xianan", "reviewer", ("421202",), PASSWORD)
    return folder


@pytest.fixture(scope="module")
def site(city: Path) -> Path:
    app = app_on(city.parents[1], Clock())
    manifest = app.extensions["gongkai"].manifest(city)
    return build_site(city / "warehouse.duckdb", city / "site", manifest=manifest).parent


@pytest.fixture(scope="module")
def sheets_app(site: Path) -> Flask:
    return app_on(site.parents[2], Clock())


@pytest.fixture(scope="module")
def readers(sheets_app: Flask) -> Mapping[Language, FlaskClient]:
    """A browser in each language."""
    clients = {language: signed_in(sheets_app, "looker") for language in LANGUAGES}
    clients["en"].post("/language", data={"language": "en", "next": "/", "csrf_token": token_of(clients["en"].get("/").text)})
    return clients


def _both(site: Path, client: FlaskClient, language: Language) -> Iterator[tuple[str, str, str]]:
    """Address, the page of the app and the file of the site, of every sheet with its years and of every duty."""
    found = years(read_snapshot(site.parent / "warehouse.duckdb"))[-LATEST_YEARS:]
    assert len(found) > 1
    for sheet in SHEETS:
        for year in [None, *found] if sheet.by_year else [None]:
            address = PATHS[sheet.name] + (f"?year={year}" if year else "")
            yield address, client.get(address).text, (site / page_name(sheet.name, language, year)).read_text(encoding="utf-8")
    for rule_id in {rule[0] for rule in RULES}:
        yield f"/rules/{rule_id}", client.get(f"/rules/{rule_id}").text, (site / rule_page(rule_id, language)).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sheet_says_what_the_site_says(site: Path, readers: Mapping[Language, FlaskClient], language: Language) -> None:
    cells = drawn = 0
    for address, live, published in _both(site, readers[language], language):
        assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in live, address
        assert Page(live).rows == Page(published).rows, address
        assert body_of(live) == body_of(published), address
        title = re.search("<h1>(.*?)</h1>", published)
        assert title and f"<h1>{title[1]}</h1>" in live, address
        cells += sum(len(row) for row in Page(live).rows)
        drawn += len(Page(live).figures)
    assert cells > 5000 and drawn > 60


def _crawled(client: FlaskClient, first: str) -> dict[str, Page]:
    """Every sheet and duty that can be come to from the first page, by address without its place, with what each of them leads to."""
    found: dict[str, Page] = {}
    ahead = [first]
    while ahead:
        address = ahead.pop()
        if address in found:
            continue
        answer = client.get(address)
        assert answer.status_code == 200, address
        found[address] = Page(answer.text)
        ways = {urldefrag(html.unescape(one))[0] or address for one in found[address].addresses}
        ahead += [way for way in ways if way.partition("?")[0] in SHEETS_SERVED or way.startswith("/rules/")]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_way_inside_the_app_leads_to_a_place_that_is_there(readers: Mapping[Language, FlaskClient], language: Language) -> None:
    pages = _crawled(readers[language], "/")
    assert pages.keys() >= SHEETS_SERVED and {f"/rules/{rule[0]}" for rule in RULES} <= pages.keys()
    places = definitions = 0
    for address, page in pages.items():
        for way in page.addresses:
            target, place = urldefrag(html.unescape(way))
            assert (not target.endswith(".html") or target.startswith("/site/quality/")) and "//" not in target, (address, way)
            if place and way != "#content" and (target or address) in pages:
                assert unquote(place) in pages[target or address].names, (address, way)
                places += 1
                definitions += way.startswith("/definitions#")
    assert places > 500 and definitions > 60


def _records(client: FlaskClient, address: str) -> int:
    found = re.search(r"共 ([\d,]+) 件", client.get(address).text)
    assert found, address
    return int(found[1].replace(",", ""))


def test_numbers_lead_on_to_records_and_to_what_can_be_picked(readers: Mapping[Language, FlaskClient]) -> None:
    client = readers["zh"]
    overview, duty = (Page(client.get(address).text) for address in ("/", "/rules/T-10"))
    rates = client.get("/rates/all?year=2017").text
    county = next(way for way in overview.addresses if "region=421221" in way)
    assert county.startswith("/rates/?region=421221") and "first=2017-01" in county and "last=2017-12" in county
    for measure, rule_id in (("timeliness", "T-10"), ("disclosure", "E-02")):
        cells = re.findall(r'<a href="(/records\?[^"]*)">[^<]*\((\d+)/(\d+)\)</a>', rates)
        (address, met, judged) = next(cell for cell in cells if f"rule={rule_id}" in cell[0] and "region=421221" in cell[0])
        assert f"measure={measure}" in address and "first=2017-01" in address and "last=2017-12" in address
        counted = [_records(client, f"{html.unescape(address)}&verdict={verdict}") for verdict in ("met", "missed")]
        assert counted[0] == int(met) and sum(counted) == int(judged) > 0
    assert f"/records/{next(row[9] for row in duty.rows if len(row) == 10 and row[9].startswith('O'))}" in duty.addresses
    assert any(way.startswith("/ledger#delivery-") for way in duty.addresses)


def test_a_year_that_has_no_page_and_a_duty_that_there_is_not(readers: Mapping[Language, FlaskClient]) -> None:
    client = readers["zh"]
    asked = ("/transactions?year=1999", "/transactions?year=x", "/push?year=2017", "/rules/X-99", "/index", "/rates/all?year=")
    assert [client.get(address).status_code for address in asked] == [404, 404, 404, 404, 404, 200]
    page = client.get("/transactions?year=2017").text
    assert '<a href="/transactions?year=2017" aria-current="page">' in page and '<a href="/transactions">' in page


def test_the_header_leads_to_every_sheet_and_says_where_one_is(readers: Mapping[Language, FlaskClient]) -> None:
    named = [name for names in PLACES.values() for name in names]
    assert sorted(named) == sorted({*PATHS, "records", "desk", "bulletin", "screen"})
    client = readers["zh"]
    for address, here in {**PATHS, "duty": "/rules/T-10"}.items():
        page = client.get(here).text
        nav = page.split('class="places"')[1].split("</nav>")[0]
        current = re.findall(r'<a href="([^"]+)" aria-current="page">', nav)
        assert current == [{"rates": "/rates/", "duty": "/rules"}.get(address, here)], here
    bulletin = client.get("/desk/bulletin").text.split('class="places"')[1].split("</nav>")[0]
    assert re.findall(r'<a href="([^"]+)" aria-current="page">', bulletin) == ["/desk/bulletin"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_screen_is_that_of_the_site_for_who_is_signed_in(
    site: Path, sheets_app: Flask, readers: Mapping[Language, FlaskClient], language: Language
) -> None:
    live = readers[language].get("/screen").text
    published = (site / page_name("screen", language)).read_text(encoding="utf-8")
    assert live[live.index("<main>") :] == published[published.index("<main>") :]
    assert 'data-as-of="2018-01-25" data-stale-days="2"' in live and 'src="/assets/screen.js"' in live
    assert readers[language].get("/assets/screen.js").status_code == readers[language].get("/assets/screen.css").status_code == 200
    assert sheets_app.test_client().get("/screen").status_code == 302


def test_a_page_is_made_once_of_a_snapshot_and_anew_of_the_next(city: Path, site: Path, sheets_app: Flask) -> None:
    client = signed_in(sheets_app, "xianan")
    snapshots = sheets_app.extensions["gongkai_snapshots"]

    def numbers() -> list[str]:
        return re.findall("<strong>(.*?)</strong>", body_of(client.get("/transactions").text))

    before, screen = numbers(), client.get("/screen").text
    kept = dict(snapshots.now().kept)
    assert numbers() == before
    assert snapshots.now().kept == kept, "nothing was made twice"
    _filled(city.parents[1], "2018-01-26-bbbbbbbb", 300)
    ending = time.monotonic() + 30
    while numbers() == before and time.monotonic() < ending:
        time.sleep(0.05)
    assert numbers() != before and "2018-01-26-bbbbbbbb" in client.get("/").text
    assert client.get("/screen").text != screen
