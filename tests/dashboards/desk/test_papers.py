"""The bulletin and the sheets: their numbers against plain Python, their links, and that nothing delivered becomes markup."""

import html
import re
from pathlib import Path
from typing import get_args

import duckdb
import pytest

from dashboards.desk.papers import build_papers, bulletin_text, ranks
from dashboards.desk.standings import read_report
from quality.checks import Dimension
from tests.dashboards.desk.desk_snapshot import FIRST, HOSTILE, IDENTITY, MANIFEST, PHONE, SECOND, build


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def papers(snapshot: Path) -> Path:
    out = snapshot.parent / "site" / "quality"
    assert len(build_papers(snapshot, out, manifest=MANIFEST)) == 2 * 4
    return out


def _read(papers: Path, name: str) -> str:
    return (papers / name).read_text(encoding="utf-8")


def test_scores_and_lost_points_are_those_of_plain_python(snapshot: Path) -> None:
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        report = read_report(connection)
    assert report is not None
    stand = {one.region_code: one for one in report.standings}
    # Publicities have no region of their own: they are their source's.
    assert stand.keys() == {"421202", "421221", "420500"}
    # Two checks of eight sections, a record failing in each; two of two; one of two publicities lacks its title.
    for region, asked, failing, lost in (("421202", 16, 2, (0, 0, 1, 0, 0, 1)), ("421221", 4, 0, (0,) * 6), ("420500", 2, 1, (0, 0, 1, 0, 0, 0))):
        assert (stand[region].asked, stand[region].failing) == (asked, failing)
        assert stand[region].score == 1_000_000 * (asked - failing) // asked
        assert [stand[region].lost.get(dimension, 0) for dimension in get_args(Dimension)] == list(lost)
        assert sum(stand[region].lost_points(dimension) for dimension in get_args(Dimension)) == pytest.approx(100 * failing / asked)
    assert ranks(report) == {"421221": 1, "421202": 2, "420500": 3}


def test_what_moved_is_counted_from_the_events(snapshot: Path) -> None:
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        report = read_report(connection)
    assert report is not None
    assert (report.as_of, report.month) == (SECOND, SECOND.replace(day=1))
    moved = {
        one.region_code: (one.open_before, one.opened, one.closed, one.open, one.opened_last, one.closed_last, one.median_days)
        for one in report.standings
    }
    assert moved == {
        "421202": (2, 0, 0, 2, 0, 0, None), "421221": (1, 0, 1, 0, 0, 1, float((SECOND - FIRST).days)), "420500": (1, 0, 0, 1, 0, 0, None),
    }  # fmt: skip
    text = bulletin_text(report, "zh")
    assert "截至2018-02-10，全市未结数据质量问题3个，其中影响推送3个" in text
    assert "2018-02月初未结4个，本月新增0个，已整改关闭1个，修复率25.00%" in text


def test_the_bulletin_leads_to_the_sheet_and_the_sheet_to_the_row(papers: Path) -> None:
    bulletin, sheet = _read(papers, "index.html"), _read(papers, "421202.html")
    assert '<a href="421202.html">' in bulletin
    articles = re.findall(r'<article id="([0-9a-f]{32})".*?</article>', sheet, re.DOTALL)
    assert len(articles) == 2
    for identity in articles:
        assert f'href="#{identity}"' in sheet
    rows = re.findall(r'<tr class="meant"><th scope="row">(.*?)</th><td>(.*?)</td>', sheet)
    assert rows == [("标段合同估算价单位", html.escape(HOSTILE[0], quote=False).replace('"', "&#34;"))]
    assert "1.csv 第8行" in sheet and "1.csv 第9行" in sheet
    assert "在业务系统补录该栏" in sheet
    assert "没有未结问题" in _read(papers, "421221.html")
    # Named in the language of the sheet, the id beside it.
    assert len(re.findall(r" · 标段\(包\)：[^<]+ <code>\w+_sections</code>", sheet)) == 2
    assert len(re.findall(r" · SECTION: [ -~]+ <code>\w+_sections</code>", _read(papers, "421202.en.html"))) == 2


@pytest.mark.parametrize("name", ["index.html", "421202.html", "420500.html", "index.en.html", "421202.en.html"])
def test_nothing_delivered_is_markup_and_nothing_foreign_is_loaded(papers: Path, name: str) -> None:
    page = _read(papers, name)
    assert "script-src 'self'" in page and "default-src 'none'" in page
    assert re.findall(r"<script[^>]*>", page) == ['<script src="copy.js" defer>']
    assert "<img" not in page and "javascript:" not in page.replace(HOSTILE[3], "")
    assert {address for address in re.findall(r'(?:href|src)="([^"#]+)"', page) if ":" in address} <= {"data:,"}
    for planted in (PHONE, IDENTITY, "张三丰"):
        assert planted not in page


def test_personal_numbers_are_masked_in_the_row(papers: Path) -> None:
    assert "138****5678" in _read(papers, "421202.html")
    assert "***" in _read(papers, "420500.html")


def test_the_same_snapshot_gives_the_same_bytes(snapshot: Path, papers: Path, tmp_path: Path) -> None:
    build_papers(snapshot, tmp_path / "quality", manifest=MANIFEST)
    again, before = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in (tmp_path / "quality", papers))
    assert again == before and len(before) > 4


def test_a_snapshot_from_before_the_desk_has_no_papers(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "old.duckdb")) as connection:
        connection.execute("CREATE SCHEMA quality")
    assert build_papers(tmp_path / "old.duckdb", tmp_path / "quality", manifest=MANIFEST) == []
    assert not (tmp_path / "quality").exists()


def test_a_sample_is_shown_with_its_bounds_and_how_it_was_drawn(snapshot: Path, tmp_path: Path) -> None:
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(snapshot.read_bytes())
    with duckdb.connect(str(copy)) as connection:
        for region, numbers in (("421202", "120, 40, 40, 0, 0, 1.0, 0.9277, 1.0, NULL"), (None, "180, 60, 59, 1, 1, 0.98305, 0.9225, 0.9991, NULL")):
            connection.execute(f"INSERT INTO quality.samples VALUES ('abc', 'SECTION', DATE '2018-02-01', 7, '王', ?, {numbers})", [region])
    build_papers(copy, tmp_path / "quality", manifest=MANIFEST)
    page = (tmp_path / "quality" / "index.html").read_text(encoding="utf-8")
    assert "从180条现行记录中抽取60条" in page and "种子7" in page
    table = page.split('id="samples"')[1].split("</section>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in table.split("<tbody>")[1].split("</tr>")[:-1]]
    assert rows[1] == ["全部", "180", "60", "59", "98.30%", "92.25%～99.91%", "不能说明"]
    assert rows[0][1:] == ["120", "40", "40", "100.00%", "92.77%～100.00%", "不能说明"]
