"""公文 as Word lays it out: what stays together on a page, and sheets on their side."""

from datetime import datetime
from pathlib import Path

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Length, Pt

from exports.documents.official_paper import Paper, place_signatures


def _written(paper: Paper, folder: Path) -> docx.document.Document:
    return docx.Document(str(paper.save(folder / "paper.docx", datetime(2020, 1, 1))))


def _millimetres(*lengths: Length | None) -> list[int]:
    return [round(length.mm) for length in lengths if length is not None]


def test_who_signs_stands_on_no_page_alone(tmp_path: Path) -> None:
    paper = Paper("题")
    paper.text("末段。")
    paper.sign("某局", "2020年1月1日")
    *kept, last = _written(paper, tmp_path).paragraphs
    assert [one.text for one in kept] == ["末段。", "", "某局"] and all(one.paragraph_format.keep_with_next for one in kept)
    assert last.text == "2020年1月1日" and not last.paragraph_format.keep_with_next


@pytest.mark.parametrize(("lines", "held"), [(3, [True] * 4), (20, [True, True, *[False] * 17, True, True])])
def test_under_a_note_alone_nobody_signs_and_the_end_of_the_table_comes_along(tmp_path: Path, lines: int, held: list[bool]) -> None:
    paper = Paper("题")
    paper.text("正文。")
    paper.table([("甲",)], [("乙",)] * lines, (1,))
    paper.note("注。")
    paper.sign("某局", "2020年1月1日")
    written = _written(paper, tmp_path)
    assert [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in written.tables[0].rows] == [each or None for each in held]
    text, *between, last = written.paragraphs
    assert [one.text for one in between if one.text] == ["注。", "某局"] and all(one.paragraph_format.keep_with_next for one in between)
    assert not text.paragraph_format.keep_with_next and not last.paragraph_format.keep_with_next


def test_attachments_are_named_on_the_page_of_the_last_line_and_a_note_leads_to_its_table(tmp_path: Path) -> None:
    paper = Paper("题")
    paper.text("末段。")
    paper.attachments("附件：1.甲\n2.乙")
    paper.note("列出一件。", leads=True)
    paper.table([("甲",)], [("乙",)], (1,))
    paper.note("注。")
    last, free, attachments, leading, _, note = _written(paper, tmp_path).paragraphs
    assert all(one.paragraph_format.keep_with_next for one in (last, free, attachments, leading)) and attachments.paragraph_format.keep_together
    assert not note.paragraph_format.keep_with_next


@pytest.mark.parametrize(
    ("issuer", "day", "right_of_issuer", "right_of_day"),
    [("某某管理局", "2020年1月1日", 72, 64), ("咸宁市公共资源交易监督管理委员会办公室", "2020年12月31日", 0, 96)],
)
def test_the_date_ends_four_characters_from_the_edge_under_the_middle_of_a_name(
    tmp_path: Path, issuer: str, day: str, right_of_issuer: int, right_of_day: int
) -> None:
    """GB/T 9704-2012, 7.3.5.1, in points: a character has 16, a figure 8. A template is signed before the name is known."""
    paper = Paper("题")
    paper.sign("{{ unit_name }}", "{{ date_words }}")
    *_, first, second = paper.document.paragraphs
    first.runs[0].text, second.runs[0].text = issuer, day
    place_signatures(paper.document)
    *_, first, second = _written(paper, tmp_path).paragraphs
    assert [one.alignment for one in (first, second)] == [WD_ALIGN_PARAGRAPH.RIGHT] * 2
    assert [one.paragraph_format.right_indent for one in (first, second)] == [Pt(right_of_issuer), Pt(right_of_day)]


def test_an_attachment_has_its_number_at_the_edge_and_its_title_in_the_middle_of_the_third_line(tmp_path: Path) -> None:
    paper = Paper("题")
    paper.attachment("附件1", "勾稽核对")
    mark, free, title, _ = _written(paper, tmp_path).paragraphs
    assert (mark.text, mark.paragraph_format.first_line_indent, free.text) == ("附件1", 0, "")
    assert mark.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "黑体"
    assert (title.text, title.alignment) == ("勾稽核对", WD_ALIGN_PARAGRAPH.CENTER)


def test_a_short_table_is_not_broken_and_a_long_one_is(tmp_path: Path) -> None:
    paper = Paper("题")
    for rows in (3, 40):
        paper.table([("甲",), ("乙",)], [(f"{row}", "") for row in range(rows)], (1, 1))
    short, long = ([row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in table.rows] for table in _written(paper, tmp_path).tables)
    assert short == [True, True, True, None] and long == [True, True, *[None] * 39]


def test_a_page_begins_with_what_is_written_and_not_with_an_empty_line(tmp_path: Path) -> None:
    paper = Paper("题")
    paper.text("一")
    paper.new_page()
    paper.heading("二")
    paper.text("三")
    assert [(one.text, one.paragraph_format.page_break_before) for one in _written(paper, tmp_path).paragraphs] == [
        ("一", None),
        ("二", True),
        ("三", None),
    ]


def test_a_sheet_on_its_side_has_the_margins_of_the_upright_one_turned_along(tmp_path: Path) -> None:
    paper = Paper("题")
    paper.text("一")
    paper.landscape()
    paper.table([("甲",)], [("1",)], (1,))
    upright, turned = _written(paper, tmp_path).sections
    assert [_millimetres(*pair) for pair in ((upright.page_width, upright.page_height), (turned.page_height, turned.page_width))] == [[210, 297]] * 2
    assert turned.orientation == WD_ORIENT.LANDSCAPE
    assert _millimetres(turned.left_margin, turned.right_margin) == _millimetres(upright.top_margin, upright.bottom_margin) == [37, 35]
