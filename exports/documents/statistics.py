"""政府信息公开情况统计表: the form of the report year with every cell filled or 暂缺, its arithmetic shown, and every figure led back to its rows."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dashboards.labels import label, section
from dashboards.rates import NOT_APPLICABLE
from exports.documents.document import file_name, period_words
from exports.documents.figures import MISSING, Asking, Valued, information_datasets, plain_number
from exports.documents.filling import CONTRADICTS, Cell, Check, FilledTable, fill
from exports.documents.forms import Form, Row, form_of
from exports.documents.occasion import Occasion, Source
from exports.documents.shares import Shares, read_shares
from exports.workbooks import Formats, row_height, set_paper, sheet_name, write_head, write_headings, write_notes, write_signatures, writing

_SHARE_WIDTHS, _CHECK_WIDTHS, _SOURCE_WIDTHS = (62, 16, 16, 16), (30, 70, 34, 34, 14), (40, 10, 90, 12, 60)
_WIDEST_UPRIGHT = 125
"""In characters; what is wider lies on its side."""
_SIGNATURES = ("reported_by", "head", "reviewed", "prepared", "telephone", "date")


def write_statistics(occasion: Occasion, out: Path) -> list[Path]:
    """One workbook per source that covers the year and delivers anything of government information. Raises DocumentError for a year of which no form is known."""
    form = form_of(occasion.period.start.year)
    return [_write(occasion, source, form, out) for source in occasion.delivering(information_datasets())]


def ask_for(occasion: Occasion, source: Source) -> tuple[Asking, Asking | None]:
    """The figures of the year, and those of the year before where the source covers it."""
    year = occasion.period.start.year
    years = (year, year - 1) if occasion.covers(source, occasion.period.before()) else (year,)
    asking = [Asking(occasion.connection, source.source_id, each, occasion.as_of) for each in years]
    return asking[0], asking[1] if len(asking) > 1 else None


def _write(occasion: Occasion, source: Source, form: Form, out: Path) -> Path:
    asking, previous = ask_for(occasion, source)
    tables = fill(form, asking, previous)
    path = out / file_name(label("document.statistics"), period_words(occasion.period), source.source_id, suffix=".xlsx")
    with writing(path, form.title, occasion.created) as (workbook, formats):
        taken: set[str] = set()
        line = label("statistics.line", unit=source.label, year=asking.year, as_of=occasion.as_of)
        sheets = [list(of_one) for _, of_one in groupby(tables, key=lambda filled: filled.table.title.partition("：")[0])]
        for number, of_one in enumerate(sheets, start=1):
            name = label("statistics.sheet") if len(tables) == 1 else f"{number} {of_one[0].table.title.partition('：')[0]}"
            _write_sheet(workbook.add_worksheet(sheet_name(name, taken)), formats, form, of_one, line)
        _write_shares(workbook, formats, read_shares(occasion, source), line, taken)
        _write_checks(workbook.add_worksheet(sheet_name(label("statistics.checks"), taken)), formats, [c for t in tables for c in t.checks], line)
        _write_sources(workbook.add_worksheet(sheet_name(label("statistics.sources"), taken)), formats, occasion, asking, line)
    return path


def _write_sheet(sheet: Worksheet, formats: Formats, form: Form, tables: list[FilledTable], line: str) -> None:
    """A table of the form; or those that it calls by one name, under each other as on one page of it, with one place to sign."""
    table, columns = tables[0].table, max(len(filled.table.columns) for filled in tables)
    mark = section("status")[form.status] if form.status != "A" else ""
    wide = columns > 3
    widths = [
        46.0 if wide else 62.0,
        *([8.0, 8.0] if table.has_units else []),
        *([9.0 if wide else max(60 / columns - 16 * table.has_units, 20)] * columns),
    ]
    row = write_head(sheet, formats, f"{table.title.partition('：')[0]}{mark}", line, len(widths), sum(widths))
    for filled in tables:
        first = _write_table_headings(sheet, formats, row, filled, widths)
        row = _write_table_rows(sheet, formats, form, filled, first, widths)
    texts = dict.fromkeys(filled.table.note for filled in tables if filled.table.note)
    notes = [*texts, label("statistics.missing_note"), label("statistics.form_source", source=form.source)]
    foot = write_notes(sheet, formats, row, len(widths), sum(widths), notes) + 1
    last = write_signatures(sheet, formats, foot, len(widths), [label(f"signature.{name}") for name in _SIGNATURES])
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    if len(tables) == 1:
        sheet.freeze_panes(first, 1)
        sheet.repeat_rows(2, first - 1)
    sheet.print_area(0, 0, last, len(widths) - 1)
    set_paper(sheet, landscape=sum(widths) > _WIDEST_UPRIGHT)


def _write_table_headings(sheet: Worksheet, formats: Formats, row: int, filled: FilledTable, widths: Sequence[float]) -> int:
    """The headings of a table; over them what the form calls it among those of its name. Gives the first row under them."""
    table, part = filled.table, filled.table.title.partition("：")[2]
    labels = [
        (table.row_heading or label("statistics.row"),),
        *([(label("statistics.unit"),), (label("statistics.status"),)] if table.has_units else []),
    ]
    paths = [*labels, *(column.path for column in table.columns)]
    if not part:
        return write_headings(sheet, formats, row, paths, widths)
    sheet.merge_range(row, 0, row, len(widths) - 1, part, formats.heading)
    for (path,), (first, last) in zip(paths, _spans(len(paths), len(widths)), strict=True):
        _write_over(sheet, row + 1, first, last, path, formats.heading)
    return row + 2


def _write_table_rows(sheet: Worksheet, formats: Formats, form: Form, filled: FilledTable, first: int, widths: Sequence[float]) -> int:
    """The rows of a table; gives the first free one."""
    table, row = filled.table, first
    before = 3 if table.has_units else 1
    spans = _spans(before + len(table.columns), len(widths))[before:]
    for row, told in enumerate(table.rows, start=first):
        sheet.set_row(row, row_height([_indented(told)], widths[:1]))
        sheet.write_string(row, 0, _indented(told), formats.total_name if told.level == 0 else formats.text)
        if table.has_units:
            sheet.write_string(row, 1, told.unit, formats.centred)
            sheet.write_string(row, 2, told.status or form.status, formats.centred)
        for column, (place, last) in zip(table.columns, spans, strict=True):
            if told.heading:
                sheet.write_string(row, place, "", formats.text)
            else:
                _write_over(sheet, row, place, last, "", formats.count)
                _write_cell(sheet, formats, row, place, filled.cells[told.key, column.key])
    return row + 1


def _spans(cells: int, columns: int) -> list[tuple[int, int]]:
    """First and last column of each cell of a row; the last cell takes what wider tables over and under it have more."""
    return [(place, place) for place in range(cells - 1)] + [(cells - 1, columns - 1)]


def _write_over(sheet: Worksheet, row: int, first: int, last: int, text: str, form: Format) -> None:
    if first == last:
        sheet.write_string(row, first, text, form)
    else:
        sheet.merge_range(row, first, row, last, text, form)


def _indented(row: Row) -> str:
    return "　" * row.level + row.label


def _write_cell(sheet: Worksheet, formats: Formats, row: int, column: int, cell: Cell) -> None:
    if cell.number is None:
        sheet.write_string(row, column, MISSING, formats.count)
    else:
        sheet.write_number(row, column, float(cell.number), formats.count if cell.number == cell.number.to_integral() else formats.number)


def _write_shares(workbook: xlsxwriter.Workbook, formats: Formats, shares: Shares, line: str, taken: set[str]) -> None:
    if not shares.rows:
        return
    sheet = workbook.add_worksheet(sheet_name(label("statistics.shares"), taken))
    headings = [(label(f"column.{name}"),) for name in ("category", "items", "allotted_percent", "rounded_percent")]
    first = write_headings(
        sheet, formats, write_head(sheet, formats, label("statistics.shares"), line, len(headings), sum(_SHARE_WIDTHS)), headings, _SHARE_WIDTHS
    )
    for row, told in enumerate([*shares.rows, shares.total], start=first):
        sheet.write_string(row, 0, told.category, formats.text)
        sheet.write_number(row, 1, told.items, formats.count)
        sheet.write_number(row, 2, float(told.allotted_percent), formats.tenth)
        sheet.write_number(row, 3, float(told.rounded_percent), formats.tenth)
    write_notes(sheet, formats, first + len(shares.rows) + 1, len(headings), sum(_SHARE_WIDTHS), [shares.note])
    for column, width in enumerate(_SHARE_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.repeat_rows(2)
    set_paper(sheet, landscape=False)


def _write_checks(sheet: Worksheet, formats: Formats, checks: list[Check], line: str) -> None:
    headings = [(label(f"check.{name}"),) for name in ("table", "words", "left", "right", "state")]
    first = write_headings(
        sheet, formats, write_head(sheet, formats, label("statistics.checks"), line, len(headings), sum(_CHECK_WIDTHS)), headings, _CHECK_WIDTHS
    )
    for row, check in enumerate(checks, start=first):
        state = section("identity_state")[check.state]
        texts = (check.table, check.words, check.left, check.right)
        sheet.set_row(row, row_height(texts, _CHECK_WIDTHS[:4]))
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, formats.wrapped)
        sheet.write_string(row, 4, state, formats.warning if check.state == CONTRADICTS else formats.text)
    for column, width in enumerate(_CHECK_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(first, 0)
    sheet.repeat_rows(2)
    set_paper(sheet)


def _write_sources(sheet: Worksheet, formats: Formats, occasion: Occasion, asking: Asking, line: str) -> None:
    headings = [(label(f"trace.{name}"),) for name in ("figure", "number", "query", "rows", "place")]
    first = write_headings(
        sheet, formats, write_head(sheet, formats, label("statistics.sources"), line, len(headings), sum(_SOURCE_WIDTHS)), headings, _SOURCE_WIDTHS
    )
    row = first
    for valued in asking.used.values():
        rows = asking.rows(valued)
        place = "；".join(f"{part.file}：{part.ranges}" for part in rows)
        cells = (figure_words(valued), valued.text, valued.query, rows_words(valued, sum(part.count for part in rows)), place)
        sheet.set_row(row, row_height(cells, _SOURCE_WIDTHS))
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, formats.wrapped)
        row += 1
    sheet.write_string(
        row + 1, 0, label("trace.snapshot", snapshot=occasion.manifest["snapshot"], run=occasion.manifest.get("run_id", NOT_APPLICABLE))
    )
    for column, width in enumerate(_SOURCE_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(first, 0)
    sheet.repeat_rows(2)
    set_paper(sheet, width=sum(_SOURCE_WIDTHS))


def figure_words(valued: Valued) -> str:
    """A figure as the trace names it: its label, its name, and what it was asked with."""
    with_what = "、".join(str(value) for name, value in valued.parameters.items() if name not in ("source", "year", "as_of") and value)
    return f"{valued.figure.label}{f'（{with_what}）' if with_what else ''} {valued.figure.name}"


def rows_words(valued: Valued, count: int) -> str:
    """How many rows are behind a figure; a figure that counts no records says so."""
    return plain_number(count) if valued.figure.rows else NOT_APPLICABLE
