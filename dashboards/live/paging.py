"""Lists page by page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

_FARTHEST = 100_000


@dataclass(frozen=True)
class Paging:
    """A page of a list, counted from 1. Of the list as a whole, once it is known: rows, pages, and the addresses before and after, None at the ends."""

    page: int
    page_rows: int
    total: int = 0
    before: str | None = None
    after: str | None = None

    @classmethod
    def asked(cls, arguments: Mapping[str, str], page_rows: int) -> "Paging":
        """The page that an address asks for; the first where it asks for none that can be."""
        asked = arguments.get("page", "")
        return cls(min(max(int(asked), 1), _FARTHEST) if asked.isascii() and asked.isdigit() else 1, page_rows)

    @property
    def offset(self) -> int:
        """Rows before the page."""
        return (self.page - 1) * self.page_rows

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.total // self.page_rows))

    def over(self, total: int, address: Callable[..., str]) -> "Paging":
        """The same page of a list of so many rows; `address(page=…)` gives the address of another."""
        pages = max(1, -(-total // self.page_rows))
        before = address(page=str(min(self.page - 1, pages))) if self.page > 1 else None
        after = address(page=str(self.page + 1)) if self.page < pages else None
        return Paging(self.page, self.page_rows, total, before, after)
