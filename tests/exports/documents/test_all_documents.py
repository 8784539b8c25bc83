"""What holds for every document: nothing personal, nothing that runs, the same bytes when made again, an entry in the index."""

import json
import re
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from exports.answers.period import Period
from exports.documents.catalogue import DOCUMENTS, document
from exports.documents.errors import DocumentError
from exports.documents.occasion import Source
from exports.documents.writing import Asked, Happened, Kept, write_documents
from tests.exports.documents.delivered import EMAIL, IDENTITY_CARD, MOBILE

pytestmark = pytest.mark.thorough


def _contents(path: Path) -> str:
    """Everything a file holds, unpacked."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes().decode("utf-8", errors="replace")
    with zipfile.ZipFile(path) as archive:
        return "\n".join(archive.read(name).decode("utf-8", errors="replace") for name in archive.namelist())


def test_planted_personal_data_is_in_no_file(everything: Path) -> None:
    files = [path for path in everything.rglob("*") if path.is_file()]
    assert len(files) > 40
    for path in files:
        content = _contents(path)
        assert not [planted for planted in (IDENTITY_CARD, MOBILE, EMAIL, "张三", "李四") if planted in content], path.name


def test_no_cell_is_a_formula_or_a_link_and_no_markup_is_markup(everything: Path) -> None:
    for path in everything.glob("*.xlsx"):
        assert "<f>" not in _contents(path) and "<hyperlink" not in _contents(path), path.name
        assert all(cell.data_type != "f" for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row)
    for path in [*everything.glob("*.docx"), *everything.glob("*.html")]:
        assert "<script" not in _contents(path), path.name


@pytest.mark.thorough
def test_made_again_every_file_has_the_same_bytes(shared_home: Path, everything: Path, tmp_path: Path) -> None:
    write_documents(shared_home, DOCUMENTS, Asked(2022), tmp_path)
    first, second = (
        {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()} for out in (everything, tmp_path)
    )
    # The index links the site by a path that depends on the folder.
    for name in ("documents.json", "documents.html"):
        texts = [re.sub(rb'(?:\.\./)+[^"]*site/index.html', b"site", files.pop(name)) for files in (first, second)]
        assert texts[0] == texts[1]
    assert first.keys() == second.keys() and [name for name in first if first[name] != second[name]] == []


def test_the_index_links_every_file_to_the_snapshot(shared_home: Path, everything: Path) -> None:
    entries = json.loads((everything / "documents.json").read_text(encoding="utf-8"))["documents"]
    assert {entry["file"] for entry in entries} == {path.name for path in everything.iterdir() if not path.name.startswith("documents.")}
    assert {entry["document"] for entry in entries} == {found.name for found in DOCUMENTS}
    page = (everything / "documents.html").read_text(encoding="utf-8")
    assert all(entry["file"] in page and entry["sha256"] in page for entry in entries)


def test_what_cannot_be_made_is_skipped_among_others_and_refused_alone(own_home: Path, tmp_path: Path) -> None:
    happened: list[Happened] = []
    (own_home / "templates").mkdir()
    (own_home / "templates" / "annual-report_six-parts.docx").write_bytes(b"")
    chosen = [document("annual-report"), document("credit-list")]
    write_documents(own_home, chosen, Asked(2022), tmp_path / "out", happened.append)
    assert [type(one).__name__ for one in happened] == ["Skipped", "Written", "Written"]
    with pytest.raises(DocumentError, match="not a Word template"):
        write_documents(own_home, chosen[:1], Asked(2022), tmp_path / "out")
    assert not list((tmp_path / "out").glob(".writing-*"))


def test_what_was_changed_by_hand_is_kept_when_the_file_is_written_again(own_home: Path, tmp_path: Path) -> None:
    happened: list[Happened] = []

    def write() -> Path:
        (written,) = write_documents(own_home, [document("statistics")], Asked(2022), tmp_path, happened.append)
        return written.path

    path = write()
    made = path.read_bytes()
    assert write() == path and len(list(tmp_path.glob("*.xlsx"))) == 1, "what nobody changed is written over"
    for number in (1, 2):
        path.write_bytes(b"by hand")
        assert write() == path and path.read_bytes() == made
        kept = path.with_stem(f"{path.stem}_改动{number}")
        assert kept.read_bytes() == b"by hand" and Kept(kept) in happened
    assert {entry["file"] for entry in json.loads((tmp_path / "documents.json").read_text(encoding="utf-8"))["documents"]} == {path.name}


def test_nothing_is_written_into_a_snapshot(own_home: Path) -> None:
    snapshot = own_home / "published" / "current"
    before = sorted(snapshot.rglob("*"))
    for out in (snapshot / "exports", snapshot.resolve() / "new", own_home / "published"):
        with pytest.raises(DocumentError, match="what is published is never changed; name another folder with --out"):
            write_documents(own_home, [document("statistics")], Asked(2022), out)
    assert sorted(snapshot.rglob("*")) == before


def test_names_and_periods_that_do_not_exist(own_home: Path, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"no document 'annual'; there are statistics, annual-report"):
        document("annual")
    with pytest.raises(DocumentError, match="statistics is made of a year; leave out --month"):
        write_documents(own_home, [document("statistics")], Asked(2022, month=3), tmp_path)
    with pytest.raises(DocumentError, match="2023-01: not covered"):
        write_documents(own_home, [document("monthly-report")], Asked(2023, month=1), tmp_path)
    with pytest.raises(DocumentError, match="nothing published yet"):
        write_documents(tmp_path / "nowhere", [document("statistics")], Asked(), tmp_path)


@pytest.mark.parametrize(
    ("period", "declared", "observed"),
    [("2022", False, True), ("2022Q2", True, True), ("2022-06", True, True), ("2022-07", False, False), ("2021", False, False)],
)
def test_a_declared_coverage_holds_the_whole_period_and_an_observed_one_touches_it(period: str, declared: bool, observed: bool) -> None:
    sources = [Source("a", "a", None, date(2022, 1, 1), date(2022, 6, 30), is_declared) for is_declared in (True, False)]
    assert [source.covers(Period.read(period)) for source in sources] == [declared, observed]
