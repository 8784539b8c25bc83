"""Opens the published page in Chromium from its file, as a reader would from a stick."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dashboards.site import build_site
from tests.dashboards.snapshot_builder import HOSTILE, MANIFEST, Content, add_information, build_snapshot

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install the dev extra)")

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
    return build_site(warehouse, folder / "site", manifest=MANIFEST).parent


@pytest.fixture
def page(browser: object) -> Iterator[object]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})  # type: ignore[attr-defined]
    yield context.new_page()
    context.close()


def _open(page, path: Path) -> Watch:  # type: ignore[no-untyped-def]
    watch = Watch()
    page.on("console", lambda message: watch.complaints.append(message.text) if message.type in {"error", "warning", "trace"} else None)
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (watch.dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: watch.requests.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    return watch


@pytest.mark.parametrize("name", ["index.html", "index.en.html", "2017.html"])
def test_charts_are_drawn_in_silence_and_without_the_network(page, site: Path, name: str) -> None:  # type: ignore[no-untyped-def]
    watch = _open(page, site / name)
    assert page.locator("[data-figure]").count() == 11
    assert page.locator("[data-figure] svg.main-svg").count() >= 7
    assert (
        page.locator(".barlayer .point path").count() > 0
        and page.locator(".hm image").count() > 0
        and page.locator(".scatterlayer .lines path").count() > 0
    )
    assert watch.complaints == [] and watch.dialogs == []
    assert {Path(request).name for request in watch.requests} == {name, "site.css", "site.js", "plotly.min.js"}
    assert all(request.startswith("file://") for request in watch.requests)


def test_text_from_data_stays_text_also_in_charts_and_hovers(page, site: Path) -> None:  # type: ignore[no-untyped-def]
    watch = _open(page, site / "index.html")
    assert page.locator("main img, main a, svg a").count() == 0
    page.locator("#disclosure-by-region-title").scroll_into_view_if_needed()
    bars = page.locator("[data-figure='disclosure-by-region-data'] .barlayer .point path")
    for place in range(bars.count()):
        box = bars.nth(place).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_selector(".hoverlayer .hovertext")
    labels = page.locator("[data-figure='disclosure-by-region-data'] .ytick text").all_text_contents()
    assert any(text.strip().startswith("<img src=x") for text in labels)
    assert HOSTILE[1] in page.locator("#due-soon ~ .scroll").inner_text()
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
    _open(page, site / "index.html")
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
    watch = _open(page, site / "index.html")
    page.pdf(path=str(tmp_path / "page.pdf"), prefer_css_page_size=True)
    assert (tmp_path / "page.pdf").stat().st_size > 20_000 and watch.complaints == []
