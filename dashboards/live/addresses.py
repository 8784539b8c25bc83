"""The ways between the pages of the live app: a number leads to its records, a county to what can be picked of it."""

from dataclasses import dataclass
from urllib.parse import quote

from dashboards.labels import Language
from dashboards.live.selection import Selection

PICKED = "/rates/"
"""Where rates are picked and compared."""

PATHS = {"index": "/", "rates": PICKED}
"""Where a sheet of `pages.SHEETS` is found otherwise than under its name."""


@dataclass(frozen=True)
class AppAddresses:
    """The ways in the app. first and last: the months of the snapshot, YYYY-MM: a duty without any date is in no rate, and must not be in the list behind one."""

    language: Language
    first: str = ""
    last: str = ""
    root: str = "/"

    def page(self, name: str) -> str:
        """The sheet under its name; the rates where they are picked."""
        return PATHS.get(name, f"/{name}")

    def rule(self, rule_id: str) -> str:
        """The page of the duty."""
        return f"/rules/{quote(rule_id)}"

    def regions(self, measure: str, year: int | None) -> str:
        """The measure drawn by region."""
        return self._within(year).address(PICKED, measure=measure, chart="region")

    def region(self, measure: str, region_code: str, year: int | None) -> str:
        """The measure of the region drawn by duty."""
        return self._within(year).address(PICKED, measure=measure, chart="rule", region=(region_code,))

    def records(self, measure: str, rule_id: str, region_code: str, year: int | None) -> str:
        """All of them, page by page."""
        return self._within(year).address("/records", measure=measure, region=(region_code,), rule=(rule_id,))

    def record(self, obligation_id: str) -> str:
        """The page of the record."""
        return f"/records/{quote(obligation_id, safe='')}"

    def delivery(self, delivery_number: int) -> str:
        """Its line in the ledger."""
        return f"{self.page('ledger')}#delivery-{delivery_number}"

    def _within(self, year: int | None) -> Selection:
        return Selection.made(first=self.first, last=self.last) if year is None else Selection.made(first=f"{year}-01", last=f"{year}-12")
