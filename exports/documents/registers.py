"""登记簿 of disclosures and of requests by year and office, as books to print: a sheet in numbers, and every entry, a new page for each office."""

from collections.abc import Sequence
from pathlib import Path

from dashboards.labels import label, section
from dashboards.rates import NOT_APPLICABLE
from exports.documents.document import file_name, period_words
from exports.documents.occasion import Occasion, Source, made_from
from exports.documents.shown_text import shown_text
from exports.workbooks import Column, Value, write_list, writing
from sources.warehouse import ROWS_PER_DELIVERY

_DAYS = ("formed", "reviewed", "published", "received", "accepted", "suspended", "resumed", "due", "answered_on")
_SIGNATURES = ("prepared", "reviewed", "reported_by", "date")
_PLACE = f"""(SELECT {shown_text("file")} FROM meta.deliveries WHERE delivery_number = source_row // {ROWS_PER_DELIVERY}) || ' · ' || (source_row % {ROWS_PER_DELIVERY})"""


def write_disclosure_register(occasion: Occasion, out: Path) -> list[Path]:
    """The register of disclosures of the items formed in the year, one workbook a source. Raises DocumentError where nobody delivers it."""
    return [_write_disclosures(occasion, source, out) for source in occasion.delivering(["DISCLOSURE_REGISTER"])]


def write_request_register(occasion: Occasion, out: Path) -> list[Path]:
    """The register of the requests received in the year, one workbook a source. Applicants are not named. Raises DocumentError where nobody delivers it."""
    return [_write_requests(occasion, source, out) for source in occasion.delivering(["INFORMATION_REQUEST"])]


_ITEMS = f"""
SELECT {shown_text("coalesce(nullif(trim(office), ''), '—')")} AS office, {shown_text("item_code")}, CASE WHEN title IS NULL THEN NULL ELSE {shown_text("title")} END,
       {shown_text("category")}, {shown_text("channel")}, openness_class, strftime(formed_at, '%Y-%m-%d %H:%M'), strftime(reviewed_at, '%Y-%m-%d %H:%M'),
       strftime(published_at, '%Y-%m-%d %H:%M'), review_state, is_published_against_decision, {_PLACE}
FROM marts.disclosure_register WHERE source_id = $source AND year = $year ORDER BY office, item_code
"""
_OFFICES = f"""
SELECT {shown_text("coalesce(nullif(trim(office), ''), '—')")} AS office, sum(items)::BIGINT, sum(proactive)::BIGINT, sum(on_request)::BIGINT, sum(withheld)::BIGINT,
       sum(undecided + unrecognised)::BIGINT, sum(published)::BIGINT, sum(reviewed_before)::BIGINT, sum(reviewed_after)::BIGINT, sum(not_reviewed)::BIGINT,
       sum(undecidable)::BIGINT, sum(published_against_decision)::BIGINT
FROM marts.disclosure_register_by_office WHERE source_id = $source AND year = $year GROUP BY 1 ORDER BY 1
"""


def _write_disclosures(occasion: Occasion, source: Source, out: Path) -> Path:
    asked = {"source": source.source_id, "year": occasion.period.start.year}
    offices = occasion.connection.execute(_OFFICES, asked).fetchall()
    openness = section("openness")
    states = section("review_state")
    unnamed, against = label("register_book.unnamed"), label("register_book.against")
    found = occasion.connection.execute(_ITEMS, asked).fetchall()
    entries = [
        (
            office,
            code,
            unnamed if title is None else title,
            category,
            channel,
            openness[how],
            *times,
            NOT_APPLICABLE if review is None else states[review],
            against if is_against else "",
            place,
        )
        for office, code, title, category, channel, how, *times, review, is_against, place in found
    ]
    names = (
        "items",
        "proactive",
        "on_request",
        "withheld",
        "undecided",
        "published",
        "reviewed_before",
        "reviewed_after",
        "not_reviewed",
        "undecidable",
        "against",
    )
    columns = (
        ("office", 13),
        ("item_code", 14),
        ("title", 36),
        ("category", 13),
        ("channel", 18),
        ("openness", 10),
        ("formed", 16),
        ("reviewed", 16),
        ("published", 16),
        ("review", 12),
        ("against_decision", 12),
        ("place", 28),
    )
    return _write_book(occasion, source, out, "disclosure-register", names, offices, columns, entries)


_REQUESTS = f"""
SELECT {shown_text("coalesce(nullif(trim(office), ''), '—')")} AS office, {shown_text("request_number")}, {shown_text("form")}, strftime(received_at, '%Y-%m-%d'),
       strftime(accepted_at, '%Y-%m-%d'), strftime(suspended_at, '%Y-%m-%d'), strftime(resumed_at, '%Y-%m-%d'),
       (coalesce(suspended_days, 0) + coalesce(extended_days, 0))::BIGINT, due_on::VARCHAR, strftime(answered_at, '%Y-%m-%d'), {shown_text("outcome")}, state, verdict,
       missed_reason, {_PLACE}
FROM marts.request_register WHERE source_id = $source AND year(received_at) = $year ORDER BY office, request_register.received_at, request_number
"""
_REQUEST_OFFICES = f"""
SELECT {shown_text("coalesce(nullif(trim(office), ''), '—')")} AS office, count(*), count(*) FILTER (state = 'answered'), count(*) FILTER (state <> 'answered'),
       count(*) FILTER (verdict = 'met'), count(*) FILTER (verdict = 'missed'), count(*) FILTER (verdict = 'pending'), count(*) FILTER (verdict = 'undecidable')
FROM marts.request_register WHERE source_id = $source AND year(received_at) = $year GROUP BY 1 ORDER BY 1
"""


def _write_requests(occasion: Occasion, source: Source, out: Path) -> Path:
    asked = {"source": source.source_id, "year": occasion.period.start.year}
    offices = occasion.connection.execute(_REQUEST_OFFICES, asked).fetchall()
    states, verdicts, reasons = section("request_state"), section("verdict"), section("missed_reason")
    entries = []
    for *cells, state, verdict, missed, place in occasion.connection.execute(_REQUESTS, asked).fetchall():
        judged = NOT_APPLICABLE if verdict is None else verdicts[verdict] + (f"（{reasons[missed]}）" if missed else "")
        entries.append([*cells, states[state], judged, place])
    names = ("requests", "answered", "open", "met", "missed", "pending", "undecidable")
    columns = (
        ("office", 16),
        ("request_number", 18),
        ("form", 8),
        ("received", 13),
        ("accepted", 13),
        ("suspended", 13),
        ("resumed", 13),
        ("further_days", 10),
        ("due", 13),
        ("answered_on", 13),
        ("outcome", 14),
        ("state", 9),
        ("judged", 15),
        ("place", 32),
    )
    return _write_book(occasion, source, out, "request-register", names, offices, columns, entries)


def _write_book(
    occasion: Occasion, source: Source, out: Path, name: str, counts: Sequence[str], offices: Sequence[Sequence[Value]], columns: Sequence[tuple[str, float]], entries: Sequence[Sequence[Value]]
) -> Path:  # fmt: skip
    title = f"{period_words(occasion.period)}{label(f'document.{name}')}"
    line = label("register_book.line", unit=source.label, as_of=occasion.as_of, count=len(entries))
    total: list[Value] = [label("column.total"), *(sum(int(office[place] or 0) for office in offices) for place in range(1, len(counts) + 1))]
    path = out / file_name(label(f"document.{name}"), period_words(occasion.period), source.source_id, suffix=".xlsx")
    with writing(path, title, occasion.created) as (workbook, formats):
        heads = [Column((label("register_book.office"),), 24), *(Column((label(f"register_book.{count}"),), 11, "count") for count in counts)]
        signatures = [label(f"signature.{signature}") for signature in _SIGNATURES]
        notes = [made_from(occasion)]
        write_list(workbook, formats, label("register_book.by_office"), title, line, heads, [*offices, total], notes=notes, signatures=signatures)
        kinds = {"further_days": "count", **dict.fromkeys(_DAYS, "centred")}
        listed = [Column((label(f"register_book.{column}"),), width, kinds.get(column, "text")) for column, width in columns]
        write_list(
            workbook,
            formats,
            label("register_book.entries"),
            title,
            line,
            listed,
            entries,
            notes=notes if entries else [label("workbook.none"), *notes],
            signatures=signatures,
            breaks_before=lambda above, below: above[0] != below[0],
        )
    return path
