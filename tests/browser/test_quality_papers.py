"""The papers of the desk in Chromium, from their files: three clicks from the bulletin to the delivered row, and nothing delivered runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards import pages
from dashboards.desk.papers import build_papers
from tests.dashboards.desk.desk_snapshot import MANIFEST, build

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install the dev extra)")
CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="Chromium is not installed at /usr/bin/chromium (apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    warehouse = build(tmp_path_factory.mktemp("papers"))
    site = warehouse.parent / "site"
    build_papers(warehouse, site / "quality", manifest=MANIFEST)
    assets = Path(__file__).resolve().parents[2] / "dashboards" / "assets"
    (site / "site.css").write_bytes((assets / "site.css").read_bytes())
    return site


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


def test_three_clicks_from_the_bulletin_to_the_row_and_nothing_runs(browser, site: Path) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith(("file://", "data:")) else complaints.append(request.url))
    page.goto((site / "quality" / "index.html").as_uri())
    page.click("#copy")
    playwright_api.expect(page.locator("#copied")).not_to_be_empty()
    page.click("#ranking ~ .scroll a[href='421202.html']")
    page.click("article.finding h3 a")
    assert "#" in page.url
    page.click("article.finding summary")
    assert page.locator("article.finding details[open] tr").count() > 5
    assert page.locator("#print").is_visible()
    ways = page.locator("nav.ways a").evaluate_all("(ways) => ways.map((way) => way.getAttribute('href'))")
    assert ways == [address for _, _, address in pages.ways("zh", "../", has_papers=True)]
    page.emulate_media(media="print")
    assert page.locator("nav:visible, .corner:visible").count() == 0, "paper has no ways"
    page.emulate_media(media="screen")
    page.goto((site / "quality" / "421202.en.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    assert complaints == []
    page.close()
