"""年度报告 in Word: the clerk's template with every figure filled in, the tables of the form of the year, their arithmetic, and where each figure comes from."""

import re
from datetime import date
from pathlib import Path

from docx.document import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from dashboards.labels import label, section
from exports.answers.asking import plain
from exports.documents.clerks_template import own_attachments, placeholders, render, template_of, written_on
from exports.documents.document import file_name, period_words
from exports.documents.errors import DocumentError
from exports.documents.figures import MISSING, Valued, information_datasets
from exports.documents.filling import Check, FilledTable, fill
from exports.documents.forms import form_of, forms
from exports.documents.indicators import indicator, indicators
from exports.documents.occasion import Occasion, Source
from exports.documents.official_paper import Paper, place_signatures
from exports.documents.shares import Shares, read_shares
from exports.documents.statistics import ask_for, figure_words, rows_words

_MARK = "⟦{}⟧"
_MISSING = f"⟦{MISSING}{{}}⟧"
_MISSING_AND_UNIT = re.compile(rf"⟦{MISSING}([^⟧]*)⟧(?:\1)?")
_MISSING_FOUND = re.compile(rf"⟦{MISSING}([^⟧]*)⟧$")
_MARK_LEFT = re.compile("⟦([^⟧]*)⟧")
_SHARES = "table_shares"


def write_annual_report(occasion: Occasion, out: Path) -> list[Path]:
    """One report per source that covers the year and delivers anything of government information.

    Raises DocumentError where the template names a figure that nobody knows, or is no Word file.
    """
    template = template_of(occasion.templates, occasion.period.start.year)
    return [_write(occasion, source, template, out) for source in occasion.delivering(information_datasets())]


def _write(occasion: Occasion, source: Source, template: Path, out: Path) -> Path:
    asking, previous = ask_for(occasion, source)
    shares = read_shares(occasion, source)
    # A year before the first form has no tables; its report is told in words.
    tables = fill(form_of(asking.year), asking, previous) if asking.year >= forms()[0].valid_from else []
    marks = {f"table_{table.name}": _MARK.format(f"table_{table.name}") for form in forms() for table in form.tables} | {
        _SHARES: _MARK.format(_SHARES)
    }
    asked = placeholders(template)
    own = own_attachments(template)
    attachments = [*own, *([label("statistics.checks")] if tables else []), label("statistics.sources")]
    told = {
        "unit_name": plain(source.label),
        "year": str(asking.year),
        "date_words": date_words(occasion.as_of),
        # Only what the template asks for is asked of the snapshot, and listed in the appendix.
        **{name: _in_a_sentence(indicator(asking, name)) for name in indicators() if name in asked},
        "attachments": _listed(attachments),
        **marks,
    }
    document = render(template, told)
    _say_missing(document)
    place_signatures(document)
    paper = Paper(f"{source.label}{asking.year}年政府信息公开工作年度报告", document)
    _put_tables(paper, {f"table_{filled.table.name}": filled for filled in tables}, shares, asking.year)
    _check_places(template, document)
    paper.landscape()
    marks_of = iter(_attachment_marks(len(attachments))[len(own) :])
    if tables:
        paper.attachment(next(marks_of), label("statistics.checks"))
        _write_checks(paper, [check for filled in tables for check in filled.checks])
        paper.new_page()
    paper.attachment(next(marks_of), label("statistics.sources"))
    paper.note(label("annual_report.sources_note", snapshot=occasion.manifest["snapshot"], as_of=occasion.as_of))
    rows = []
    for valued in asking.used.values():
        found = asking.rows(valued)
        place = "；".join(f"{part.file}：{part.ranges}" for part in found)
        rows.append((figure_words(valued), valued.text, valued.query, rows_words(valued, sum(part.count for part in found)), place))
    paper.table(
        [(label(f"trace.{name}"),) for name in ("figure", "number", "query", "rows", "place")],
        rows,
        (38, 11, 118, 14, 44),
        numbers=frozenset({1, 3}),
        size=7.5,
    )
    return paper.save(
        out / file_name(label("document.annual-report"), period_words(occasion.period), source.source_id, suffix=".docx"), occasion.created
    )


def date_words(day: date) -> str:
    """A date as official papers write it: without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def _attachment_marks(count: int) -> list[str]:
    """附件1, 附件2 and so on; an only one has no number."""
    return [f"{label('annual_report.attachment')}{number if count > 1 else ''}" for number in range(1, count + 1)]


def _listed(attachments: list[str]) -> str:
    """The names of the attachments as they stand under the text, one a line."""
    names = attachments if len(attachments) == 1 else [f"{number}.{name}" for number, name in enumerate(attachments, start=1)]
    return f"{label('annual_report.attachment')}：" + "\n".join(names)


def _in_a_sentence(valued: Valued) -> str:
    """The figure; of a missing one a mark with its unit, which the sentence goes on to say."""
    return _MISSING.format(valued.figure.unit) if valued.number is None else valued.text


def _say_missing(document: Document) -> None:
    """公开政府信息（暂缺）: where a figure is missing nothing is counted, and its unit goes; also where a hand on the template has parted the two into runs."""
    for paragraph in (paragraph for element in written_on(document) for paragraph in element.iter(qn("w:p"))):
        unit = ""
        for text in paragraph.iter(qn("w:t")):
            told = (text.text or "").removeprefix(unit)
            if text.text:
                at_the_end = _MISSING_FOUND.search(told)
                unit = at_the_end[1] if at_the_end else ""
                text.text = _MISSING_AND_UNIT.sub(f"（{MISSING}）", told)


def _put_tables(paper: Paper, tables: dict[str, FilledTable], shares: Shares, year: int) -> None:
    """In the place of every mark its table; a mark whose table the year has not goes."""
    for paragraph in list(paper.document.paragraphs):
        for name in [part.partition("⟧")[0] for part in paragraph.text.split("⟦")[1:]]:
            if name in tables:
                _put_form_table(paper, tables[name], paragraph)
            elif name == _SHARES and shares.rows:
                _put_shares(paper, shares, paragraph)
            instead = "" if tables or name == _SHARES else label("annual_report.no_form", year=year)
            _replace(paragraph, _MARK.format(name), instead)


def _check_places(template: Path, document: Document) -> None:
    """Raises DocumentError for a table that is asked for where none can stand."""
    for element in written_on(document):
        if left := _MARK_LEFT.search("".join(text.text or "" for text in element.iter(qn("w:t")))):
            raise DocumentError(
                f"{template}: {{{{ {left[1]} }}}} stands in a cell, a text box, a header, a footer or a footnote; give it a paragraph of its own in the text"
            )


def _put_form_table(paper: Paper, filled: FilledTable, after: Paragraph) -> None:
    table = filled.table
    labels = [(table.row_heading or label("statistics.row"),), *([(label("statistics.unit"),)] if table.has_units else [])]
    rows = []
    for row in table.rows:
        cells = [] if row.heading else [filled.cells[row.key, column.key].text for column in table.columns]
        name = "　" * row.level + row.label + (section("status").get(row.status, "") if row.status == "A" and table.has_units else "")
        rows.append([name, *([row.unit] if table.has_units else []), *(cells or [""] * len(table.columns))])
    wide = len(table.columns) > 8
    widths = [1.2 if wide else 5.5, *([1] if table.has_units else []), *([1 if wide else 1.4] * len(table.columns))]
    first = len(labels)
    # What the form calls a table stands over it, where the heading of the part does not say it already.
    over = [part for part in [table.title.partition("：")[2]] if part]
    headings = [(*over, *path) for path in (*labels, *(column.path for column in table.columns))]
    paper.table(headings, rows, widths, numbers=frozenset(range(first, first + len(table.columns))), after=after, size=8 if wide else 10)  # fmt: skip


def _put_shares(paper: Paper, shares: Shares, after: Paragraph) -> None:
    rows = [(told.category, f"{told.items}", f"{told.allotted_percent}") for told in (*shares.rows, shares.total)]
    paper.table(
        [(label("column.category"),), (label("column.items"),), (label("annual_report.share"),)],
        rows,
        (6, 2, 3),
        numbers=frozenset({1, 2}),
        after=after,
    )


def _replace(paragraph: Paragraph, mark: str, instead: str) -> None:
    text = paragraph.text.replace(mark, instead)
    first, *others = paragraph.runs
    first.text = text
    for run in others:
        run.text = ""
    if not text.strip():
        paragraph._p.getparent().remove(paragraph._p)


def _write_checks(paper: Paper, checks: list[Check]) -> None:
    rows = [(check.words, check.left, check.right, section("identity_state")[check.state]) for check in checks]
    paper.table([(label(f"check.{name}"),) for name in ("words", "left", "right", "state")], rows, (110, 40, 55, 20), size=7.5)
