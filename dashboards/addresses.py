"""The ways between the pages: what the files of the published site are called, and where the parts of a page lead, in the site and in the live app."""

import re
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from dashboards.labels import Language


def page_name(name: str, language: Language, year: int | None = None) -> str:
    """File name of a page: of one year, or of all periods together."""
    return f"{name}{'' if year is None else f'-{year}'}{suffix(language)}.html"


def suffix(language: Language) -> str:
    """What the file name of a page in this language ends with before `.html`."""
    return "" if language == "zh" else f".{language}"


def anchor(code: str) -> str:
    """A code as the name of a place in a page."""
    return re.sub(r"[^\w.-]", "_", code)


def rule_page(rule_id: str, language: Language) -> str:
    """File of the page of a duty, seen from the folder of the site."""
    return f"rules/{anchor(rule_id)}{suffix(language)}.html"


class Addresses(Protocol):
    """Where the parts of a page lead. year: the one that the page tells of, None for all periods."""

    @property
    def language(self) -> Language:
        """The language of the page, and of those it leads to."""

    @property
    def root(self) -> str:
        """The way from the page to where the others lie."""

    def page(self, name: str) -> str:
        """A page of `pages.SHEETS`."""

    def rule(self, rule_id: str) -> str:
        """The page of a duty."""

    def regions(self, measure: str, year: int | None) -> str:
        """The rates of a measure by region."""

    def region(self, measure: str, region_code: str, year: int | None) -> str:
        """The rates of one region by duty."""

    def records(self, measure: str, rule_id: str, region_code: str, year: int | None) -> str:
        """The obligations of a duty in a region: where they cannot all be listed, the worst misses."""

    def record(self, obligation_id: str) -> str:
        """One obligation; empty where it has no page of its own."""

    def delivery(self, delivery_number: int) -> str:
        """A delivered file in the ledger."""


@dataclass(frozen=True)
class SiteAddresses:
    """The ways in the published site. They are relative: the site is opened from a folder. `root` is empty but for the pages of the duties, which lie one folder deeper."""

    language: Language
    root: str = ""

    def page(self, name: str) -> str:
        """Its file of all periods."""
        return f"{self.root}{page_name(name, self.language)}"

    def rule(self, rule_id: str) -> str:
        """Its file."""
        return f"{self.root}{quote(rule_page(rule_id, self.language))}"

    def regions(self, measure: str, year: int | None) -> str:
        """The chart of the regions, of the year where there is a page of it."""
        return f"{self._rates(year)}#by-region"

    def region(self, measure: str, region_code: str, year: int | None) -> str:
        """The region's row among the duties."""
        return f"{self._rates(year)}#{measure}-{anchor(region_code)}"

    def records(self, measure: str, rule_id: str, region_code: str, year: int | None) -> str:
        """The worst misses of the region on the page of the duty, of all periods."""
        return f"{self.rule(rule_id)}#{quote(anchor(region_code))}"

    def record(self, obligation_id: str) -> str:
        """Nowhere: a million records have no files."""
        return ""

    def delivery(self, delivery_number: int) -> str:
        """Its line in the ledger."""
        return f"{self.page('ledger')}#delivery-{delivery_number}"

    def _rates(self, year: int | None) -> str:
        return f"{self.root}{page_name('rates', self.language, year)}"
