"""不良行为量化通知书 of a year: one page each under its own number, after a list that says whether the numbers follow one another."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from dashboards.labels import label, section
from dashboards.rates import NOT_APPLICABLE
from exports.documents.annual_report import date_words
from exports.documents.document import file_name, period_words
from exports.documents.figures import plain_number
from exports.documents.occasion import Occasion, Source, made_from
from exports.documents.official_paper import Paper
from exports.documents.shown_text import shown_name, shown_text

_NUMBERED = re.compile(r"[〔\[（(](?P<year>\d{4})[〕\]）)]\s*(?P<number>\d+)\s*号$")


@dataclass(frozen=True)
class Notice:
    number: str
    body: str
    body_code: str
    violation: str | None
    clause: str
    points: Decimal
    basis: str | None
    status: str | None
    issued_on: date
    expires_on: date | None
    effect: str
    is_under_appeal: bool

    @property
    def place(self) -> tuple[int, int, str]:
        """Where it stands in the year: by the number it bears; one that bears none stands behind, by its day."""
        written = _NUMBERED.search(self.number)
        return (0, int(written["number"]), self.number) if written else (1, self.issued_on.toordinal(), self.number)


def write_point_notices(occasion: Occasion, out: Path) -> list[Path]:
    """The notices issued in the year, one document a source. They bear the numbers that were delivered: making them again numbers nothing anew."""
    return [_write(occasion, source, out) for source in occasion.delivering(["POINT_NOTICE"])]


def _write(occasion: Occasion, source: Source, out: Path) -> Path:
    year = occasion.period.start.year
    notices = sorted(_read(occasion, source, year), key=lambda notice: notice.place)
    paper = Paper(f"{period_words(occasion.period)}{label('document.point-notices')}")
    paper.title(source.label, f"{period_words(occasion.period)}{label('document.point-notices')}")
    paper.text(numbering_words(notices, year))
    # Over the list: under one that fills the page it would stand on a page of its own.
    paper.note(made_from(occasion), leads=True)
    rows = [
        (one.number, one.body, one.clause, plain_number(one.points), f"{one.issued_on}", f"{one.expires_on or NOT_APPLICABLE}", _effect(one))
        for one in notices
    ]
    names = ("number", "body", "clause", "points", "issued_on", "expires_on", "effect")
    paper.table([(label(f"point_notices.{name}"),) for name in names], rows, (4.6, 5.2, 4.6, 1.2, 2.4, 2.4, 2.7), numbers=frozenset({3}), size=8)
    for notice in notices:
        paper.new_page()
        _write_notice(paper, source, notice)
    return paper.save(
        out / file_name(label("document.point-notices"), period_words(occasion.period), source.source_id, suffix=".docx"), occasion.created
    )


def _read(occasion: Occasion, source: Source, year: int) -> list[Notice]:
    rows = occasion.connection.execute(
        f"""
        SELECT {shown_text("notice_number")}, {shown_name("body_name")}, {shown_text("coalesce(body_code, '—')")}, {shown_text("violation_code")},
               {shown_text("concat_ws(' ', clause, clause_label)")}, points, {shown_text("table_source")}, table_status, issued_on, expires_on, effect, is_under_appeal
        FROM marts.sanctions WHERE source_id = $source AND year(issued_on) = $year
        """,
        {"source": source.source_id, "year": year},
    ).fetchall()
    return [Notice(*row) for row in rows]


def numbering_words(notices: list[Notice], year: int) -> str:
    """Whether the numbers of the year follow one another from 1, and which are missing, twice there or of no known form."""
    written = [(_NUMBERED.search(notice.number), notice) for notice in notices]
    numbers = [int(match["number"]) for match, _ in written if match and int(match["year"]) == year]
    others = [notice.number for match, notice in written if not match or int(match["year"]) != year]
    parts = [label("point_notices.numbered", count=len(notices))]
    if numbers:
        missing = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        parts.append(label("point_notices.from_to", first=min(numbers), last=max(numbers)))
        parts.append(label("point_notices.missing", numbers="、".join(map(str, missing))) if missing else label("point_notices.continuous"))
        parts += [label("point_notices.twice", numbers="、".join(map(str, twice)))] if twice else []
    if others:
        parts.append(label("point_notices.unnumbered", numbers="、".join(others)))
    return "；".join(parts) + "。"


def _effect(notice: Notice) -> str:
    return section("effect")[notice.effect] + (f"（{label('sanctions.under_appeal')}）" if notice.is_under_appeal else "")


def _write_notice(paper: Paper, source: Source, notice: Notice) -> None:
    paper.title(label("point_notices.title"), notice.number)
    paper.text(f"{notice.body}（{notice.body_code}）：", indent=0)
    violation = label("point_notices.violation", code=notice.violation) if notice.violation else ""
    until = label("point_notices.until", day=date_words(notice.expires_on)) if notice.expires_on else label("point_notices.no_end")
    paper.text(
        label(
            "point_notices.decision",
            clause=notice.clause,
            violation=violation,
            points=plain_number(notice.points),
            day=date_words(notice.issued_on),
            until=until,
        )
    )
    if notice.basis:
        paper.text(label("point_notices.basis", source=notice.basis, status=section("status").get(notice.status or "", "")))
    if notice.effect == "revoked":
        paper.text(label("point_notices.revoked"))
    paper.text(label("point_notices.appeal"))
    paper.sign(source.label, date_words(notice.issued_on))
