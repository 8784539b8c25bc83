"""How fast the site of a million duties is made and opens, and what it weighs. Run on request: pytest -m benchmark -s tests/benchmarks/test_site_speed.py.

A page is looked at by a browser that nothing watches: as soon as a debugger or a test is attached, every exception that a script catches makes the browser read the
script again to know the line, which costs Plotly's 4.8 MB half a second that no reader ever waits for. What the page noted is asked for after it stands.
"""

import functools
import http.server
import statistics
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dashboards.site import build_site
from tests.dashboards.snapshot_builder import MANIFEST, Content, add_push, add_transactions, build_snapshot

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install the dev extra)")

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
DUTIES, TRANSACTIONS, LOOKS, SECONDS_A_LOOK = 1_000_000, 120_000, 9, 4

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="Chromium is not installed at /usr/bin/chromium (apt-get install chromium)"),
]


def test_the_site_of_a_million_duties_is_light_and_its_overview_opens_within_a_second(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=DUTIES))
    add_transactions(warehouse, TRANSACTIONS)
    add_push(warehouse)
    # The first building imports Plotly, as a run does ahead of time.
    build_site(warehouse, tmp_path / "first", manifest=MANIFEST)
    began = time.perf_counter()
    site = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).parent
    built = time.perf_counter() - began
    weight = sum(file.stat().st_size for file in site.rglob("*") if file.is_file() and file.name != "plotly.min.js")
    print(f"\nsite of {DUTIES:,} duties: made in {built:.2f} s, {weight / 1e6:.2f} MB beside Plotly in {len(list(site.rglob('*.html')))} pages")
    assert weight < 15_000_000

    with unwatched_browser(tmp_path / "profile") as look:
        for name in ("index.html", "rates.html", "transactions.html", "push.html", "calendar.html", "screen.html"):
            painted, drawn = told(f"{name}, for the first time, from a file", [look((site / name).as_uri()) for _ in range(LOOKS)])
            if name == "index.html":
                # The least disturbed look: others may be at work on this machine.
                assert painted < 1000
                assert drawn < 1000

        # Every morning: a browser keeps what it compiled of a script that a server gave it twice.
        with served(site) as address:
            mornings = [look(f"{address}/index.html") for _ in range(LOOKS)][2:]
        _, drawn = told("index.html, from the third time, from a server", mornings)
        assert drawn < 1000


def test_the_rates_of_three_hundred_counties_with_long_names_stand_within_ten_seconds(tmp_path: Path) -> None:
    regions = {str(110000 + place): f"第{place}区" + "长" * 55 for place in range(300)}
    site = build_site(build_snapshot(tmp_path, Content(obligations=60_000, regions=regions)), tmp_path / "site", manifest=MANIFEST).parent
    with unwatched_browser(tmp_path / "profile") as look:
        _, drawn = told("\nrates.html of 300 counties", [look((site / "rates.html").as_uri()) for _ in range(3)])
    assert drawn < 10_000


@contextmanager
def unwatched_browser(profile: Path) -> Iterator[Callable[[str], tuple[float, float]]]:
    """A look at an address: after how many milliseconds the text of the page and the last chart near what is seen stand in a browser that was there before."""
    # The browser is started by hand: one that Playwright starts is watched from the beginning.
    process = subprocess.Popen(
        [
            CHROMIUM,
            "--headless=new",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            "--window-size=1366,768",
            "--no-first-run",
            *SWITCHES,
            "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with playwright_api.sync_playwright() as playwright:
            yield functools.partial(look_at, playwright, f"http://127.0.0.1:{debugging_port(profile)}")
    finally:
        process.terminate()
        process.wait()


def debugging_port(profile: Path) -> str:
    """The port a browser listens on, which it writes into its profile once it does."""
    told_in = profile / "DevToolsActivePort"
    until = time.monotonic() + 30
    while not (told_in.is_file() and told_in.read_text()):
        assert time.monotonic() < until, "the browser did not start within 30 seconds"
        time.sleep(0.1)
    time.sleep(2)  # it is still busy with itself
    return told_in.read_text().split()[0]


def look_at(playwright: Any, browser: str, address: str) -> tuple[float, float]:
    """Opens an address in a tab of its own, and asks it afterwards when its text and the last chart near what is seen stood: those further down are drawn after it,
    while nobody waits. On the overview all are near."""
    urllib.request.urlopen(urllib.request.Request(f"{browser}/json/new?{address}", method="PUT"))
    # Long enough for the slowest page; what was compiled is kept a moment after the page stands, too.
    time.sleep(SECONDS_A_LOOK)
    watching = playwright.chromium.connect_over_cdp(browser)
    page = next(page for page in watching.contexts[0].pages if page.url == address)
    assert page.evaluate("document.readyState") == "complete", f"{address} did not stand after {SECONDS_A_LOOK} seconds"
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    marks = page.evaluate("performance.getEntriesByName('drawn').map((mark) => mark.startTime)")
    assert marks or "screen" in address, "the big screen alone has no charts"
    drawn = max(marks, default=0)
    far = page.locator("[data-figure]:not(.js-plotly-plot)").count()
    assert not far or "index" not in address
    page.close()
    watching.close()
    return painted, drawn


def told(what: str, looks: list[tuple[float, float]]) -> tuple[float, float]:
    """Prints the looks and gives the least disturbed of each."""
    painted, drawn = zip(*looks, strict=True)
    print(
        f"{what}: text after {min(painted):.0f} ms (median {statistics.median(painted):.0f}), "
        f"charts near what is seen after {min(drawn):.0f} ms (median {statistics.median(drawn):.0f})"
    )
    return min(painted), min(drawn)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a folder is served on loopback."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
