"""How every workbook looks and is made: house formats, paper, options under which text stays text, and one fixed date."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby, pairwise
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter
from rich.cells import cell_len
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from dashboards.labels import label

OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": True, "in_memory": True}
_A4, _A3 = 9, 8
_WIDEST_ON_A4 = 205
"""In characters. What is wider would stand on a sheet of A4 in letters below seven points."""
_LINE, _HIGHEST_ROW = 16, 409
"""Points of a line of text, also in the typeface that stands in for 宋体 where that is missing, and the highest row that Excel takes."""
_TITLE_POINTS, _TEXT_POINTS = 18, 11
_LONGEST_SHEET_NAME, _LONGEST_TEXT = 31, 32_767
ROWS_OF_A_SHEET = 1_000_000
"""Excel ends at 1,048,576."""
_MOST_PAGE_BREAKS = 1023
"""What Excel takes."""

Value = str | int | float | Decimal | None


@dataclass(frozen=True)
class Formats:
    """The formats of the house."""

    title: Format
    line: Format
    wrapped_line: Format
    heading: Format
    name: Format
    text: Format
    wrapped: Format
    centred: Format
    count: Format
    number: Format
    tenth: Format
    rate: Format
    change: Format
    missed_rate: Format
    total_name: Format
    total_count: Format
    warning: Format

    @classmethod
    def of(cls, workbook: xlsxwriter.Workbook) -> "Formats":
        def make(**properties: object) -> Format:
            return workbook.add_format({"font_name": "宋体", "font_size": _TEXT_POINTS, "valign": "vcenter", **properties})

        framed: dict[str, object] = {"border": 1}
        return cls(
            title=make(font_name="黑体", font_size=_TITLE_POINTS, align="center", text_wrap=True),
            line=make(align="left"),
            wrapped_line=make(align="left", text_wrap=True, valign="top"),
            heading=make(**framed, bold=True, align="center", text_wrap=True, bg_color="#E9EEF2"),
            name=make(**framed, align="left"),
            text=make(**framed, align="left", text_wrap=True),
            wrapped=make(**framed, align="left", text_wrap=True, valign="top"),
            centred=make(**framed, align="center", text_wrap=True),
            count=make(**framed, align="right", num_format="#,##0"),
            number=make(**framed, align="right", num_format="#,##0.00"),
            tenth=make(**framed, align="right", num_format="0.0"),
            rate=make(**framed, align="right", num_format="0.00%"),
            change=make(**framed, align="right", num_format="+0.00%;-0.00%;+0.00%"),
            missed_rate=make(**framed, align="right", num_format="0.00%", bold=True, font_color="#A84300"),
            total_name=make(**framed, align="left", bold=True),
            total_count=make(**framed, align="right", bold=True, num_format="#,##0"),
            warning=make(**framed, align="left", text_wrap=True, bold=True, font_color="#A84300"),
        )


@contextmanager
def writing(path: Path, title: str, created: datetime) -> Iterator[tuple[xlsxwriter.Workbook, Formats]]:
    """A workbook that appears whole: written beside and renamed. The date inside is the one given, so the same content gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    workbook = xlsxwriter.Workbook(str(part), OPTIONS)
    workbook.set_properties({"title": title, "created": created})
    yield workbook, Formats.of(workbook)
    workbook.close()
    part.replace(path)


def set_paper(sheet: Worksheet, *, landscape: bool = True, width: float = 0, scale: int = 0) -> None:
    """One page wide, page numbers at the foot; A4, or A3 for columns that are wider together (in characters) than A4 shows legibly. With a scale, in per
    cent, as many pages wide as that takes."""
    if landscape:
        sheet.set_landscape()
    else:
        sheet.set_portrait()
    sheet.set_paper(_A3 if width > _WIDEST_ON_A4 else _A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    if scale:
        sheet.set_print_scale(scale)
    else:
        sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_footer(f"&C{label('workbook.pages')}")


def write_head(sheet: Worksheet, formats: Formats, title: str, line: str, columns: int, width: float) -> int:
    """The title over all columns and a line under it, each folded where it is wider than they are together (in characters); gives the first free row."""
    lines, titles = lines_of(line, width), lines_of(title, width * _TEXT_POINTS / _TITLE_POINTS)
    for row, (text, kind, height) in enumerate(
        ((title, formats.title, 28 * titles + 6), (line, formats.wrapped_line if lines > 1 else formats.line, 18 * lines + 2))
    ):
        if columns > 1:
            sheet.merge_range(row, 0, row, columns - 1, text, kind)
        else:
            sheet.write_string(row, 0, text, kind)
        sheet.set_row(row, height)
    return 2


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a width in characters, of which a Chinese one takes two."""
    return max(math.ceil(cell_len(text) * 1.1 / width), 1)


def row_height(values: Sequence[object], widths: Sequence[float]) -> float | None:
    """How high a row must be for its texts to be read in columns that wide; None where one line is enough. Office programs that take a file for Excel's
    leave a row without a height one line high, and what is folded then lies over the row below."""
    lines = max(
        (lines_of(text, width) for text, width in zip(values, widths, strict=True) if isinstance(text, str) and len(text) * 2.2 > width), default=1
    )
    return min(lines * _LINE, _HIGHEST_ROW) if lines > 1 else None


def write_notes(sheet: Worksheet, formats: Formats, row: int, columns: int, width: float, notes: Sequence[str]) -> int:
    """Notes under a table, each over all columns and as high as it needs; gives the first free row."""
    for note in notes:
        if columns > 1:
            sheet.merge_range(row, 0, row, columns - 1, note, formats.wrapped_line)
        else:
            sheet.write_string(row, 0, note, formats.wrapped_line)
        sheet.set_row(row, 17 * lines_of(note, width))
        row += 1
    return row


def write_headings(sheet: Worksheet, formats: Formats, first_row: int, paths: Sequence[Sequence[str]], widths: Sequence[float]) -> int:
    """Headings of several rows over columns that wide: what neighbours share is merged across, what ends early is merged down, and each row is as high as
    its headings need. Gives the first row under them."""
    depth = max(len(path) for path in paths)
    lines = dict.fromkeys(range(first_row, first_row + depth), 1)
    _write_heading_level(sheet, formats, first_row, depth, list(enumerate(paths)), 0, widths, lines)
    for row, needed in lines.items():
        sheet.set_row(row, needed * _LINE + 3)
    return first_row + depth


def _write_heading_level(
    sheet: Worksheet,
    formats: Formats,
    first_row: int,
    depth: int,
    paths: list[tuple[int, Sequence[str]]],
    level: int,
    widths: Sequence[float],
    lines: dict[int, int],
) -> None:
    for text, members in groupby(paths, key=lambda numbered: numbered[1][level]):
        group = list(members)
        ends = all(len(path) == level + 1 for _, path in group)
        row, last_row = first_row + level, first_row + depth - 1 if ends else first_row + level
        for block in [[member] for member in group] if ends else [group]:
            _write_block(sheet, formats.heading, row, block[0][0], last_row, block[-1][0], text)
            needed = lines_of(text, sum(widths[place] for place, _ in block))
            lines[last_row] = max(lines[last_row], needed - (last_row - row))
        if not ends:
            _write_heading_level(sheet, formats, first_row, depth, group, level + 1, widths, lines)


def _write_block(sheet: Worksheet, form: Format, row: int, column: int, last_row: int, last_column: int, text: str) -> None:
    if (row, column) == (last_row, last_column):
        sheet.write_string(row, column, text, form)
    else:
        sheet.merge_range(row, column, last_row, last_column, text, form)


def write_signatures(sheet: Worksheet, formats: Formats, row: int, columns: int, names: Sequence[str]) -> int:
    """The places for signatures, two a line; gives the last line."""
    for place, name in enumerate(names):
        sheet.write_string(row + place // 2, (place % 2) * max(columns // 2, 1), f"{name}：", formats.line)
    return row + (len(names) - 1) // 2


def sheet_name(text: str, taken: set[str]) -> str:
    """A name that Excel accepts, and that no other sheet has."""
    plain = "".join("_" if character in "[]:*?/\\'" or not character.isprintable() else character for character in text)[:_LONGEST_SHEET_NAME] or "_"
    name, number = plain, 1
    while name.casefold() in taken:
        number += 1
        name = f"{plain[: _LONGEST_SHEET_NAME - len(str(number)) - 1]}~{number}"
    taken.add(name.casefold())
    return name


@dataclass(frozen=True)
class Column:
    """A column of a list: its headings from top to bottom, its width in characters, and whether it holds text, what stands in the middle (dates, places in an
    order), counts, numbers, tenths, or shares and changes as parts of one."""

    path: tuple[str, ...]
    width: float
    kind: str = "text"


def write_list(
    workbook: xlsxwriter.Workbook,
    formats: Formats,
    name: str,
    title: str,
    line: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Value]],
    *,
    notes: Sequence[str] = (),
    signatures: Sequence[str] = (),
    breaks_before: Callable[[Sequence[Value], Sequence[Value]], bool] | None = None,
    landscape: bool = True,
) -> None:
    """A sheet with a title, headings that repeat on every page, the rows, notes under them and places for signatures; a list longer than a sheet goes on
    in further ones. `breaks_before` says between which rows a new page begins."""
    taken = {sheet.get_name().casefold() for sheet in workbook.worksheets()}
    parts = [rows[start : start + ROWS_OF_A_SHEET] for start in range(0, len(rows), ROWS_OF_A_SHEET)] or [rows]
    for part in parts:
        sheet = workbook.add_worksheet(sheet_name(name, taken), ListSheet)
        _write_part(sheet, formats, title, line, columns, part, notes, signatures, breaks_before)
        set_paper(sheet, landscape=landscape, width=sum(column.width for column in columns))


class ListSheet(Worksheet):
    """A worksheet of which the cells of a list are written as XML at once: put in and written one by one, as XlsxWriter does it, a million cells take
    four times as long. What stands over and under the list is XlsxWriter's."""

    dim_rowmin: int | None
    dim_rowmax: int | None
    _listed: tuple[int, Sequence[Sequence[Value]], Sequence[Format], Sequence[Format], Sequence[float]] | None = None

    def write_rows(
        self, first: int, rows: Sequence[Sequence[Value]], texts: Sequence[Format], numbers: Sequence[Format], widths: Sequence[float]
    ) -> None:
        """The rows of the list, once a sheet: a number as a number, everything else as text. Each column has a format of either, and a width in
        characters, in which its text is folded."""
        self._listed = first, rows, texts, numbers, widths
        if rows:
            self._check_dimensions(first, 0)
            self._check_dimensions(first + len(rows) - 1, len(texts) - 1)

    def _write_rows(self) -> None:
        if self._listed is None or not self._listed[1]:
            super()._write_rows()
            return
        first, rows, texts, numbers, widths = self._listed
        over, under = self.dim_rowmin, self.dim_rowmax
        self.dim_rowmax = first - 1
        super()._write_rows()
        styles = [(form_of_text._get_xf_index(), form_of_number._get_xf_index()) for form_of_text, form_of_number in zip(texts, numbers, strict=True)]
        self.fh.writelines(_rows_xml(first + 1, rows, styles, widths))
        self.dim_rowmin, self.dim_rowmax = first + len(rows), under
        super()._write_rows()
        self.dim_rowmin = over


def _rows_xml(first: int, rows: Sequence[Sequence[Value]], styles: Sequence[tuple[int, int]], widths: Sequence[float]) -> Iterator[str]:
    """The rows as a sheet holds them, numbered from `first`; `styles` are those of texts and of numbers, one pair a column."""
    places = [(xl_col_to_name(place), *pair) for place, pair in enumerate(styles)]
    for number, values in enumerate(rows, start=first):
        height = row_height(values, widths)
        yield f'<row r="{number}" ht="{height}" customHeight="1">' if height else f'<row r="{number}">'
        for (column, text, figure), value in zip(places, values, strict=True):
            if not value and not isinstance(value, int | float | Decimal):
                yield f'<c r="{column}{number}" s="{text}"/>'
            elif isinstance(value, str):
                space = ' xml:space="preserve"' if value.strip() != value else ""
                yield f'<c r="{column}{number}" s="{text}" t="inlineStr"><is><t{space}>{_escaped(value[:_LONGEST_TEXT])}</t></is></c>'
            else:
                yield f'<c r="{column}{number}" s="{figure}"><v>{float(value):.16G}</v></c>'
        yield "</row>"


_ESCAPED = re.compile("[&<>_\\x00-\\x08\\x0b-\\x1f\\ufffe\\uffff]")
_OF_A_CELL = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\\x00-\\x08\\x0b-\\x1f\\ufffe\\uffff]")


def _escaped(text: str) -> str:
    """Text as a cell holds it: a control character, and what looks like an escaped one, are written as `_x0001_`."""
    if not _ESCAPED.search(text):
        return text
    return escape(_OF_A_CELL.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


def _write_part(
    sheet: ListSheet,
    formats: Formats,
    title: str,
    line: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Value]],
    notes: Sequence[str],
    signatures: Sequence[str],
    breaks_before: Callable[[Sequence[Value], Sequence[Value]], bool] | None,
) -> None:
    widths = [column.width for column in columns]
    first = write_headings(
        sheet,
        formats,
        write_head(sheet, formats, title, line, len(columns), sum(widths)),
        [column.path for column in columns],
        widths,
    )
    kinds = {
        "centred": formats.centred,
        "count": formats.count,
        "number": formats.number,
        "tenth": formats.tenth,
        "rate": formats.rate,
        "change": formats.change,
    }
    numbers = [kinds.get(column.kind, formats.text) for column in columns]
    # Text in a column of numbers (a dash, 暂缺) stands where the numbers do.
    texts = [{"text": formats.text, "centred": formats.centred}.get(column.kind, formats.count) for column in columns]
    sheet.write_rows(first, rows, texts, numbers, widths)
    foot = write_notes(sheet, formats, first + len(rows), len(columns), sum(widths), notes)
    last = write_signatures(sheet, formats, foot + 1, len(columns), signatures) if signatures else max(foot - 1, first)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    if breaks_before is not None:
        breaks = [row for row, pair in enumerate(pairwise(rows), start=first + 1) if breaks_before(*pair)]
        sheet.set_h_pagebreaks(breaks[:_MOST_PAGE_BREAKS])
    sheet.freeze_panes(first, 1)
    sheet.repeat_rows(2, first - 1)
    sheet.print_area(0, 0, last, len(columns) - 1)
