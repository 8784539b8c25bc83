"""Opens the published page in Chromium from its file, as a reader would from a stick."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dashboards.labels import section
from dashboards.site import build_site
from tests.browser.clicking import click_bar
from tests.dashboards.snapshot_builder import HOSTILE, MANIFEST, Content, add_information, add_push, add_transactions, build_snapshot

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install the dev extra)")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed (pip install the dev extra)")

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="Chromium is not installed at /usr/bin/chromium (apt-get install chromium)"),
]


@dataclass
class Watch:
    """What a page did besides showing itself."""

    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    regions = {"421202": HOSTILE[1], "421221": "嘉鱼县", "421222": '<a href="javascript:alert(3)">通城县</a>', "000000": "未知地区"}
    warehouse = build_snapshot(folder, Content(obligations=4000, regions=regions, titles=(*HOSTILE, "咸安区道路改造"), source_label=HOSTILE[0]))
    add_information(warehouse, "xianning", 2017, HOSTILE[2])
    add_transactions(warehouse, 1500, regions)
    add_push(warehouse, regions)
    return build_site(warehouse, folder / "site", manifest=MANIFEST).parent


@pytest.fixture
def page(browser: object) -> Iterator[object]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})  # type: ignore[attr-defined]
    yield context.new_page()
    context.close()


#: As a reader does who goes through the page to its end and back: charts are drawn where they come near, if they are not yet.
THROUGH_THE_PAGE = """async () => {
    for (const plot of document.querySelectorAll("[data-figure]")) {
        plot.scrollIntoView({ block: "center" });
        while (!plot.classList.contains("js-plotly-plot")) await new Promise(requestAnimationFrame);
    }
    window.scrollTo(0, 0);
}"""


def _open(page, path: Path, *, through: bool = True) -> Watch:  # type: ignore[no-untyped-def]
    watch = Watch()
    page.on("console", lambda message: watch.complaints.append(message.text) if message.type in {"error", "warning", "trace"} else None)
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (watch.dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: watch.requests.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    if through:
        page.evaluate(THROUGH_THE_PAGE)
    return watch


def _names(site: Path) -> list[str]:
    """Every kind of page of the site in both languages: of the years that of one, of the duties those of two."""
    names = [path.name for path in site.glob("*.html") if not re.search(r"-\d{4}\.", path.name)]
    return sorted([*names, "rates-2017.html", "rules/T-10.html", "rules/E-02.en.html"])


#: What is looked through with the eyes of who cannot see: a page in English has the elements of the Chinese one, and rows of a table are alike.
ENGLISH_FOR_AXE = {"index.en.html", "rates.en.html"}
SOME_ROWS = "document.querySelectorAll('tbody tr:nth-child(n+21):not(:last-child)').forEach((row) => row.remove())"


def test_every_page_is_silent_asks_for_its_own_files_only_and_shuts_nobody_out(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    axe = axe_api.Axe()
    own = {"site.css", "site.js", "plotly.min.js", "screen.css", "screen.js"}
    drawn = 0
    for name in _names(site):
        page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        watch = _open(page, site / name)
        assert watch.complaints == [] and watch.dialogs == [], name
        assert {Path(request).name for request in watch.requests} <= {Path(name).name, *own}, name
        assert all(request.startswith("file://") for request in watch.requests), name
        assert page.locator("[data-figure]").count() == page.locator("[data-figure].js-plotly-plot").count(), name
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366, name
        drawn += page.locator("[data-figure] svg.main-svg").count()
        if ".en." not in name or name in ENGLISH_FOR_AXE:
            page.evaluate(SOME_ROWS)
            found = axe.run(page).response["violations"]
            serious = [(one["id"], one["nodes"][0]["html"][:160]) for one in found if one["impact"] in {"serious", "critical"}]
            assert serious == [], name
        page.context.close()
    assert drawn > 60


@pytest.mark.parametrize("name", ["rates.html", "rates.en.html", "rates-2017.html"])
def test_charts_are_drawn(page, site: Path, name: str) -> None:  # type: ignore[no-untyped-def]
    _open(page, site / name)
    assert page.locator("[data-figure]").count() == 9
    assert (
        page.locator(".barlayer .point path").count() > 0
        and page.locator(".hm image").count() > 0
        and page.locator(".scatterlayer .lines path").count() > 0
    )


@pytest.mark.parametrize("occasion", ["idle", "beforeprint"])
def test_charts_near_the_reader_are_drawn_first_and_the_others_while_nobody_waits_or_on_paper(page, site: Path, occasion: str) -> None:  # type: ignore[no-untyped-def]
    # The moments in which nobody waits come when the test says so.
    page.add_init_script("window.idle = []; window.requestIdleCallback = (work) => window.idle.push(work);")
    _open(page, site / "rates.html", through=False)
    page.wait_for_selector("[data-figure='disclosure-by-region-data'].js-plotly-plot")
    page.wait_for_timeout(300)
    near, every = page.locator("[data-figure].js-plotly-plot").count(), page.locator("[data-figure]").count()
    assert 0 < near < every == 9 and page.evaluate("performance.getEntriesByName('drawn').length") == 1
    page.evaluate("while (window.idle.length) window.idle.shift()()" if occasion == "idle" else "window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("[data-figure].js-plotly-plot").count() == every


def test_a_bar_leads_to_the_county_among_the_duties_and_a_cell_to_its_records(page, site: Path) -> None:  # type: ignore[no-untyped-def]
    _open(page, site / "rates.html")
    click_bar(page, page.locator("[data-figure='timeliness-by-region-data'] .barlayer .point path").first)
    page.wait_for_url(re.compile("#timeliness-"))
    row = page.locator("tr:target")
    assert row.is_visible(), "the folded table opens"
    row.locator("a").first.click()
    page.wait_for_url("**/rules/*.html#*")
    assert page.locator(":target").is_visible() and page.locator("#clause").is_visible()
    page.locator("a[href^='../ledger.html#delivery-']").first.click()
    page.wait_for_url("**/ledger.html#delivery-*")
    assert page.locator("tr:target").is_visible()


@pytest.mark.parametrize("name", ["index.html", "index.en.html"])
def test_the_overview_prints_on_one_sheet(page, site: Path, tmp_path: Path, name: str) -> None:  # type: ignore[no-untyped-def]
    _open(page, site / name)
    assert _pages_of(page, tmp_path / "sheet.pdf") == 1


def test_the_overview_of_three_hundred_counties_prints_on_one_sheet(page, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    regions = {str(110000 + place): f"第{place}区" + "长" * 56 for place in range(300)}
    warehouse = build_snapshot(tmp_path, Content(obligations=20000, regions=regions))
    add_transactions(warehouse, 3000, regions)
    add_push(warehouse, regions)
    _open(page, build_site(warehouse, tmp_path / "site", manifest=MANIFEST))
    assert _pages_of(page, tmp_path / "sheet.pdf") == 1


def _pages_of(page, path: Path) -> int:  # type: ignore[no-untyped-def]
    page.pdf(path=str(path), prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page[^s]", path.read_bytes()))


@pytest.mark.parametrize(
    ("name", "size"),
    [("screen.html", (1920, 1080)), ("screen.en.html", (3840, 2160)), ("screen.html", (1080, 1920)), ("screen.en.html", (1080, 1920))],
)
def test_the_screen_turns_by_itself_in_large_type_and_says_how_old_it_is(browser, site: Path, name: str, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    page.clock.install(time="2018-01-26T09:00:00+08:00")
    watch = _open(page, site / name)
    assert page.locator("#stale").is_hidden(), "the cut-off is yesterday"
    slides = page.locator("main section").count()
    # The widest that can stand there: a hundred per cent of a few, with the longest verdict.
    longest = max(section("threshold", "en" if ".en." in name else "zh").values(), key=len)
    assert page.locator(".numbers .verdict").count() >= 2
    page.evaluate(
        "(verdict) => document.querySelectorAll('.numbers .verdict').forEach((one) => { one.textContent = verdict; one.previousElementSibling.textContent = '100.00% †'; })",
        longest,
    )
    for number in range(slides):
        assert page.locator("main section:visible").count() == 1
        assert page.locator("#count").inner_text() == f"{number + 1} / {slides}"
        # Nothing beyond the screen, behind the footer, beyond the box it stands in, or in small type.
        fits = """() => Array.from(document.querySelectorAll('main section:not([hidden]) *, header *, footer *')).filter((one) => {
            const box = one.getBoundingClientRect(), around = one.parentElement.getBoundingClientRect();
            const bottom = one.closest('main') ? document.querySelector('footer').getBoundingClientRect().top : innerHeight;
            const least = 28 * Math.min(innerWidth, innerHeight) / 1080 - 0.5;
            return one.innerText && (box.right > innerWidth + 1 || box.bottom > bottom + 1 || (one.closest('.numbers') && box.right > around.right + 1)
                || parseFloat(getComputedStyle(one).fontSize) < least);
        }).map((one) => one.outerHTML.slice(0, 120))"""
        assert page.evaluate(fits) == []
        page.clock.run_for(15_000)
    assert page.locator("#count").inner_text() == f"1 / {slides}"
    page.keyboard.press(" ")
    page.clock.run_for(40_000)
    assert page.locator("#count").inner_text().startswith(f"1 / {slides}"), "a pause holds"
    page.keyboard.press("ArrowRight")
    assert page.locator("#count").inner_text().startswith(f"2 / {slides}")
    page.clock.set_system_time("2018-01-29T09:00:00+08:00")
    page.clock.run_for(600_000)
    assert "2018-01-25" in page.locator("#stale").inner_text()
    assert watch.complaints == [] and watch.dialogs == []
    page.context.close()


def test_text_from_data_stays_text_also_in_charts_and_hovers(page, site: Path) -> None:  # type: ignore[no-untyped-def]
    watch = _open(page, site / "rates.html")
    assert page.locator("main img, svg a").count() == 0
    assert page.locator("main a[href*='javascript'], main a[href*='//']").count() == 0
    page.locator("#disclosure-by-region-title").scroll_into_view_if_needed()
    bars = page.locator("[data-figure='disclosure-by-region-data'] .barlayer .point path")
    for place in range(bars.count()):
        box = bars.nth(place).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_selector(".hoverlayer .hovertext")
    labels = page.locator("[data-figure='disclosure-by-region-data'] .ytick text").all_text_contents()
    assert any(text.strip().startswith("<img src=x") for text in labels)
    assert watch.dialogs == [] and watch.complaints == []


def test_the_policy_stops_a_script_that_got_in(page, site: Path) -> None:  # type: ignore[no-untyped-def]
    watch = _open(page, site / "index.html")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"alert(9)\">')")
    page.evaluate("document.body.appendChild(document.createElement('script')).textContent = 'alert(10)'")
    page.wait_for_timeout(200)
    assert watch.dialogs == [] and any("Content Security Policy" in complaint for complaint in watch.complaints)


def test_the_tables_open_by_keyboard(page, site: Path) -> None:  # type: ignore[no-untyped-def]
    _open(page, site / "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    details = page.locator("details").first
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    assert details.get_attribute("open") is not None and details.locator("table").is_visible()


def test_nothing_is_wider_than_the_screen_or_the_paper(page, site: Path) -> None:  # type: ignore[no-untyped-def]
    _open(page, site / "rates.html")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    # 186 mm between the margins of A4 at 96 pixels an inch.
    page.set_viewport_size({"width": 703, "height": 1000})
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert page.evaluate("Math.max(...Array.from(document.querySelectorAll('.main-svg'), (svg) => svg.getBoundingClientRect().right))") <= 703
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


def test_it_prints(page, site: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    watch = _open(page, site / "rates.html")
    page.pdf(path=str(tmp_path / "page.pdf"), prefer_css_page_size=True)
    assert (tmp_path / "page.pdf").stat().st_size > 20_000 and watch.complaints == []
