"""The annual report: filled from the same figures as the statistics tables, in a template that is the clerk's."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import nsmap, qn
from docx.shared import Mm, Pt

from exports.documents.catalogue import document
from exports.documents.clerks_template import own_attachments, placeholders, template_of
from exports.documents.errors import DocumentError
from exports.documents.figures import figures
from exports.documents.indicators import indicators
from exports.documents.writing import Asked, write_documents
from tests.exports.documents.delivered import EMAIL, IDENTITY_CARD, LABEL, MOBILE
from tests.exports.documents.reading_back import compare_with_golden, paper_lines, workbook_lines

pytestmark = pytest.mark.thorough


@contextmanager
def _edited(home: Path) -> Iterator[Document]:
    """The clerk's template as Word has it open; saved when it is closed."""
    path = str(template_of(home / "templates", 2022))
    opened = docx.Document(path)
    yield opened
    opened.save(path)


def _report(home: Path, out: Path, year: int = 2022) -> Path:
    (written,) = write_documents(home, [document("annual-report")], Asked(year), out)
    return written.path


def test_the_report_of_2022_reads_as_it_was_reviewed(own_home: Path, tmp_path: Path) -> None:
    lines = paper_lines(_report(own_home, tmp_path / "out"))
    assert lines[0] == LABEL and lines[2].count(LABEL) == 1
    compare_with_golden("annual_report_2022.txt", [line for line in lines if "快照" not in line])


def test_its_tables_are_those_of_the_workbook(own_home: Path, tmp_path: Path) -> None:
    report = paper_lines(_report(own_home, tmp_path / "out"))
    (workbook,) = write_documents(own_home, [document("statistics")], Asked(2022), tmp_path / "out")
    for row in ("一、本年新收政府信息公开申请数量", "四、结转下年度继续办理", "件数", "行政许可", "行政处罚", "规章"):
        (of_workbook,) = (line for line in workbook_lines(workbook.path) if line.startswith(f"{row} |"))
        assert of_workbook in report


def test_the_same_snapshot_gives_the_same_bytes(own_home: Path, tmp_path: Path) -> None:
    first, second = _report(own_home, tmp_path / "first"), _report(own_home, tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert f"{docx.Document(str(first)).core_properties.created:%Y-%m-%d}" == "2023-01-25"


def test_the_paper_is_that_of_official_documents(own_home: Path, tmp_path: Path) -> None:
    paper = docx.Document(str(_report(own_home, tmp_path / "out")))
    section = paper.sections[0]
    told = (section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert all(abs(found - Mm(millimetres)) < Mm(0.1) for found, millimetres in zip(told, (210, 297, 37, 35, 28, 26), strict=True))
    faces = {
        run._r.rPr.rFonts.get(qn("w:eastAsia")): run.font.size
        for paragraph in paper.paragraphs
        for run in paragraph.runs
        if run.text.strip() and run._r.rPr is not None and run._r.rPr.rFonts is not None
    }
    assert faces["方正小标宋简体"] == Pt(22) and faces["黑体"] == Pt(16)
    assert "PAGE" in section.footer._element.xml and "PAGE" in section.even_page_footer._element.xml


def test_no_two_tables_touch_and_none_is_the_end(own_home: Path, tmp_path: Path) -> None:
    body = docx.Document(str(_report(own_home, tmp_path / "out"))).element.body
    names = [element.tag.rpartition("}")[2] for element in body]
    assert names.count("tbl") > 7 and all(behind == "p" for name, behind in pairwise(names) if name == "tbl")


def test_what_the_clerk_wrote_is_kept_and_never_overwritten(own_home: Path, tmp_path: Path) -> None:
    _report(own_home, tmp_path / "out")
    template = own_home / "templates" / "annual-report_six-parts.docx"
    edited = docx.Document(str(template))
    edited.paragraphs[-1].insert_paragraph_before("本中心今年办了一件大事，涉及{{ requests_received }}人。{{ table_shares }}")
    edited.save(str(template))
    before = template.read_bytes()
    lines = paper_lines(_report(own_home, tmp_path / "out"))
    assert "本中心今年办了一件大事，涉及40人。" in lines
    assert any(line.startswith("合计 | ") and line.endswith(" | 100.0") for line in lines)
    assert template.read_bytes() == before


def test_a_missing_figure_goes_with_its_unit(own_home: Path, tmp_path: Path) -> None:
    with _edited(own_home) as opened:
        parted = opened.add_paragraph("完成{{ transactions }}")
        parted.add_run("项，项目{{ requests_received }}件，工程{{ transactions_construction }}项。")
    assert "完成（暂缺），项目40件，工程（暂缺）。" in paper_lines(_report(own_home, tmp_path / "out"))


def _add_footnote(opened: Document, text: str) -> None:
    """Adds a footnote as Word keeps it: a part of its own, to which the document relates."""
    notes = f'<w:footnotes xmlns:w="{nsmap["w"]}"><w:footnote w:id="1"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote></w:footnotes>'
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, notes.encode(), opened.part.package)
    opened.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def test_headers_footers_and_footnotes_are_filled_like_the_text(own_home: Path, tmp_path: Path) -> None:
    with _edited(own_home) as opened:
        opened.sections[0].header.paragraphs[0].text = "成交{{ transactions }}项，申请{{ requests_received }}件"
        opened.sections[0].even_page_footer.add_paragraph("{{ year }}年完成{{ transactions }}项")
        _add_footnote(opened, "其中工程{{ transactions_construction }}项，网络{{ requests_online }}件")
    with zipfile.ZipFile(_report(own_home, tmp_path / "out")) as archive:
        told = {name: re.sub("<[^>]*>", "", archive.read(name).decode()) for name in archive.namelist() if name.startswith("word/")}
    assert any("成交（暂缺），申请40件" in text for name, text in told.items() if name.startswith("word/header"))
    assert any("2022年完成（暂缺）" in text for name, text in told.items() if name.startswith("word/footer"))
    assert re.search(r"其中工程（暂缺），网络\d+件", told["word/footnotes.xml"])
    assert not any("⟦" in text or "{{" in text for text in told.values())


@pytest.mark.parametrize("place", ["header", "cell", "footnote"])
def test_a_table_where_none_can_stand_is_named(own_home: Path, tmp_path: Path, place: str) -> None:
    with _edited(own_home) as opened:
        if place == "header":
            opened.sections[0].header.paragraphs[0].text = "{{ table_shares }}"
        elif place == "cell":
            opened.add_table(1, 1).cell(0, 0).text = "见{{ table_shares }}"
        else:
            _add_footnote(opened, "{{ table_shares }}")
    with pytest.raises(DocumentError, match=r"annual-report_six-parts.docx: {{ table_shares }} stands in a cell, .*; give it a paragraph of its own"):
        _report(own_home, tmp_path / "out")


@pytest.mark.parametrize("written", ["{ requests_received }", "｛｛requests_received｝｝", "{requests_received}"])
def test_what_only_looks_like_a_placeholder_is_named(own_home: Path, tmp_path: Path, written: str) -> None:
    with _edited(own_home) as opened:
        opened.sections[0].header.paragraphs[0].text = f"今年{written}件"
    with pytest.raises(DocumentError, match=r"is no placeholder; write it with two ordinary braces on each side: {{ requests_received }}"):
        _report(own_home, tmp_path / "out")


def test_a_figure_that_nobody_knows_is_named(own_home: Path, tmp_path: Path) -> None:
    with _edited(own_home) as opened:
        opened.add_paragraph("今年{{ requests_recieved }}件")
    with pytest.raises(DocumentError, match=r"annual-report_six-parts.docx: unknown figure requests_recieved; correct the name"):
        _report(own_home, tmp_path / "out")


@pytest.mark.parametrize("broken", ["{{ year", "{% if %}", "{{ year.__class__.__mro__ }}"])
def test_a_broken_placeholder_is_one_line(own_home: Path, tmp_path: Path, broken: str) -> None:
    with _edited(own_home) as opened:
        opened.add_paragraph(broken)
    with pytest.raises(DocumentError, match=r"^\S+annual-report_six-parts.docx: .*; correct the placeholder") as refused:
        _report(own_home, tmp_path / "out")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_word_document_is_one_line(own_home: Path, tmp_path: Path) -> None:
    template = template_of(own_home / "templates", 2022)
    template.write_bytes(b"not a zip")
    with pytest.raises(DocumentError, match="not a Word template"):
        _report(own_home, tmp_path / "out")


@pytest.mark.parametrize("year", [2013, 2018, 2019, 2022])
def test_every_placeholder_of_the_house_is_known(tmp_path: Path, year: int) -> None:
    asked = {name for name in placeholders(template_of(tmp_path, year)) if not name.startswith("table_")}
    assert asked - set(indicators()) == {"unit_name", "year", "date_words", "attachments"}
    assert {figure for figure, _ in indicators().values()} <= set(figures())
    assert own_attachments(template_of(tmp_path, year)) == ([] if year >= 2019 else ["政府信息公开情况统计表"])


def test_nothing_personal_is_in_it(own_home: Path, tmp_path: Path) -> None:
    text = "\n".join(paper_lines(_report(own_home, tmp_path / "out")))
    assert len(text) > 1000
    assert not any(planted in text for planted in (IDENTITY_CARD, MOBILE, EMAIL, "张三", "李四"))
