"""XLSX, XLS and ODS. Before a workbook is opened, its directory is read: one that declares or hides far more cells than it holds is a bomb."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from sources.errors import UnreadableFile
from sources.readers.records import MAXIMUM_FIELD, ReadResult, Refusal, distinct_headings, refusal, text_table

_MAXIMUM_BYTES = 300 << 20
_MAXIMUM_AREA = 30_000_000
_MAXIMUM_ROWS = 600_000
_CHUNK = 1 << 20
_DIMENSION = re.compile(rb'<dimension[^>]*ref="[A-Z]+\d+:([A-Z]+)(\d+)"')
_CELL = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})(\d+)"')

_ERROR_CELL = re.compile(rb'(<(?:\w+:)?c(?:\s[^>]*?)?\s)t="e"')


def read(path: Path, headings: Sequence[str] | None) -> ReadResult:
    """The first sheet with rows that can be seen as text columns, the header being the first row with two filled cells; a row with a cell over 1 MB is refused.

    Rows have the numbers that the sheet shows.

    Raises UnreadableFile (``workbook_bomb``, ``macro_or_encrypted``, ``unreadable_workbook``, ``empty_file``).
    """
    has_errors = path.suffix.lower() != ".xls" and _check_directory(path)
    try:
        workbook = CalamineWorkbook.from_filelike(_errors_as_text(path)) if has_errors else CalamineWorkbook.from_path(str(path))
        visible = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        sheets = [sheet for sheet in map(workbook.get_sheet_by_name, visible) if sheet.start is not None]
        rows = _rows(sheets[0]) if sheets else []
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile("unreadable_workbook", f"{path.name}: the workbook is damaged or encrypted ({error}); save it again") from error
    if not rows:
        raise UnreadableFile("empty_file", f"{path.name}: no sheet that can be seen has rows; deliver it again")
    notes = [f"only the sheet {sheets[0].name} is read; not read: {', '.join(sheet.name for sheet in sheets[1:])}"] if len(sheets) > 1 else []
    start = next((index for index, (_, row) in enumerate(rows) if sum(cell not in ("", None) for cell in row) > 1), 0)
    distinct, repeated = distinct_headings(list(headings) if headings else [str(_text(cell) or "") for cell in rows[start][1]])
    numbered: list[tuple[int, list[str | None]]] = []
    refusals: list[Refusal] = []
    for number, row in rows[start + 1 :]:
        fields = [_text(cell) for cell in row]
        large = next((position for position, field in enumerate(fields) if field is not None and len(field) > MAXIMUM_FIELD), None)
        if large is not None:
            what = f"column {distinct[large]} holds over 1 MB of text; shorten it"
            refusals.append(refusal(path, number, "too_large_cell", what, column=distinct[large], value=fields[large], record=fields[large]))
        elif any(field is not None for field in fields):
            numbered.append((number, fields))
    reader = path.suffix.lower().removeprefix(".")
    return ReadResult(text_table(distinct, numbered), refusals, len(numbered) + len(refusals), None, reader, notes + repeated, sheets[0].name)


def _rows(sheet: CalamineSheet) -> list[tuple[int, list[Any]]]:
    """The rows of a sheet under their numbers there. A cell that is merged downwards says the same for each of its rows."""
    assert sheet.start is not None
    first_row, first_column = sheet.start
    rows = sheet.to_python(skip_empty_area=True)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right:
            for row in rows[top - first_row + 1 : bottom - first_row + 1]:
                row[left - first_column] = rows[top - first_row][left - first_column]
    return list(enumerate(rows, start=first_row + 1))


def _errors_as_text(path: Path) -> io.BytesIO:
    """A copy in which the cells of failed formulas are texts (#REF!): calamine shows them as empty ones."""
    copy = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for member in source.infolist():
            content = source.read(member)
            target.writestr(member.filename, _ERROR_CELL.sub(rb'\1t="str"', content) if _is_sheet(member) else content)
    copy.seek(0)
    return copy


def _is_sheet(member: zipfile.ZipInfo) -> bool:
    return member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")


def _check_directory(path: Path) -> bool:
    """Whether any sheet has cells of failed formulas. Raises UnreadableFile for what must not be opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if any(member.flag_bits & 1 for member in members) or any("vbaProject" in member.filename for member in members):
                raise UnreadableFile("macro_or_encrypted", f"{path.name}: encrypted or with macros; save it as a plain workbook")
            if sum(member.file_size for member in members) > _MAXIMUM_BYTES:
                raise UnreadableFile("workbook_bomb", f"{path.name}: unpacks to more than {_MAXIMUM_BYTES >> 20} MB; deliver it as CSV")
            with_errors = [member for member in members if _is_sheet(member) and _check_sheet(path, archive, member)]
            return bool(with_errors)
    except zipfile.BadZipFile as error:
        raise UnreadableFile("unreadable_workbook", f"{path.name}: the workbook is torn ({error}); deliver it again") from error


def _check_sheet(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    highest_row, widest, cells, read_bytes = 0, 0, 0, 0
    has_errors = False
    tail = b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            read_bytes += len(chunk)
            if read_bytes > _MAXIMUM_BYTES:
                raise UnreadableFile("workbook_bomb", f"{path.name}: {member.filename} unpacks to more than it declares; deliver it as CSV")
            text = tail + chunk
            has_errors = has_errors or b't="e"' in text
            for column, row in _DIMENSION.findall(text):
                highest_row, widest = max(highest_row, int(row)), max(widest, _column_number(column))
            found = _CELL.findall(text)
            cells += len(found)
            for column, row in found:
                highest_row, widest = max(highest_row, int(row)), max(widest, _column_number(column))
            tail = chunk[-200:]
    if highest_row > _MAXIMUM_ROWS or (highest_row * widest > _MAXIMUM_AREA and cells * 20 < highest_row * widest):
        raise UnreadableFile(
            "workbook_bomb",
            f"{path.name}: declares {highest_row:,} rows × {widest:,} columns but holds {cells:,} cells; remove the empty area or deliver CSV",
        )
    return has_errors


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: Any) -> str | None:  # noqa: PLR0911
    match cell:
        case None | "":
            return None
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return cell.strftime("%Y-%m-%d")
        case time():
            return cell.strftime("%H:%M:%S")
        case _:
            return str(cell)
