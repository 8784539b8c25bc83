"""Whatever text is put into a workbook or a Word document comes out as that text: no formula, no link, no markup, whatever it begins with."""

import tempfile
from datetime import datetime
from pathlib import Path

import docx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from exports.documents.official_paper import Paper, plain
from exports.workbooks import Column, sheet_name, write_list, writing

pytestmark = pytest.mark.thorough

_DAY = datetime(2018, 1, 25)
_BEGINNINGS = st.sampled_from(["", "=", "+", "-", "@", "＝", "\t", "=1+1", "{=", "http://", "mailto:", "<w:t>", "&amp;", "{{ x }}", "_x0041_"])
_TEXTS = st.builds(str.__add__, _BEGINNINGS, st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40))
_WILD_TEXTS = st.builds(str.__add__, _BEGINNINGS, st.text(st.characters(blacklist_categories=("Cs",)), max_size=40))


@settings(max_examples=60, deadline=None)
@given(_TEXTS.filter(bool), _TEXTS.filter(bool), st.lists(_WILD_TEXTS.filter(bool), min_size=1, max_size=8))
def test_in_a_workbook(title: str, line: str, texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        with writing(path, "标题", _DAY) as (workbook, formats):
            write_list(workbook, formats, "表", title, line, [Column(("列",), 20), Column(("数",), 10, "count")], [(text, 1) for text in texts])
        sheet = openpyxl.load_workbook(path)["表"]
    cells = [sheet.cell(row, 1) for row in range(4, 4 + len(texts))]
    assert all(cell.data_type in ("s", "inlineStr", "n") and cell.hyperlink is None for row in sheet.iter_rows() for cell in row)
    # What looks like an escaped character is what it looks like, not that character.
    assert [unescape(str(cell.value)) for cell in cells] == texts
    assert unescape(str(sheet.cell(1, 1).value)) == unescape(title)


@settings(max_examples=60, deadline=None)
@given(st.lists(_WILD_TEXTS, min_size=1, max_size=8))
def test_in_a_word_document(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paper = Paper("标题")
        for text in texts:
            paper.text(text)
        paper.table([(text,) for text in texts], [texts], [1] * len(texts))
        path = paper.save(Path(folder) / "paper.docx", _DAY)
        read = docx.Document(str(path))
    assert [paragraph.text for paragraph in read.paragraphs[: len(texts)]] == [plain(text) for text in texts]
    assert [[cell.text for cell in row.cells] for row in read.tables[0].rows][-1] == [plain(text) for text in texts]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=20))
def test_names_of_sheets_are_taken_by_excel_and_differ(texts: list[str]) -> None:
    taken: set[str] = set()
    names = [sheet_name(text, taken) for text in texts]
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") and name.isprintable() for name in names)
    assert len({name.casefold() for name in names}) == len(names)
