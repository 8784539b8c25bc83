"""红黑榜 of a year, as a workbook and in Word: who is or was on the blacklist with entry and exit, and intermediaries with good records alone. Words and signs, never colour alone."""

from dataclasses import dataclass
from pathlib import Path

from dashboards.labels import label, section
from dashboards.rates import NOT_APPLICABLE
from exports.documents.annual_report import date_words
from exports.documents.document import file_name, period_words
from exports.documents.figures import MISSING
from exports.documents.occasion import Occasion, made_from
from exports.documents.official_paper import Paper
from exports.documents.shown_text import shown_name, shown_text
from exports.workbooks import Column, write_list, writing

_BLACK = (
    ("sign", 10),
    ("body", 30),
    ("body_code", 24),
    ("reason", 30),
    ("document", 20),
    ("authority", 22),
    ("restricted", 8),
    ("listed_on", 13),
    ("revoked_on", 13),
    ("state", 12),
    ("points", 12),
)
_RED = (("sign", 10), ("body", 44), ("body_code", 24), ("category", 20), ("good_records", 10), ("bad_records", 10))
_BLACK_FROM, _RED_FROM = "BLACK_LIST", "INTERMEDIARY"
_COUNTS = ("good_records", "bad_records")


@dataclass(frozen=True)
class CreditLists:
    """Rows as they are shown. `red` is None where no source delivers intermediaries, `black` where none delivers the blacklist."""

    black: list[list[str]] | None
    red: list[list[str]] | None
    threshold: str


def write_credit_list(occasion: Occasion, out: Path) -> list[Path]:
    """The workbook and the Word document of a year. Raises DocumentError where nobody delivers the blacklist or intermediaries."""
    occasion.delivering((_BLACK_FROM, _RED_FROM))
    lists, period = _read(occasion), period_words(occasion.period)
    title, stem = f"{period}{label('document.credit-list')}", (label("document.credit-list"), period)
    notes = [label("credit_list.note_black"), lists.threshold, label("credit_list.note_names")]
    sheets = (("black", _BLACK, lists.black, notes), ("red", _RED, lists.red, [label("credit_list.note_red"), label("credit_list.note_names")]))
    workbook_path, paper = out / file_name(*stem, suffix=".xlsx"), Paper(title, landscape=True)
    with writing(workbook_path, title, occasion.created) as (workbook, formats):
        paper.title(occasion.unit, title)
        for name, columns, rows, said in sheets:
            missing = [label("credit_list.missing", missing=MISSING)] if rows is None else [] if rows else [label("credit_list.none")]
            # What nobody delivered is not 0 entries.
            count = MISSING if rows is None else label("credit_list.entries", count=len(rows))
            line = label("credit_list.line", unit=occasion.unit, as_of=occasion.as_of, count=count)
            over = label("transactions.title_of_sheet", title=title, sheet=label(f"credit_list.{name}"))
            heads = [Column((label(f"credit_list.{column}"),), width, "count" if column in _COUNTS else "text") for column, width in columns]
            write_list(workbook, formats, label(f"credit_list.{name}"), over, line, heads, rows or [], notes=[*missing, *said, made_from(occasion)])
            paper.heading(label(f"credit_list.part_{name}"))
            for text in missing:
                paper.text(text)
            if rows:
                paper.table(
                    [(label(f"credit_list.{column}"),) for column, _ in columns],
                    rows,
                    [width for _, width in columns],
                    numbers=frozenset(place for place, (column, _) in enumerate(columns) if column in _COUNTS),
                    size=7.5,
                )
            for text in said:
                paper.note(text)
    paper.note(made_from(occasion))
    paper.sign(occasion.unit, date_words(occasion.as_of))
    return [workbook_path, paper.save(out / file_name(*stem, suffix=".docx"), occasion.created)]


def _read(occasion: Occasion) -> CreditLists:
    delivered = {name for (name,) in occasion.connection.execute("SELECT DISTINCT dataset FROM meta.deliveries WHERE status = 'loaded'").fetchall()}
    return CreditLists(
        black=_black(occasion) if _BLACK_FROM in delivered else None,
        red=_red(occasion) if _RED_FROM in delivered else None,
        threshold=_threshold(occasion),
    )


def _black(occasion: Occasion) -> list[list[str]]:
    """Whoever was on the list on any day of the period."""
    rows = occasion.connection.execute(
        f"""
        SELECT {shown_name("body_name")}, {shown_text("coalesce(body_code, '—')")}, {shown_text("coalesce(reason, '—')")}, {shown_text("coalesce(document_number, '—')")},
               {shown_text("coalesce(listing_authority, '—')")}, {shown_text("coalesce(restricted_action, '—')")}, listed_on::VARCHAR, revoked_on::VARCHAR, state,
               coalesce(format('{{:g}}', points_when_listed::DOUBLE), '—') || ' / ' || coalesce(format('{{:g}}', threshold_when_listed::DOUBLE), '—')
        FROM marts.blacklist
        WHERE coalesce(listed_on <= $last, true) AND coalesce(revoked_on >= $first, true)
        ORDER BY is_in_force DESC NULLS LAST, blacklist.listed_on DESC NULLS LAST, blacklist_code
        """,
        {"first": occasion.period.start, "last": occasion.period.end},
    ).fetchall()
    shown = []
    for *cells, listed, revoked, state, points in rows:
        shown.append(
            [label("credit_list.sign_black"), *cells, listed or NOT_APPLICABLE, revoked or NOT_APPLICABLE, section("blacklist_state")[state], points]
        )
    return shown


def _red(occasion: Occasion) -> list[list[str]]:
    """Intermediaries with good records and expressly no bad one; an empty cell is not zero."""
    rows = occasion.connection.execute(
        f"""
        SELECT {shown_name("intermediary_name")}, {shown_text("coalesce(intermediary_code, '—')")}, {shown_text("coalesce(category, '—')")}, good_records::VARCHAR, bad_records::VARCHAR
        FROM marts.intermediaries WHERE good_records > 0 AND bad_records = 0 ORDER BY intermediaries.good_records DESC, intermediary_code
        """
    ).fetchall()
    return [[label("credit_list.sign_red"), *row] for row in rows]


def _threshold(occasion: Occasion) -> str:
    rows = occasion.connection.execute(
        f"""
        SELECT DISTINCT format('{{:g}}', blacklist_points::DOUBLE), window_months, threshold_status, {shown_text("threshold_source")}
        FROM marts.sanctions WHERE blacklist_points IS NOT NULL ORDER BY ALL
        """
    ).fetchall()
    if not rows:
        return label("sanctions.no_threshold")
    points, months, status, source = rows[0]
    return label("sanctions.threshold", months=months, points=points, status=section("status").get(status, ""), source=source)
