"""月报、季报 of transactions, as a workbook and as a Word document: by kind, by region, and the largest awards, with 环比 and 同比."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from dashboards.amounts import average, average_exact, change_exact, share, share_exact, ten_thousands
from dashboards.labels import label, section
from dashboards.rates import NOT_APPLICABLE
from exports.documents.annual_report import date_words
from exports.documents.document import file_name, period_words
from exports.documents.occasion import Occasion, made_from
from exports.documents.official_paper import Paper
from exports.documents.transactions import Concluded, Transactions, read_transactions, transaction_datasets
from exports.workbooks import Column, Value, write_list, writing

_COLUMNS = (
    ("count", 9, "count"), ("count_before", 12, "change"), ("count_last_year", 12, "change"), ("award", 16, "number"), ("award_before", 12, "change"),
    ("award_last_year", 12, "change"), ("savings", 14, "number"), ("savings_rate", 10, "rate"), ("savings_rate_b", 10, "rate"), ("added", 14, "number"),
    ("added_rate", 10, "rate"), ("not_comparable", 9, "count"), ("so_far_count", 9, "count"), ("so_far_count_change", 12, "change"), ("so_far_award", 16, "number"),
    ("so_far_award_change", 12, "change"), ("failed", 7, "count"), ("failed_before", 12, "change"), ("failed_last_year", 12, "change"),
    ("otherwise_ended", 9, "count"), ("bid_sections", 10, "count"), ("bidders", 8, "count"), ("average_bidders", 9, "number"),
)  # fmt: skip


def write_transaction_report(occasion: Occasion, out: Path) -> list[Path]:
    """The workbook and the Word document of a month or quarter. Raises DocumentError where nobody delivers transactions."""
    occasion.delivering(transaction_datasets())
    told = read_transactions(occasion)
    stem = label(f"document.{occasion.period.kind}ly-report"), period_words(occasion.period)
    return [
        _write_workbook(occasion, told, out / file_name(*stem, suffix=".xlsx")),
        _write_paper(occasion, told, out / file_name(*stem, suffix=".docx")),
    ]


def _write_workbook(occasion: Occasion, told: Transactions, path: Path) -> Path:
    title = label("transactions.title", period=period_words(occasion.period))
    line = label("transactions.line", unit=occasion.unit, as_of=occasion.as_of)
    columns = [Column((label(f"transactions.{name}"),), width, kind) for name, width, kind in _COLUMNS]
    notes = [*_notes(told), made_from(occasion)]
    signatures = [label(f"signature.{name}") for name in ("prepared", "reviewed", "reported_by", "date")]

    def titled(sheet: str) -> str:
        return label("transactions.title_of_sheet", title=title, sheet=label(f"transactions.{sheet}"))

    with writing(path, title, occasion.created) as (workbook, formats):
        for name, lines in (("by_kind", _by_kind(told)), ("by_region", _by_region(told))):
            heading = Column((label(f"transactions.{name}"),), 16)
            sheet = label(f"transactions.{name}")
            write_list(workbook, formats, sheet, titled(name), line, [heading, *columns], lines, notes=notes, signatures=signatures)
        write_list(
            workbook,
            formats,
            label("transactions.kinds_of_regions"),
            titled("kinds_of_regions"),
            line,
            _crossed_columns(told),
            _crossed(told),
            notes=[label("transactions.note_amounts")],
        )
        largest = [
            Column((label(f"transactions.{name}"),), width, kind)
            for name, width, kind in (
                ("rank", 6, "centred"),
                ("title_of", 60, "text"),
                ("region", 18, "text"),
                ("kind", 14, "text"),
                ("award", 16, "number"),
                ("announced_on", 13, "centred"),
            )
        ]
        rows = [
            (rank, one.title, one.region, section("transaction_type")[one.transaction_type], ten_thousands(one.award_yuan), f"{one.announced_on}")
            for rank, one in enumerate(told.largest, start=1)
        ]
        write_list(
            workbook, formats, label("transactions.largest"), titled("largest"), line, largest, rows, notes=[] if rows else [label("workbook.none")]
        )
    return path


def _by_kind(told: Transactions) -> list[list[Value]]:
    lines = [[section("transaction_type")[kind], *_measures(told, kind, None)] for kind in told.kinds]
    return [*lines, [label("column.total"), *_measures(told, None, None)]]


def _by_region(told: Transactions) -> list[list[Value]]:
    lines = [[name, *_measures(told, None, code)] for code, name in told.regions]
    return [*lines, [label("column.total"), *_measures(told, None, None)]]


_NOT_TOLD = Concluded({})


def _measures(told: Transactions, kind: str | None, region: str | None) -> list[Value]:
    """The cells of one line. A sum of nothing is 0; what has no base, or a period compared with that is not told, is a dash."""
    parts = (told.now, told.before, told.last_year, told.so_far, told.so_far_last_year)
    now, before, last_year, so_far, so_far_last_year = ((part or _NOT_TOLD).of(kind, region) for part in parts)
    zero = Decimal(0)
    return [
        now.count,
        _told(change_exact(now.count, before.count)),
        _told(change_exact(now.count, last_year.count)),
        ten_thousands(now.award_yuan or zero),
        _told(change_exact(now.award_yuan or zero, before.award_yuan)),
        _told(change_exact(now.award_yuan or zero, last_year.award_yuan)),
        NOT_APPLICABLE if now.savings_yuan is None else ten_thousands(now.savings_yuan),
        _told(share_exact(now.savings_yuan, now.savings_estimate_yuan)),
        _told(share_exact(now.savings_yuan, now.savings_award_yuan)),
        NOT_APPLICABLE if now.added_yuan is None else ten_thousands(now.added_yuan),
        _told(share_exact(now.added_yuan, now.added_base_yuan)),
        NOT_APPLICABLE if now.added_yuan is None and not now.not_comparable else now.not_comparable,
        so_far.count,
        _told(change_exact(so_far.count, so_far_last_year.count)),
        ten_thousands(so_far.award_yuan or zero),
        _told(change_exact(so_far.award_yuan or zero, so_far_last_year.award_yuan)),
        *_process_measures(told, kind, region),
    ]


def _told(share_or_change: Decimal | None) -> Value:
    return NOT_APPLICABLE if share_or_change is None else share_or_change


def _process_measures(told: Transactions, kind: str | None, region: str | None) -> list[Value]:
    """Failed tenders with their changes, and bidders a section; 暂缺 where nothing was delivered that tells of them."""
    now = told.process.of(kind, region)
    before, last_year = (part.of(kind, region).failed if part else None for part in (told.process_before, told.process_last_year))
    missing = label("missing.missing")
    is_told = kind in told.failures_known or (kind is None and bool(told.failures_known))
    changes = [_told(change_exact(now.failed, other)) for other in (before, last_year)]
    failed: list[Value] = [now.failed, *changes, now.otherwise_ended] if is_told else [missing] * 4
    count = now.bid_sections
    bidders: list[Value] = [count, now.bidders, average_exact(now.bidders, count)] if count else [missing] * 3
    return [*failed, *bidders]


def _crossed_columns(told: Transactions) -> list[Column]:
    groups = [*(section("transaction_type")[kind] for kind in told.kinds), label("column.total")]
    parts = (("count", 9, "count"), ("award", 15, "number"))
    return [
        Column((label("transactions.by_region"),), 24),
        *(Column((group, label(f"transactions.{name}")), width, kind) for group in groups for name, width, kind in parts),
    ]


def _crossed(told: Transactions) -> list[list[Value]]:
    def line(name: str, code: str | None) -> list[Value]:
        sums = [told.now.of(kind, code) for kind in (*told.kinds, None)]
        return [name, *(cell for one in sums for cell in (one.count, ten_thousands(one.award_yuan or Decimal(0))))]

    return [*(line(name, code) for code, name in told.regions), line(label("column.total"), None)]


def _notes(told: Transactions) -> list[str]:
    """What the numbers mean, and what they leave out."""
    names = ("note_formulas", "note_amounts", "note_process")
    return [*(label(f"transactions.{name}") for name in names), *_unpriced(told), *_not_comparable(told), *_uncompared(told)]


def _unpriced(told: Transactions) -> list[str]:
    total = told.now.of()
    return [label("transactions.note_unpriced", count=total.count - total.priced)] if total.count > total.priced else []


def _not_comparable(told: Transactions) -> list[str]:
    count = told.now.of().not_comparable
    return [label("transactions.note_not_comparable", count=count)] if count else []


def _uncompared(told: Transactions) -> list[str]:
    """Which comparison has no base, and that this is why a dash stands there."""
    missing = [label(f"transactions.{name}") for name, part in (("before", told.before), ("last_year", told.last_year)) if part is None]
    return [label("transactions.note_uncompared", comparisons="、".join(missing))] if missing else []


def _write_paper(occasion: Occasion, told: Transactions, path: Path) -> Path:
    period = period_words(occasion.period)
    paper = Paper(label("transactions.title", period=period))
    paper.title(occasion.unit, label("transactions.title", period=period))
    paper.heading(label("transactions.part_overall"))
    paper.text(_sentence(told, period, None))
    paper.text(_process_sentence(told))
    for kind in told.kinds:
        paper.text(_sentence(told, section("transaction_type")[kind], kind))
    paper.heading(label("transactions.part_kinds"))
    for shown, widths in (_AMOUNTS_SHOWN, _PROCESS_SHOWN):
        _put_table(paper, "by_kind", _by_kind(told), shown, widths)
    paper.heading(label("transactions.part_regions"))
    for shown, widths in (_AMOUNTS_SHOWN, _PROCESS_SHOWN):
        _put_table(paper, "by_region", _by_region(told), shown, widths)
    for note in _notes(told):
        paper.note(note)
    paper.heading(label("transactions.part_largest"))
    rows = [
        (f"{rank}", one.title, one.region, section("transaction_type")[one.transaction_type], f"{ten_thousands(one.award_yuan):,}")
        for rank, one in enumerate(told.largest, start=1)
    ]
    paper.table(
        [(label(f"transactions.{name}"),) for name in ("rank", "title_of", "region", "kind", "award")],
        rows,
        (1, 7, 2.4, 2.2, 2.4),
        numbers=frozenset({0, 4}),
        size=9,
        none=label("workbook.none"),
    )
    paper.note(made_from(occasion))
    paper.sign(occasion.unit, date_words(occasion.as_of))
    return paper.save(path, occasion.created)


def _sentence(told: Transactions, subject: str, kind: str | None) -> str:
    now, before, last_year = ((part or _NOT_TOLD).of(kind) for part in (told.now, told.before, told.last_year))
    zero = Decimal(0)
    parts = [label("transactions.sentence", subject=subject, count=f"{now.count:,}", award=f"{ten_thousands(now.award_yuan or zero):,}")]
    for name, other in (("before", before), ("last_year", last_year)):
        if other.count:
            count, award = _moved(now.count, other.count), _moved(now.award_yuan or zero, other.award_yuan)
            parts.append(label("transactions.sentence_compared", comparison=label(f"transactions.{name}"), count=count, award=award))
    if now.savings_yuan is not None:
        parts.append(
            label(
                "transactions.sentence_savings",
                savings=f"{ten_thousands(now.savings_yuan):,}",
                rate=share(now.savings_yuan, now.savings_estimate_yuan),
            )
        )
    if now.added_yuan is not None:
        parts.append(
            label("transactions.sentence_added", added=f"{ten_thousands(now.added_yuan):,}", rate=share(now.added_yuan, now.added_base_yuan))
        )
    return "，".join(parts) + "。"


def _moved(now: Decimal | int, before: Decimal | int | None) -> str:
    """A change in words, as a report has it: 增长5.17%."""
    moved = change_exact(now, before)
    if not moved:
        return NOT_APPLICABLE if moved is None else label("transactions.moved_none")
    return label("transactions.moved_up" if moved > 0 else "transactions.moved_down", by=f"{abs(moved):.2%}")


def _process_sentence(told: Transactions) -> str:
    """Failed tenders and bidders a section of the period."""
    now, missing = told.process.of(), label("missing.missing")
    failed, bidders = (label(f"transactions.sentence_no_{name}", missing=missing) for name in ("failed", "bidders"))
    if told.failures_known:
        failed = label("transactions.sentence_failed", failed=now.failed, otherwise_ended=now.otherwise_ended)
    if now.bid_sections:
        average_bidders = average(now.bidders, now.bid_sections)
        bidders = label("transactions.sentence_bidders", sections=f"{now.bid_sections:,}", bidders=f"{now.bidders:,}", average=average_bidders)
    return f"{failed}；{bidders}。"


# Columns of the sheets that a page holds, with their widths behind that of the name.
_AMOUNTS_SHOWN = (
    ("count", "count_before", "count_last_year", "award", "award_before", "award_last_year", "savings", "savings_rate"),
    (2.6, 1.4, 1.9, 1.9, 2.5, 1.9, 1.9, 2.2, 1.9),
)
_PROCESS_SHOWN = (
    (
        "added",
        "added_rate",
        "not_comparable",
        "failed",
        "failed_before",
        "failed_last_year",
        "otherwise_ended",
        "bid_sections",
        "bidders",
        "average_bidders",
    ),
    (2.2, 1.9, 1.5, 1.6, 1.3, 1.7, 1.7, 1.5, 1.8, 1.4, 1.6),
)


def _put_table(paper: Paper, name: str, lines: Sequence[Sequence[Value]], shown: Sequence[str], widths: Sequence[float]) -> None:
    """Some columns of the sheet."""
    names = [column for column, _, _ in _COLUMNS]
    places = [1 + names.index(column) for column in shown]
    rows = [[str(line[0]), *(_cell(line[place], _COLUMNS[place - 1][2]) for place in places)] for line in lines]
    paper.table(
        [(label(f"transactions.{column}"),) for column in (name, *shown)],
        rows,
        widths,
        numbers=frozenset(range(1, len(widths))),
        size=8,
    )


def _cell(value: Value, kind: str) -> str:
    if not isinstance(value, int | Decimal):
        return str(value)
    return {"rate": f"{value:.2%}", "change": f"{value:+.2%}"}.get(kind, f"{value:,}")
