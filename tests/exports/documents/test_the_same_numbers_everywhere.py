"""Every figure that is shown in more than one place is the same in all of them: pages of the site, workbooks, Word documents, the data package, OCDS and the marts, read back by other
libraries than wrote them and compared cell by cell."""

import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import docx
import duckdb
import openpyxl
import pytest

from dashboards.site import build_site
from exports.publication import current_snapshot, read_manifest
from exports.rates_workbook import write_rates_workbook
from tests.exports.documents.delivered import EMAIL, IDENTITY_CARD, MOBILE
from tests.exports.documents.documents_told import (
    EACH,
    tell_bulletins,
    tell_documents,
    tell_each_transaction,
    tell_rates_workbook,
    tell_trade_reports,
)
from tests.exports.documents.marts_told import tell_marts
from tests.exports.documents.pages_told import page_tables, tell_page, tell_site
from tests.exports.documents.told_figures import YEAR, Told, plain

pytestmark = pytest.mark.thorough

TOPICS = {"trade", "disclosure", "timeliness", "push", "sanctions", "register", "requests", "disputes", "offices", "form", "transaction"}


@pytest.fixture(scope="module")
def places(shared_home: Path, everything: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the site and the workbook of rates, and all documents of the year, of one snapshot."""
    folder, snapshot = tmp_path_factory.mktemp("places"), current_snapshot(shared_home)
    assert snapshot is not None
    build_site(snapshot / "warehouse.duckdb", folder / "site", manifest=read_manifest(snapshot))
    write_rates_workbook(snapshot / "warehouse.duckdb", folder / "exports")
    (folder / "documents").symlink_to(everything)
    return folder


@pytest.fixture(scope="module")
def regions(shared_home: Path) -> dict[str, str]:
    with duckdb.connect(str(shared_home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        return dict(connection.execute("SELECT region_code, name FROM marts.regions").fetchall())


@pytest.fixture(scope="module")
def of_marts(shared_home: Path) -> Told:
    told = Told()
    with duckdb.connect(str(shared_home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        tell_marts(told, connection)
        rows = connection.execute(f"SELECT {', '.join(EACH)} FROM marts.transactions").fetchall()
    tell_each_transaction(told, "marts.transactions", [dict(zip(EACH, row, strict=True)) for row in rows])
    return told


def test_a_figure_is_the_same_wherever_it_is_shown(of_marts: Told, places: Path, regions: dict[str, str]) -> None:
    told = of_marts.copy()
    tell_site(told, places / "site")
    tell_rates_workbook(told, places / "exports")
    tell_documents(told, places / "documents", regions)
    compared = told.compared()
    cells = Counter(place for values in compared.values() for place, _ in values)
    files = {place.split(" ")[0] for place in cells}
    by_kind = Counter("marts" if place.startswith("marts.") else place.split(" ")[0].rpartition(".")[2] for place in cells.elements())
    topics = Counter(figure.topic for figure in compared)
    print(
        f"\n{cells.total():,} cells of {len(compared):,} figures compared in {len(cells)} tables and texts of {len(files)} files and marts: {dict(by_kind)}; {dict(topics)}"
    )
    assert told.differing() == {}
    # Every kind of place and of figure takes part.
    assert topics.keys() == TOPICS
    assert (
        by_kind["html"] > 9000
        and by_kind["xlsx"] > 6000
        and by_kind["docx"] > 4000
        and by_kind["OCDS"] > 500
        and by_kind["csv"] == by_kind["parquet"] > 10_000
    )
    assert len(files) > 60 and {"marts.statistics", "index.html", "T-10.html"} <= files


def _bend_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    row = text.index("<td>工程建设") if "<td>工程建设" in text else text.index("工程建设</td>")
    place = text.index(".", row)
    path.write_text(f"{text[: place + 2]}{(int(text[place + 2]) + 1) % 10}{text[place + 3 :]}", encoding="utf-8")


def _bend_workbook(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    cell = book["地区"]["B5"]
    cell.value = int(str(cell.value)) + 1
    book.save(path)


def _bend_paper(path: Path) -> None:
    paper = docx.Document(str(path))
    cell = next(table for table in paper.tables if table.cell(0, 0).text == "名次").cell(2, 4)
    cell.text = str(int(cell.text) + 1)
    paper.save(str(path))


@pytest.mark.parametrize(
    ("file", "bend", "tell"),
    [
        (f"site/transactions-{YEAR}.html", _bend_page, lambda told, path: tell_page(told, path, YEAR)),
        (f"documents/公共资源交易月报_{YEAR}年6月.xlsx", _bend_workbook, lambda told, path: tell_trade_reports(told, path.parent)),
        (f"documents/信息公开情况通报_{YEAR}年第3季度.docx", _bend_paper, lambda told, path: tell_bulletins(told, path.parent)),
    ],
    ids=["page", "workbook", "paper"],
)
def test_one_bent_number_is_found(
    of_marts: Told, places: Path, tmp_path: Path, file: str, bend: Callable[[Path], None], tell: Callable[[Told, Path], None]
) -> None:
    whole, bent = of_marts.copy(), of_marts.copy()
    path = Path(shutil.copy(places / file, tmp_path))
    tell(whole, path)
    assert whole.differing() == {}
    bend(path)
    tell(bent, path)
    assert len(bent.differing()) == 1


_NUMERIC = re.compile(r"[+-]?[\d,.]*\d%?[†？]*( \(\d+/\d+\))?")


def _numbers(path: Path) -> list[Counter[tuple[str | None, ...]]]:
    """Per table the numbers of its rows; of equal ones the names decide which stands first, and they are other ones in the other language."""
    return [Counter(tuple(plain(cell) for cell in row if _NUMERIC.fullmatch(cell)) for row in rows) for _, rows in page_tables(path)]


def test_both_languages_tell_the_same_numbers(places: Path) -> None:
    compared = 0
    for path in (places / "site").rglob("*.en.html"):
        # These tell of words.
        if path.name.partition(".")[0] not in ("definitions", "dictionary", "rules", "screen"):
            chinese = _numbers(path.with_name(path.name.replace(".en.", ".")))
            assert _numbers(path) == chinese, path.name
            compared += sum(len(row) for table in chinese for row in table.elements())
    assert compared > 8000


def test_planted_personal_data_is_on_no_page(places: Path) -> None:
    pages = list((places / "site").rglob("*.html"))
    assert len(pages) > 20
    for path in pages:
        content = path.read_text(encoding="utf-8")
        assert not [planted for planted in (IDENTITY_CARD, MOBILE, EMAIL, "张三", "李四") if planted in content], path.name
