"""Reads a page back as a reader would: its places, its ways, its tables, its figures."""

import json
import re
from html.parser import HTMLParser


class Page(HTMLParser):
    """Names of places, addresses, texts of cells by row, and figures of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.addresses: list[str] = []
        self.rows: list[list[str]] = []
        self._in_cell = False
        self.feed(text)
        self.figures = [json.loads(found) for found in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        if told.get("id"):
            self.names.append(str(told["id"]))
        if told.get("href"):
            self.addresses.append(str(told["href"]))
        if tag == "tr":
            self.rows.append([])
        self._in_cell = (self._in_cell or tag == "td") and tag != "tr"
        if tag == "td":
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag != "tbody"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data.rstrip("\n")


def body_of(page: str) -> str:
    """What stands between header and footer, without the ways that lead on: of the same sheet the same in the site and in the live app."""
    return re.sub(r"</?a\b[^>]*>", "", page[page.index("<section") : page.index("</main>")]).strip()
