"""CSV and TSV. Sound files are read by DuckDB with an explicit dialect; broken ones line by line, so that only the broken lines are refused."""

import csv
import io
import itertools
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sources.errors import UnreadableFile
from sources.readers.encodings import decide_encoding, transcode
from sources.readers.records import FIRST_ROW, MAXIMUM_FIELD, ReadResult, Refusal, distinct_headings, refusal, text_table
from sources.readers.signatures import check_signature

_LONGEST_LINE = 2 * MAXIMUM_FIELD
_LONGEST_RECORD_LINES = 1_000
_DIGIT = re.compile(r"\d")
_TAIL = 1 << 16
#: Times of one length, digits as 9: what is cut off from one of them may still be a time.
_FULL_TIMES = {"9" * 14, *(f"9999{mark}99{mark}99{space}99:99{seconds}" for mark in "-/" for space in " T" for seconds in ("", ":99"))}
_TORN = "the file ends within this line: its last time is cut short of the others; deliver the whole file again"


@dataclass(frozen=True)
class CsvSource:
    """A delimited file that DuckDB can read: its headings, one a column, and the UTF-8 file."""

    headings: list[str]
    utf8_path: Path
    encoding: str
    delimiter: str
    notes: list[str] = field(default_factory=list)

    def relation_sql(self) -> str:
        """A ``read_csv`` over all records after the header, columns c0, c1, … as VARCHAR; nothing is sniffed."""
        columns = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(self.headings)))
        path = str(self.utf8_path).replace("'", "''")
        return (
            f"read_csv('{path}', header = false, skip = 1, auto_detect = false, delim = '{self.delimiter}', quote = '\"', escape = '\"', "
            f"max_line_size = {_LONGEST_LINE}, columns = {{{columns}}})"
        )


def csv_source(path: Path, *, declared_encoding: str | None = None, headings: Sequence[str] | None = None, scratch: Path) -> CsvSource:
    """A delimited file for DuckDB; transcoded into ``scratch`` when it is not UTF-8.

    Raises UnreadableFile for the file as a whole, csv.Error where a line must be refused that DuckDB would take.
    """
    check_signature(path)
    encoding = decide_encoding(path, declared_encoding)
    utf8_path = path if encoding == "utf-8" else transcode(path, encoding, scratch / f"{uuid.uuid4().hex}.csv")
    with utf8_path.open("rb") as stream:
        first_line = stream.readline(_LONGEST_LINE)
    if b"\r" in first_line.rstrip(b"\r\n"):
        raise UnreadableFile("line_ends", f"{path.name}: lines end with CR alone; export it again with ordinary line ends")
    delivered = _fields(first_line.decode("utf-8", errors="replace"), _delimiter(path))
    if not any(heading.strip() for heading in delivered):
        raise UnreadableFile("no_header", f"{path.name}: the first line is blank; the header must stand there")
    if _ends_torn(utf8_path, _delimiter(path)):
        raise csv.Error(f"{path.name}: {_TORN}")
    distinct, notes = distinct_headings(list(headings) if headings else delivered)
    return CsvSource(distinct, utf8_path, encoding, _delimiter(path), notes)


def read_tolerantly(path: Path, *, declared_encoding: str | None = None, headings: Sequence[str] | None = None) -> ReadResult:
    """Every record that can be read, and a refusal for every one that cannot: torn quotes, missing fields, bytes of another encoding, huge cells."""
    encoding = decide_encoding(path, declared_encoding)
    if encoding == "utf-16":
        lines: Iterator[bytes] = (line.encode("utf-8") for line in io.StringIO(path.read_text(encoding="utf-16"), newline="\n"))
        encoding_of_lines = "utf-8"
    else:
        lines, encoding_of_lines = _lines(path), encoding
    delimiter = _delimiter(path)
    header = next(lines, b"").decode(encoding_of_lines, errors="replace")
    delivered = _fields(header, delimiter)
    while delivered and not delivered[-1].strip():
        delivered.pop()  # a header that ends with a comma
    distinct, notes = distinct_headings(list(headings) if headings else delivered)
    rows: list[tuple[int, Sequence[str | None]]] = []
    refusals: list[Refusal] = []
    for number, record in enumerate(_records(path, lines, encoding_of_lines), start=FIRST_ROW):
        outcome = _checked(path, number, record, distinct, delimiter)
        if isinstance(outcome, Refusal):
            refusals.append(outcome)
        elif outcome and not str(record).endswith("\n") and _is_cut(outcome[-1] or "", (fields[-1] or "" for _, fields in rows)):
            refusals.append(refusal(path, number, "torn_line", _TORN, column=distinct[-1], value=outcome[-1], record=str(record)))
        else:
            rows.append((number, outcome))
    return ReadResult(text_table(distinct, rows), refusals, len(rows) + len(refusals), encoding, "csv", notes)


def _ends_torn(path: Path, delimiter: str) -> bool:
    """Whether the last line was cut off inside a time: only the end of the file is looked at."""
    with path.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, io.SEEK_END) - _TAIL))
        *others, last = stream.read().decode("utf-8", errors="replace").split("\n")
    return bool(last) and _is_cut(_last_cell(last, delimiter), (_last_cell(line, delimiter) for line in others))


def _last_cell(line: str, delimiter: str) -> str:
    return line.rstrip("\r").rpartition(delimiter)[2]


def _is_cut(cell: str, others: Iterable[str]) -> bool:
    """Whether a cell looks like the beginning of the times around it and like none of them."""
    cut = _digits_as_nines(cell)
    shapes = {_digits_as_nines(other) for other in others if len(other) <= 19}
    return cut != "" and cut not in shapes and any(shape.startswith(cut) for shape in shapes & _FULL_TIMES)


def _digits_as_nines(cell: str) -> str:
    return _DIGIT.sub("9", cell)


@dataclass(frozen=True)
class _Broken:
    """A line that is no record: the rule it breaks, what to say, and its text."""

    rule: str
    what: str
    text: str


def _delimiter(path: Path) -> str:
    return "\t" if path.suffix.lower() == ".tsv" else ","


def _fields(line: str, delimiter: str) -> list[str]:
    csv.field_size_limit(_LONGEST_LINE * 100)
    return next(csv.reader([line.removeprefix("\ufeff")], delimiter=delimiter, strict=False), [])


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from stream


def _records(path: Path, lines: Iterator[bytes], encoding: str) -> Iterator[str | _Broken]:
    """Logical records: a quoted field may span lines; a quote that never closes costs its own line only."""
    del path
    waiting: list[bytes] = []
    while True:
        line = waiting.pop(0) if waiting else next(lines, None)
        if line is None:
            return
        if not line.strip():
            continue
        broken = _broken_line(line, encoding)
        if broken:
            yield broken
            continue
        gathered = [line]
        while b"".join(gathered).count(b'"') % 2:
            following = waiting.pop(0) if waiting else next(lines, None)
            if (
                following is None
                or len(gathered) >= _LONGEST_RECORD_LINES
                or sum(map(len, gathered)) > _LONGEST_LINE
                or _broken_line(following, encoding)
            ):
                waiting = [*gathered[1:], *([following] if following is not None else []), *waiting]
                text = line.decode(encoding)
                yield _Broken("unterminated_quote", "a quote is opened and never closed; the file was torn or the quote must be doubled", text)
                gathered = []
                break
            gathered.append(following)
        if gathered:
            yield b"".join(gathered).decode(encoding)


def _broken_line(line: bytes, encoding: str) -> _Broken | None:
    if len(line) > _LONGEST_LINE:
        return _Broken(
            "too_large_cell",
            f"the line has {len(line):,} bytes; fields over 1 MB are not taken",
            line[:_LONGEST_LINE].decode(encoding, errors="replace"),
        )
    if b"\0" in line:
        return _Broken(
            "nul", "the line holds NUL bytes; the file was damaged, deliver it again", line.decode(encoding, errors="replace").replace("\0", "\\0")
        )
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        shown = line[max(0, error.start - 10) : error.start + 20]
        return _Broken(
            "not_utf8",
            f"bytes {shown!r} are not {encoding.upper()}; export the file again as UTF-8, or deliver it under a new name declared as gb18030",
            repr(line)[2:-1],
        )
    return None


def _checked(path: Path, number: int, record: str | _Broken, headings: Sequence[str], delimiter: str) -> list[str | None] | Refusal:
    if isinstance(record, _Broken):
        return refusal(path, number, record.rule, record.what, value=record.text, record=record.text)
    try:
        fields = _fields_of_record(record, delimiter)
    except csv.Error as error:
        what = f"no row can be made of it ({error}); double the quotes inside fields, or deliver XLSX"
        return refusal(path, number, "not_csv", what, value=record.strip(), record=record)
    if len(fields) > len(headings) and not any(field.strip() for field in fields[len(headings) :]):
        fields = fields[: len(headings)]
    if len(fields) != len(headings):
        what = f"the row has {len(fields)} fields, the header {len(headings)}; a heading or a field is missing"
        return refusal(path, number, "field_count", what, value=record.strip(), record=record)
    for heading, value in itertools.zip_longest(headings, fields):
        if len(value) > MAXIMUM_FIELD:
            what = f"column {heading} holds {len(value):,} characters; fields over 1 MB are not taken"
            return refusal(path, number, "too_large_cell", what, column=heading, value=value, record=record)
    # Like DuckDB, an empty field is no value.
    return [field or None for field in fields]


def _fields_of_record(record: str, delimiter: str) -> list[str]:
    rows = list(csv.reader(io.StringIO(record, newline="\n"), delimiter=delimiter, strict=True))
    if len(rows) != 1:
        raise csv.Error("quotes do not belong together")
    return rows[0]
