"""The reports of transactions: every sum counted a second time in plain Python, and the Word document beside the workbook."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
from openpyxl.cell import Cell

from dashboards.amounts import change, share, ten_thousands
from dashboards.rates import rate_text

pytestmark = pytest.mark.thorough

KINDS = {"工程建设": "construction", "政府采购": "procurement", "土地使用权": "land", "国有产权": "property"}


@pytest.fixture(scope="module")
def snapshot(shared_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(shared_home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        yield connection


def _named(snapshot: duckdb.DuckDBPyConnection, mart: str, told: str) -> list[tuple]:
    """Kind, name of the region, and what is told of every row of a mart."""
    return snapshot.execute(
        f"SELECT transaction_type, coalesce(name, told.region_code), {told} FROM marts.{mart} AS told LEFT JOIN marts.regions USING (region_code)"
    ).fetchall()


@pytest.fixture(scope="module")
def told(snapshot: duckdb.DuckDBPyConnection) -> list[tuple]:
    rows = _named(snapshot, "transactions", "concluded_at::DATE, award_yuan, estimate_yuan, added_yuan IS NOT NULL")
    return [row for row in rows if row[2]]


def _expected(told: list[tuple], first: date, last: date, kind: str | None = None, region: str | None = None) -> dict[str, Decimal | int | None]:
    chosen = [row for row in told if first <= row[2] <= last and kind in (None, row[0]) and region in (None, row[1])]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    saving = adding = False
    for of_kind, _, _, award, estimate, is_added in chosen:
        sums["award"] += award or 0
        if award is not None and estimate is not None and of_kind in ("construction", "procurement"):
            sums["savings"], sums["base"], saving = sums["savings"] + estimate - award, sums["base"] + estimate, True
        if is_added:
            sums["added"], sums["added_base"], adding = sums["added"] + award - estimate, sums["added_base"] + estimate, True
    return {
        "count": len(chosen),
        "award": sums["award"],
        "savings": sums["savings"] if saving else None,
        "base": sums["base"],
        "added": sums["added"] if adding else None,
        "added_base": sums["added_base"],
    }


def _shown(row: Iterable[Cell]) -> list[object]:
    """The cells of a row as they are read: shares and changes are numbers, with their per cent and sign."""
    return [f"{cell.value:{'+' if '+' in cell.number_format else ''}.2%}" if cell.number_format.endswith("%") else cell.value for cell in row]


def _ten_thousands(yuan: Decimal) -> float:
    return float((yuan / 10000).quantize(Decimal("0.01"), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("file", "first", "last", "before"),
    [
        ("公共资源交易月报_2022年6月.xlsx", date(2022, 6, 1), date(2022, 6, 30), (date(2022, 5, 1), date(2022, 5, 31))),
        ("公共资源交易季报_2022年第3季度.xlsx", date(2022, 7, 1), date(2022, 9, 30), (date(2022, 4, 1), date(2022, 6, 30))),
    ],
)
def test_every_line_is_the_sum_of_its_transactions(
    everything: Path, told: list[tuple], file: str, first: date, last: date, before: tuple[date, date]
) -> None:
    book = openpyxl.load_workbook(everything / file)
    for sheet, of_kind in (("类别", True), ("地区", False)):
        headings = [cell.value for cell in book[sheet][3]]
        lines = [dict(zip(headings, _shown(row), strict=True)) for row in book[sheet].iter_rows(min_row=4) if isinstance(row[1].value, int | float)]
        assert len(lines) > 2 and lines[-1][headings[0]] == "合计"
        for line in lines:
            name = line[headings[0]]
            choice = {} if name == "合计" else {"kind": KINDS[name]} if of_kind else {"region": name}
            now, earlier = _expected(told, first, last, **choice), _expected(told, *before, **choice)
            assert line["成交项数"] == now["count"]
            assert line["成交额（万元）"] == pytest.approx(_ten_thousands(now["award"]), abs=1e-9)
            assert line["节约额（万元）"] == ("—" if now["savings"] is None else pytest.approx(_ten_thousands(now["savings"]), abs=1e-9))
            assert line["增值额（万元）"] == ("—" if now["added"] is None else pytest.approx(_ten_thousands(now["added"]), abs=1e-9))
            assert line["增值率"] == share(now["added"], now["added_base"])
            assert line["项数环比"] == change(now["count"], earlier["count"])
            assert line["节约率（÷估算）"] == share(now["savings"], now["base"])
            # 2021 of the made-up city is not in the snapshot.
            assert line["项数同比"] == line["累计项数同比"] == "—"
            assert line["累计项数"] == _expected(told, date(2022, 1, 1), last, **choice)["count"]
    assert any("不列同比" in str(cell.value) for row in book["类别"] for cell in row)


@pytest.mark.parametrize(
    ("file", "first", "last", "before"),
    [
        ("公共资源交易月报_2022年6月.xlsx", date(2022, 6, 1), date(2022, 6, 30), (date(2022, 5, 1), date(2022, 5, 31))),
        ("公共资源交易季报_2022年第3季度.xlsx", date(2022, 7, 1), date(2022, 9, 30), (date(2022, 4, 1), date(2022, 6, 30))),
    ],
)
def test_failed_tenders_and_bidders_are_counted_by_kind_and_region(
    everything: Path, snapshot: duckdb.DuckDBPyConnection, file: str, first: date, last: date, before: tuple[date, date]
) -> None:
    reports = _named(snapshot, "tender_exceptions", "approved_at::DATE, exception_type")
    bids = [row for row in _named(snapshot, "transactions", "bids_opened_at::DATE, bidders") if row[3] is not None]

    def counted(rows: list[tuple], span: tuple[date, date], place: int, value: str | None) -> list[tuple]:
        return [row for row in rows if row[2] and span[0] <= row[2] <= span[1] and value in (None, row[place])]

    seen = set()
    for sheet, place in (("类别", 0), ("地区", 1)):
        book = openpyxl.load_workbook(everything / file)
        headings = [cell.value for cell in book[sheet][3]]
        for row in book[sheet].iter_rows(min_row=4):
            if not isinstance(row[1].value, int | float):
                continue
            line = dict(zip(headings, _shown(row), strict=True))
            name = line[headings[0]]
            value = None if name == "合计" else KINDS[name] if place == 0 else name
            failed, earlier = (sum(one[3] == 1 for one in counted(reports, span, place, value)) for span in ((first, last), before))
            ended = [failed, change(failed, earlier), "—", sum(one[3] != 1 for one in counted(reports, (first, last), place, value))]
            found = counted(bids, (first, last), place, value)
            bidders = sum(one[3] for one in found)
            average = float((Decimal(bidders) / len(found)).quantize(Decimal("0.01"), ROUND_HALF_UP)) if found else "暂缺"
            # The standard reports failures of construction alone.
            expected = ended if value in (None, "construction") or place == 1 else ["暂缺"] * 4
            expected += [len(found), bidders, average] if found else ["暂缺"] * 3
            names = ("流标（次）", "流标环比", "流标同比", "其他异常（次）", "有投标人数的标段", "投标人", "每标段投标人")
            assert [line[name] for name in names] == expected, name
            seen.update(expected)
    assert {"暂缺", "—"} < seen and any(isinstance(one, int) and one > 5 for one in seen)


def test_every_number_fits_into_its_column(everything: Path) -> None:
    # What does not is shown as ###.
    seen = 0
    for path in (*everything.glob("*季报*.xlsx"), *everything.glob("*月报*年6月.xlsx")):
        for sheet in openpyxl.load_workbook(path):
            for cell in (cell for row in sheet.iter_rows(min_row=4) for cell in row if isinstance(cell.value, int | float)):
                (shown,) = _shown([cell])
                text = shown if isinstance(shown, str) else f"{shown:,.2f}" if "0.00" in cell.number_format else f"{shown:,}"
                assert len(text) < sheet.column_dimensions[cell.column_letter].width, (path.name, sheet.title, cell.coordinate, text)
                seen += 1
    assert seen > 500


def test_the_counts_of_regions_and_kinds_add_up(everything: Path) -> None:
    sheet = openpyxl.load_workbook(everything / "公共资源交易月报_2022年6月.xlsx")["地区×类别"]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5) if isinstance(row[1].value, int | float)]
    *regions, total = lines
    assert [sum(column) for column in zip(*(line[1::2] for line in regions), strict=True)] == total[1::2]
    assert all(sum(line[1:-2:2]) == line[-2] for line in lines)


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (Decimal("325"), 249, "+30.52%"),
        (249, 325, "-23.38%"),
        (5, 5, "+0.00%"),
        (5, 0, "—"),
        (5, None, "—"),
        (None, 5, "—"),
        (Decimal("1.00005"), 1, "+0.01%"),
        (Decimal("0.99999"), 1, "+0.00%"),
    ],
)
def test_changes_are_rounded_once_and_have_a_sign(now: Decimal | int | None, before: int | None, text: str) -> None:
    assert change(now, before) == text


def test_rates_are_cut_off_and_amounts_rounded() -> None:
    assert rate_text(97_999, 100_000) == "97.99%" and rate_text(1, 0) == "—"
    assert (
        ten_thousands(Decimal("50")) == Decimal("0.01")
        and ten_thousands(Decimal("49.99")) == Decimal("0.00")
        and ten_thousands(Decimal("-49.99")) == 0
    )
