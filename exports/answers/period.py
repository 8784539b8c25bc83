"""A statistical period as a person writes it: 2017, 2017Q2 or 2017-05."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from exports.answers.asking import AnswerError, plain

_WRITTEN = re.compile(r"(?P<year>(?:19|20)\d\d)(?:-(?P<month>0[1-9]|1[0-2])|[Qq](?P<quarter>[1-4]))?", re.ASCII)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Period:
    """A month, quarter or year, as the rate marts name it: its kind and its first day."""

    kind: str
    start: date

    @classmethod
    def read(cls, text: str) -> "Period":
        """Raises AnswerError for what is no period."""
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise AnswerError(f"{plain(text)!r} is no period; write 2017, 2017Q2 or 2017-05")
        year = int(written["year"])
        if written["month"]:
            return cls("month", date(year, int(written["month"]), 1))
        return cls("quarter", date(year, 3 * int(written["quarter"]) - 2, 1)) if written["quarter"] else cls("year", date(year, 1, 1))

    def before(self) -> "Period":
        """The period of the same kind that ends where this one begins."""
        months = 12 * self.start.year + self.start.month - 1 - _MONTHS[self.kind]
        return Period(self.kind, date(months // 12, months % 12 + 1, 1))

    @property
    def end(self) -> date:
        """The last day."""
        months = 12 * self.start.year + self.start.month - 1 + _MONTHS[self.kind]
        return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)

    def __str__(self) -> str:
        if self.kind == "month":
            return f"{self.start:%Y-%m}"
        return f"{self.start.year}Q{(self.start.month + 2) // 3}" if self.kind == "quarter" else str(self.start.year)
