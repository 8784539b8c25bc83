"""公文: Word documents as GB/T 9704-2012 asks for them: paper, margins, type, headings, page numbers, and tables that break over pages with their headings.

The typefaces are named (仿宋_GB2312, 黑体, 楷体_GB2312, 方正小标宋简体) and not embedded: staff machines have them, and they are not free.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import cast
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from rich.cells import cell_len

from exports.documents.fixed_zip import fix_times

BODY, TITLE, FIRST, SECOND, NUMERALS = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "Times New Roman"
ISSUER, DATE, ATTACHMENT = "发文机关署名", "成文日期", "附件标题"
"""Styles of paragraphs: who issues a paper, when, and the title of an attachment are found again by them in a template."""
_THREE, _TWO, _FOUR = Pt(16), Pt(22), Pt(14)
_TEXT_WIDTH_MM, _TEXT_WIDTH_LANDSCAPE_MM = 156, 225
#: 22 lines fill the 225 mm between the margins.
_LINE = Pt(28.9)
_KEPT_TOGETHER, _KEPT_AT_AN_END = 12, 2
"""Lines of a table that is not broken over pages, and of a longer one those that stay with its headings and with what stands under it."""
_TWENTIETHS_OF_A_MM = 1440 / 25.4


class Paper:
    """A document as it grows. Every text is put in as text: control characters become blanks, markup stays what it is."""

    def __init__(self, title: str, document: Document | None = None, *, landscape: bool = False) -> None:
        self.document = document if document is not None else _blank()
        self._title = title
        self._width = _TEXT_WIDTH_MM
        self._begins_page = False
        if landscape:
            self._turn()

    def _turn(self) -> None:
        """The sheet on its side, with the margins turned along: what is bound stays bound."""
        section = self.document.sections[-1]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(28), Mm(26), Mm(37), Mm(35)
        section.footer_distance = Mm(17)
        self._width = _TEXT_WIDTH_LANDSCAPE_MM

    def landscape(self) -> None:
        """A new page, and from here on sheets on their side: for tables that are wider than high."""
        self.document.add_section(WD_SECTION.NEW_PAGE)
        self._turn()

    def title(self, *lines: str) -> None:
        """二号小标宋, centred, with a free line under it."""
        for line in lines:
            self._paragraph(line, TITLE, _TWO, align=WD_ALIGN_PARAGRAPH.CENTER, indent=0, line=Pt(36))
        self._paragraph("", BODY, _THREE, indent=0)

    def heading(self, text: str, level: int = 1) -> None:
        """一、黑体; （一）楷体."""
        paragraph = self._paragraph(text, FIRST if level == 1 else SECOND, _THREE)
        paragraph.paragraph_format.keep_with_next = True

    def text(self, text: str, *, indent: int = 2, align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY) -> None:
        """三号仿宋, the first line two characters in."""
        self._paragraph(text, BODY, _THREE, align=align, indent=indent)

    def note(self, text: str, *, leads: bool = False) -> None:
        """Small type under a table, on no page without the end of it; or one that leads to the table under it, and goes where that goes."""
        self._hold_the_end()
        self._paragraph(text, BODY, Pt(10.5), indent=0, line=Pt(16)).paragraph_format.keep_with_next = leads

    def sign(self, unit: str, date_words: str) -> None:
        """Who issues it and when, as under a seal (`place_signatures`); on no page without a line of the text: a note is none."""
        self._hold_the_end()
        self._paragraph("", BODY, _THREE, indent=0).paragraph_format.keep_with_next = True
        issuer, day = (
            self._paragraph(text, BODY, _THREE, align=WD_ALIGN_PARAGRAPH.RIGHT, indent=0, style=style)
            for text, style in ((unit, ISSUER), (date_words, DATE))
        )
        issuer.paragraph_format.keep_with_next = True
        _place_signature(issuer, day)

    def attachments(self, text: str) -> None:
        """附件说明: a free line under the text, two characters in; the names stand under each other, one a line, and with the end of the text."""
        self._hold_the_end()
        self._paragraph("", BODY, _THREE, indent=0).paragraph_format.keep_with_next = True
        layout = self._paragraph(text, BODY, _THREE, align=WD_ALIGN_PARAGRAPH.LEFT, indent=-3).paragraph_format
        layout.left_indent, layout.keep_together = Pt(_THREE.pt * 5), True

    def attachment(self, mark: str, title: str) -> None:
        """附件 with its number, 黑体 at the left edge of the first line, and its title in the middle of the third. Begins a page where the caller has begun one."""
        self._paragraph(mark, FIRST, _THREE, indent=0).paragraph_format.keep_with_next = True
        self._paragraph("", BODY, _THREE, indent=0).paragraph_format.keep_with_next = True
        heading = self._paragraph(title, TITLE, _TWO, align=WD_ALIGN_PARAGRAPH.CENTER, indent=0, line=Pt(36), style=ATTACHMENT)
        heading.paragraph_format.keep_with_next = True
        self._paragraph("", BODY, _THREE, indent=0)

    def new_page(self) -> None:
        """What is written next begins a page. A break of its own would leave an empty line over it, and an empty page where the last one is full."""
        self._begins_page = True

    def table(
        self, headings: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], widths: Sequence[float], *, numbers: frozenset[int] = frozenset(), after: Paragraph | None = None, size: float = 10.5, none: str = ""
    ) -> None:  # fmt: skip
        """A ruled table over the whole width, at the end or after a paragraph. `headings` are paths from top to bottom, one a column; `widths` are shares;
        the columns in `numbers` stand at the right. `none` is said in the place of a table without rows."""
        if none and not rows:
            self.text(none)
            return
        table = parse_xml("".join(_table(headings, rows, _millimetres(widths, self._width), numbers, size)))
        if after is not None:
            after._p.addnext(table)
        else:
            self.document.element.body.insert_element_before(table, "w:sectPr")
        # Word makes one table of two that touch, and wants a paragraph behind the last.
        table.addnext(parse_xml(f'<w:p {nsdecls("w")}><w:pPr><w:spacing w:before="0" w:after="0" w:line="120" w:lineRule="exact"/></w:pPr></w:p>'))

    def _hold_the_end(self) -> None:
        """What was written last goes to the page of what is written next: notes, and the line of the text or the end of the table over them."""
        for element in reversed(self.document.element.body):
            if element.tag == qn("w:tbl"):
                lines = element.findall(qn("w:tr"))
                for line in lines if len(lines) <= _KEPT_TOGETHER else lines[-_KEPT_AT_AN_END:]:
                    for cell in line.iter(qn("w:p")):
                        Paragraph(cell, self.document).paragraph_format.keep_with_next = True
                return
            if element.tag == qn("w:p"):
                paragraph = Paragraph(element, self.document)
                paragraph.paragraph_format.keep_with_next = True
                if any(run.text and run.font.size == _THREE for run in paragraph.runs):
                    return

    def save(self, path: Path, created: datetime) -> Path:
        """Written beside and renamed; nothing inside tells when or by whom, so the same content gives the same bytes."""
        properties = self.document.core_properties
        properties.title, properties.author, properties.last_modified_by, properties.comments = self._title, "", "", ""
        properties.created = properties.modified = created
        properties.revision = 1
        part = path.with_suffix(".part")
        self.document.save(str(part))
        fix_times(part)
        return part.replace(path)

    def _paragraph(
        self,
        text: str,
        face: str,
        size: Pt,
        *,
        align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY,
        indent: int = 2,
        line: Pt = _LINE,
        style: str = "",
    ) -> Paragraph:
        paragraph = self.document.add_paragraph(style=_style(self.document, style) if style else None)
        layout = paragraph.paragraph_format
        if self._begins_page:
            layout.page_break_before, self._begins_page = True, False
        layout.alignment = align
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, line
        layout.space_before = layout.space_after = Pt(0)
        layout.first_line_indent = Pt(size.pt * indent)
        set_face(paragraph.add_run(plain(text)), face, size)
        return paragraph


def place_signatures(document: Document) -> None:
    """Puts every issuing body and date where they belong, by what they say now: a template does not know how long the name is that is filled in."""
    for issuer, day in pairwise(document.paragraphs):
        if issuer.style and day.style and (issuer.style.name, day.style.name) == (ISSUER, DATE):
            _place_signature(issuer, day)


def _place_signature(issuer: Paragraph, day: Paragraph) -> None:
    """The date ends four characters from the right and who issues stands in the middle over it (GB/T 9704-2012, 7.3.5.1: with a seal); a name that is longer
    than there is room pushes both in, one of several lines stands in the middle of the page."""
    name, date = (_THREE.pt * cell_len(paragraph.text) / 2 for paragraph in (issuer, day))
    middle = min(max(4 * _THREE.pt + date / 2, name / 2), Mm(_TEXT_WIDTH_MM).pt / 2)
    if name > Mm(_TEXT_WIDTH_MM).pt:
        issuer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for paragraph, width in ((issuer, name), (day, date)):
        paragraph.paragraph_format.right_indent = Pt(max(middle - width / 2, 0))


def _style(document: Document, name: str) -> ParagraphStyle:
    """The style of that name, made where the document does not have it."""
    if name in document.styles:
        return cast(ParagraphStyle, document.styles[name])
    style = cast(ParagraphStyle, document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH))
    # Word sets Chinese text and figures apart by a quarter of a character; a width of a signature is one of whole and half ones.
    for between in ("autoSpaceDE", "autoSpaceDN"):
        style.element.get_or_add_pPr().append(parse_xml(f'<w:{between} {nsdecls("w")} w:val="0"/>'))
    return style


def plain(text: str) -> str:
    """Text as Word can hold it: whatever is neither shown nor a blank becomes a blank."""
    return "".join(character if character.isprintable() or character == "\u3000" else " " for character in text)


def set_face(run: Run, face: str, size: Pt) -> None:
    """The typeface of Chinese text and its size; Latin text and figures have their own."""
    run.font.name, run.font.size = NUMERALS, size
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)


def _blank() -> Document:
    document = docx.Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = NUMERALS, _THREE
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    style.element.get_or_add_rPr().append(language)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    document.settings.odd_and_even_pages_header_footer = True
    # 单页码居右空一字，双页码居左空一字。
    _number_pages(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _number_pages(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    return document


def _number_pages(paragraph: Paragraph, align: WD_ALIGN_PARAGRAPH) -> None:
    paragraph.alignment = align
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = _FOUR
    set_face(paragraph.add_run("— "), "宋体", _FOUR)
    field = parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r>{_run_properties("宋体", 14)}<w:t>1</w:t></w:r></w:fldSimple>')
    paragraph._p.append(field)
    set_face(paragraph.add_run(" —"), "宋体", _FOUR)


def _run_properties(face: str, size: float, *, bold: bool = False) -> str:
    weight = "<w:b/>" if bold else ""
    half_points = int(size * 2)
    return (
        f'<w:rPr><w:rFonts w:ascii="{NUMERALS}" w:hAnsi="{NUMERALS}" w:eastAsia="{face}"/>{weight}'
        f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr>'
    )


def _millimetres(shares: Sequence[float], whole: float) -> list[float]:
    return [whole * share / sum(shares) for share in shares]


# Written as XML at once: python-docx looks the whole table through for every cell.
def _table(
    headings: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], widths: Sequence[float], numbers: frozenset[int], size: float
) -> Iterator[str]:
    twips = [round(width * _TWENTIETHS_OF_A_MM) for width in widths]
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    yield f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(twips)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/>'
    yield '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>'
    yield "".join(f'<w:gridCol w:w="{width}"/>' for width in twips) + "</w:tblGrid>"
    depth = max(len(path) for path in headings)
    for level in range(depth):
        yield "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
        yield "".join(_heading_cells(headings, twips, level, depth, size, keep=bool(rows)))
        yield "</w:tr>"
    for number, row in enumerate(rows, start=1):
        yield "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
        for place, text in enumerate(row):
            kept = number < len(rows) if len(rows) <= _KEPT_TOGETHER else number < _KEPT_AT_AN_END
            yield _cell(text, twips[place], "right" if place in numbers else "left", BODY, size, keep=kept)
        yield "</w:tr>"
    yield "</w:tbl>"


def _heading_cells(headings: Sequence[Sequence[str]], twips: Sequence[int], level: int, depth: int, size: float, *, keep: bool) -> Iterator[str]:
    """The cells of one line of headings: what neighbours share is one cell, what ended further up goes on down."""
    for key, group in groupby(
        range(len(headings)), key=lambda place: tuple(headings[place][: level + 1]) if len(headings[place]) > level + 1 else place
    ):
        places = list(group)
        width, path = sum(twips[place] for place in places), headings[places[0]]
        span = f'<w:gridSpan w:val="{len(places)}"/>' if len(places) > 1 else ""
        ends = isinstance(key, int)
        merge = ""
        if ends and len(path) < depth:
            merge = '<w:vMerge w:val="restart"/>' if level == len(path) - 1 else "<w:vMerge/>" if level >= len(path) else ""
        text = path[level] if level < len(path) else ""
        yield _cell(text, width, "center", FIRST, size, span + merge, keep=keep)


def _cell(text: str, width: int, align: str, face: str, size: float, merge: str = "", *, keep: bool = False) -> str:
    """A cell; `keep` holds its line on the page of the next one."""
    line = round(size * 1.35 * 20)
    # The mark of a paragraph has a size too: without this one an empty cell is as high as the text of the house.
    properties = _run_properties(face, size)
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merge}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr>{"<w:keepNext/>" if keep else ""}<w:spacing w:before="20" w:after="20" w:line="{line}" w:lineRule="atLeast"/>'
        f'<w:jc w:val="{align}"/>{properties}</w:pPr>'
        f'<w:r>{properties}<w:t xml:space="preserve">{escape(plain(text))}</w:t></w:r></w:p></w:tc>'
    )
