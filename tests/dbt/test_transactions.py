"""Transactions, failed tenders and bidders: a small Wenzhou with odd awards, lots and openings, built for real, and told a second time in plain Python."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from sources.simulated.cities import CITIES
from sources.simulated.delivery import write_city
from sources.simulated.registers.property_transactions import PropertyTransactions
from tests.dbt.building import built
from tests.end_to_end.recomputation import when

pytestmark = pytest.mark.thorough

AS_OF = date(2017, 1, 25)
Lines = list[dict[str, str]]
#: Result, subject, amount, currency; the data set that estimates, its amount.
AWARDS = (
    ("WIN_RESULT_ANNO", "BID_SECTION_CODE", "BID_AMOUNT", "BID_CURRENCY"),
    ("BID_DEAL_ANNOUNCE", "PURCHASE_SECTION_CODE", "WIN_BID_PRICE", "CURRENCY_CODE"),
    ("DEAL_LAND_INFO", "DEAL_ANNOUNCEMENT_GUID", "DEAL_PRICE", "CURRENCY_CODE"),
    ("TRADE_RESULT_INFO", "PROJECT_CODE", "TRADE_VALUE", "CURRENCY_CODE"),
    ("STOCK_TRADE_RESULT_INFO", "PROJECT_CODE", "TRADE_VALUE", "CURRENCY_CODE"),
)
ESTIMATES = (
    ("SECTION", "BID_SECTION_CODE", "CONTRACT_RECKON_PRICE", "CURRENCY_CODE"),
    ("PURCHASE_QUALI_INQUERY_ANN", "PURCHASE_SECTION_CODE", "BUDGET_AMOUNT", ""),
    ("DEAL_BEHAVIOR_INFO", "ANNOUNCEMENT_GUID", "START_PRICE", ""),
    ("LISTING_PUB_INFO", "PROJECT_CODE", "PROJECT_PRICE", "CURRENCY_CODE"),
    ("STOCK_LISTING_PUB_INFO", "PROJECT_CODE", "PROJECT_PRICE", "CURRENCY_CODE"),
)
RESULT_TIMES = {
    "WIN_RESULT_ANNO": "NOTICE_SEND_TIME", "BID_DEAL_ANNOUNCE": "WIN_BID_BULLETIN_START_TIME", "DEAL_LAND_INFO": "PUBLISHING_TIME",
    "TRADE_RESULT_INFO": "RESULT_PUBLISH_DATE", "STOCK_TRADE_RESULT_INFO": "RESULT_PUBLISH_DATE",
}  # fmt: skip


def _read(path: Path) -> Lines:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, lines: Lines) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(dict.fromkeys(name for line in lines for name in line)), restval="")
        writer.writeheader()
        writer.writerows(lines)


def _odd_awards(lines: Lines) -> Lines:
    """Foreign money, two moneys, two suppliers, two of whom one at a rate, a rate, no unit, no currency said, and amounts beyond all money, which a sum of yuan
    could not hold."""
    lines[3]["BID_CURRENCY"] = "840"
    lines[9]["BID_AMOUNT"], lines[9]["PRICE_FORM_CODE"], lines[9]["OTHER_BID_PRICE"] = "", "2", "下浮8%"
    lines[11]["PRICE_UNIT"] = ""
    lines[15]["BID_AMOUNT"], lines[15]["PRICE_UNIT"] = "99999999999", "1"
    lines[17]["BID_AMOUNT"], lines[17]["PRICE_UNIT"] = "1000000000000", "0"
    lines[13]["BID_CURRENCY"], lines[14]["BID_CURRENCY"] = "", "CNY"
    two_moneys, two_suppliers, one_at_a_rate = (
        {**lines[place], "DATA_KEY": f"{lines[place]['DATA_KEY']}9", "WIN_BIDDER_NAME": "模拟另一有限公司"} for place in (5, 7, 19)
    )
    return [*lines, {**two_moneys, "BID_CURRENCY": "840"}, two_suppliers, {**one_at_a_rate, "BID_AMOUNT": "", "PRICE_FORM_CODE": "2"}]


def _in_two_lots(listings: Lines, results: Lines, projects: dict[str, str | None]) -> tuple[Lines, Lines]:
    """Each of these projects is listed in two lots; the second is sold at this price, at a rate where that is empty, and left where it is None: then the first is compared alone."""
    for code, price in projects.items():
        (listed,) = (line for line in listings if line["PROJECT_CODE"] == code)
        (result,) = (line for line in results if line["PROJECT_CODE"] == code)
        listings = [*listings, {**listed, "BID_CODE": f"{code}02", "PROJECT_PRICE": "12345.67"}]
        results = [*results, *([] if price is None else [{**result, "BID_CODE": f"{code}02", "TRADE_VALUE": price}])]
    return listings, results


def _in_parcels(notices: Lines, results: Lines) -> tuple[Lines, Lines]:
    """Announcements of land of every kind: of several parcels with one price, with a price each, one parcel left, sold at a rate, to two buyers, more sold than offered; and nothing sold."""
    of = {line["ANNOUNCEMENT_GUID"]: line for line in notices}
    chosen = [line for line in results if line["DEAL_ANNOUNCEMENT_GUID"] in of][:10]
    one_price, own_prices, one_left, one_left_own_price, unpriced, not_stated, two_buyers, half_own_prices, unsold, more_than_offered = chosen

    def second(line: dict[str, str], **changed: str) -> dict[str, str]:
        key = f"{line['DATA_KEY']}02"
        return {**line, "DEAL_LAND_CODE": f"{line['DEAL_LAND_CODE']}02", "LAND_CODE": f"{line['LAND_CODE']}02", "DATA_KEY": key, **changed}

    for line in (one_price, own_prices, one_left, one_left_own_price, unpriced, half_own_prices):
        of[line["DEAL_ANNOUNCEMENT_GUID"]]["FIELD_NUM"] = "2" if line is not own_prices else "3"
    of[not_stated["DEAL_ANNOUNCEMENT_GUID"]]["FIELD_NUM"] = ""
    for line, price in ((own_prices, "1000000"), (one_left_own_price, "1500000"), (unpriced, "1200000"), (half_own_prices, "1300000")):
        line |= {"START_PRICE": str(Decimal(price) / (10_000 if line["PRICE_UNIT"] == "1" else 1))}
    further = [
        second(one_price),
        second(own_prices),
        second(more_than_offered),
        second(unpriced, DEAL_PRICE=""),
        second(half_own_prices, START_PRICE=""),
        {**two_buyers, "LENDING_NAME": "模拟另一有限公司", "DATA_KEY": f"{two_buyers['DATA_KEY']}02"},
    ]
    return notices, [*(line for line in results if line is not unsold), *further]


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("transactions") / "in"
    city = replace(
        CITIES["wenzhou-2016"],
        sections=240,
        planted={},
        registers=(PropertyTransactions(30, 10),),
        failed_tenders=20,
        opening_details_from=date(2016, 7, 1),
    )
    write_city(city, folder)
    _write(folder / "WIN_RESULT_ANNO.csv", _odd_awards(_read(folder / "WIN_RESULT_ANNO.csv")))
    for name, lines in zip(
        ("DEAL_BEHAVIOR_INFO", "DEAL_LAND_INFO"),
        _in_parcels(_read(folder / "DEAL_BEHAVIOR_INFO.csv"), _read(folder / "DEAL_LAND_INFO.csv")),
        strict=True,
    ):
        _write(folder / f"{name}.csv", lines)
    listings, results = _read(folder / "LISTING_PUB_INFO.csv"), _read(folder / "TRADE_RESULT_INFO.csv")
    results[0]["RESULT_PUBLISH_DATE"], results[1]["CURRENCY_CODE"], results[2]["TRADE_VALUE"] = "", "840", ""
    listings, results = _in_two_lots(
        listings, results, dict(zip((line["PROJECT_CODE"] for line in results[3:6]), ("", None, "23456.78"), strict=True))
    )
    # A lot that was never listed, and one lot with two buyers.
    results.append({**results[7], "BID_CODE": "unlisted", "TRADE_VALUE": "2000"})
    results.append({**results[6], "SELLER_CODE": "91330300MA0000001X", "TRADE_VALUE": "1000"})
    _write(folder / "LISTING_PUB_INFO.csv", listings)
    _write(folder / "TRADE_RESULT_INFO.csv", results)
    openings = [{**line, "BIDDER_COUNT": "4" if place % 3 else ""} for place, line in enumerate(_read(folder / "BID_OPENING_RECORD.csv"))]
    _write(folder / "BID_OPENING_RECORD.csv", openings[5:])
    bids = _read(folder / "TENDER_LIST.csv")
    bids += [{**bids[0], "DATA_KEY": "twice"}, {**bids[1], "DATA_TYPE": "3", "DATA_TIMESTAMP": "20170120000000"}]
    _write(folder / "TENDER_LIST.csv", bids)
    reports = _read(folder / "TENDER_ABNORMITY_REPORT.csv")
    reports[0]["EXCEPITON_TYPE"], reports[1]["APPROVAL_TIME"] = "", "20170126090000"
    reports.append({**reports[4], "EXCEPITON_NAME": "第二次流标", "DATA_KEY": "second"})
    reports.append({**reports[5], "DATA_TYPE": "3", "DATA_TIMESTAMP": "20170120000000"})
    _write(folder / "TENDER_ABNORMITY_REPORT.csv", reports)
    return folder


@pytest.fixture(scope="module")
def warehouse(delivered: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with built(delivered, AS_OF) as connection:
        yield connection


def _current(lines: Lines) -> Lines:
    """The records that no later line with their key withdraws."""
    withdrawn = {line["DATA_KEY"] for line in lines if line.get("DATA_TYPE") == "3"}
    return [line for line in lines if "DATA_KEY" not in line or line["DATA_KEY"] not in withdrawn]


def _amount(line: dict[str, str], column: str) -> Decimal | None:
    factor = {"0": 1, "1": 10_000}.get(line["PRICE_UNIT"])
    amount = Decimal(line[column]) * factor if line[column] and factor else None
    return amount if amount is None or abs(amount) < 10**12 else None


def _currency(line: dict[str, str], column: str) -> str:
    return "156" if not column or line[column] in ("", "CNY", "156") else line[column]


def _expected(folder: Path) -> dict[str, dict[str, object]]:
    """By subject: estimate, award, currency, savings, added value, and the moment of conclusion."""
    expected: dict[str, dict[str, object]] = defaultdict(dict)
    for name, subject, amount, currency in ESTIMATES:
        told: dict[str, list[Decimal | None]] = defaultdict(list)
        for line in _current(_read(folder / f"{name}.csv")):
            told[line[subject]].append(_amount(line, amount) if _currency(line, currency) == "156" else None)
        for code, found in told.items():
            known = [one for one in found if one is not None]
            if name.endswith("LISTING_PUB_INFO"):
                expected[code]["estimate"] = sum(known) if len(known) == len(found) else None
            else:
                expected[code]["estimate"] = max(known, default=None)
    for name, subject, amount, currency in AWARDS:
        awards: dict[str, list[tuple[Decimal | None, str]]] = defaultdict(list)
        moments: dict[str, list[datetime]] = defaultdict(list)
        for line in _current(_read(folder / f"{name}.csv")):
            awards[line[subject]].append((_amount(line, amount), _currency(line, currency)))
            announced = line[RESULT_TIMES[name]]
            moments[line[subject]] += [_moment(announced or line["TRADE_DATE"])]
        for code, found in awards.items():
            moneys, known = {money for _, money in found}, [one for one, _ in found if one is not None]
            one = expected[code]
            one["amount"] = sum(known) if known and len(moneys) == 1 else None
            one["currency"] = next(iter(moneys)) if len(moneys) == 1 else None
            one["award"] = one["amount"] if one["currency"] == "156" else None
            one["concluded"] = min(moments[code])
            both = one["award"] is not None and one.get("estimate") is not None
            if name in ("WIN_RESULT_ANNO", "BID_DEAL_ANNOUNCE"):
                is_whole = len(known) == len(found)
                one["savings"] = one["estimate"] - one["award"] if both and is_whole else None  # type: ignore[operator]
    _compare_parcels(folder, expected)
    _compare_lots(folder, expected)
    return expected


def _compare_parcels(folder: Path, expected: dict[str, dict[str, object]]) -> None:
    """Land once more: parcel by parcel where each that was sold has its own starting price; by the one price of the announcement where it offers one parcel; else not."""
    offered = {line["ANNOUNCEMENT_GUID"]: line["FIELD_NUM"] for line in _read(folder / "DEAL_BEHAVIOR_INFO.csv")}
    parcels: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for line in _current(_read(folder / "DEAL_LAND_INFO.csv")):
        parcels[line["DEAL_ANNOUNCEMENT_GUID"]][line["DEAL_LAND_CODE"]].append(line)
    for code, sold in parcels.items():
        one, own = expected[code], [_amount(lines[0], "START_PRICE") for lines in sold.values()]
        known = [price for price in own if price is not None]
        if len(known) == len(own):
            one["estimate"] = sum(known)
        is_comparable = len(known) == len(own) or (offered[code] == "1" and len(sold) == 1)
        is_told = is_comparable and all(line["DEAL_PRICE"] for lines in sold.values() for line in lines)
        one["added"] = one["award"] - one["estimate"] if is_told and one["award"] is not None and one.get("estimate") is not None else None  # type: ignore[operator]


def _compare_lots(folder: Path, expected: dict[str, dict[str, object]]) -> None:
    """State property once more: the lots that were sold with the prices that were asked for them; not where one of them was sold at a rate or has no such price."""
    asked, sold = {}, defaultdict[str, dict[str, list[dict[str, str]]]](lambda: defaultdict(list))
    for kind in ("", "STOCK_"):
        for line in _current(_read(folder / f"{kind}LISTING_PUB_INFO.csv")):
            asked[line["PROJECT_CODE"], line["BID_CODE"]] = _amount(line, "PROJECT_PRICE")
        for line in _current(_read(folder / f"{kind}TRADE_RESULT_INFO.csv")):
            sold[line["PROJECT_CODE"]][line["BID_CODE"]].append(line)
    for code, lots in sold.items():
        one, prices = expected[code], [asked.get((code, lot)) for lot in lots]
        known = [price for price in prices if price is not None]
        if len(known) == len(prices):
            one["estimate"] = sum(known)
        is_told = len(known) == len(prices) and all(line["TRADE_VALUE"] for lines in lots.values() for line in lines)
        one["added"] = one["award"] - sum(known) if is_told and one["award"] is not None else None  # type: ignore[operator]


def _moment(text: str) -> datetime:
    found = when(text)
    assert found
    return found.replace(tzinfo=None)


def test_every_transaction_has_the_money_of_its_records(warehouse: duckdb.DuckDBPyConnection, delivered: Path) -> None:
    names = ("estimate", "award", "amount", "currency", "savings", "added", "concluded")
    rows = warehouse.execute(
        "SELECT subject_id, estimate_yuan, award_yuan, award_amount, currency_code, savings_yuan, added_yuan, concluded_at FROM marts.transactions"
    ).fetchall()
    found = {code: dict(zip(names, [*values, at and at.replace(tzinfo=None)], strict=True)) for code, *values, at in rows}
    expected = {code: {name: told.get(name) for name in names} for code, told in _expected(delivered).items()}
    assert found == expected and len(rows) == len(found)
    # Every oddity is there.
    assert sum(one["amount"] is not None and one["award"] is None for one in found.values()) >= 2, "foreign money"
    assert sum(one["currency"] is None and one["concluded"] is not None for one in found.values()) == 1, "two moneys"
    kinds = dict(warehouse.execute("SELECT transaction_type, count(added_yuan) FROM marts.transactions GROUP BY ALL").fetchall())
    assert kinds["land"] and kinds["property"] and not kinds["construction"] + kinds["procurement"]
    sold = warehouse.execute("SELECT count(award_amount) - count(added_yuan) FROM marts.transactions WHERE transaction_type = 'property'").fetchone()
    reasons = dict(
        warehouse.execute(
            "SELECT coalesce(not_comparable_reason, ''), count(*) FROM marts.transactions WHERE transaction_type = 'land' AND award_yuan IS NOT NULL GROUP BY ALL"
        ).fetchall()
    )
    assert reasons.pop("") >= 3
    assert reasons == {"one_price_for_several_parcels": 4, "parcel_without_price": 1, "parcels_not_stated": 1}
    assert warehouse.execute(
        "SELECT count(*) FROM marts.transactions WHERE transaction_type IN ('land', 'property') AND (award_yuan IS NULL OR added_yuan IS NULL) <> (award_yuan IS NULL OR not_comparable_reason IS NOT NULL)"
    ).fetchone() == (0,), "of what was sold either the added value is told or why not"
    ((unsold, marked),) = warehouse.execute(
        "SELECT count(*), count(not_comparable_reason) FROM marts.transactions WHERE transaction_type = 'land' AND concluded_at IS NULL"
    ).fetchall()
    assert unsold and not marked, "where nothing was sold nothing is compared"
    lots = warehouse.execute(
        "SELECT not_comparable_reason, count(*) FROM marts.transactions WHERE transaction_type = 'property' AND not_comparable_reason IS NOT NULL GROUP BY ALL"
    ).fetchall()
    assert dict(lots) == {"lot_without_price": 1, "no_starting_price": 1}
    assert sold == (3,), "one in foreign money, one of which a lot was sold at a rate, one of which a lot was never listed"
    assert warehouse.execute("SELECT count(supplier) FROM marts.transactions WHERE transaction_type = 'property'").fetchone() == (0,)


def test_bidders_are_counted_once_and_else_as_the_opening_record_states(warehouse: duckdb.DuckDBPyConnection, delivered: Path) -> None:
    listed = defaultdict(set)
    for line in _current(_read(delivered / "TENDER_LIST.csv")):
        listed[line["BID_SECTION_CODE"]].add(line["BIDDER_ORG_CODE"])
    openings = {line["BID_SECTION_CODES"]: line for line in _read(delivered / "BID_OPENING_RECORD.csv")}
    due = {line["BID_SECTION_CODES"]: line["BID_DOC_REFER_END_TIME"] for line in _read(delivered / "TENDER_ANN_QUA_INQUERY_ANN.csv")}
    expected = {}
    for line in _read(delivered / "SECTION.csv"):
        code = line["BID_SECTION_CODE"]
        stated = openings.get(code, {}).get("BIDDER_COUNT")
        opened = openings[code]["BID_OPENING_TIME"] if code in openings else due.get(code)
        expected[code] = (len(listed[code]) or (int(stated) if stated else None), _moment(opened) if opened else None)
    rows = warehouse.execute("SELECT subject_id, bidders, bids_opened_at FROM marts.transactions WHERE transaction_type = 'construction'").fetchall()
    assert {code: (bidders, at and at.replace(tzinfo=None)) for code, bidders, at in rows} == expected
    told = [bidders for bidders, _ in expected.values()]
    assert 4 in told and None in told and max(filter(None, told)) > 5
    assert warehouse.execute("SELECT count(bidders) FROM marts.transactions WHERE transaction_type <> 'construction'").fetchone() == (0,)


def test_every_report_of_an_exception_counts_once_in_its_section(warehouse: duckdb.DuckDBPyConnection, delivered: Path) -> None:
    regions = {line["BID_SECTION_CODE"]: line["REGION_CODE"] for line in _read(delivered / "SECTION.csv")}
    expected = sorted(
        (line["BID_SECTION_CODE"], regions[line["BID_SECTION_CODE"]], int(line["EXCEPITON_TYPE"] or 0), _moment(line["APPROVAL_TIME"]))
        for line in _current(_read(delivered / "TENDER_ABNORMITY_REPORT.csv"))
        if _moment(line["APPROVAL_TIME"]).date() <= AS_OF
    )
    rows = warehouse.execute(
        "SELECT subject_id, region_code, coalesce(exception_type, 0), approved_at, is_failed, transaction_type FROM marts.tender_exceptions"
    ).fetchall()
    assert sorted((code, region, kind, at.replace(tzinfo=None)) for code, region, kind, at, *_ in rows) == expected
    assert {(kind, is_failed) for _, _, kind, _, is_failed, _ in rows} >= {(0, None), (1, True), (2, False), (3, False), (9, False)}
    assert {row[-1] for row in rows} == {"construction"}
    events = warehouse.execute("SELECT count(*) FROM events.events WHERE event_type = 'tender_exception_approved'").fetchone()
    assert events == (len(expected) + 1,), "one is approved after the day"


def test_nothing_of_the_persons_behind_a_bid_leaves_staging(warehouse: duckdb.DuckDBPyConnection) -> None:
    names = {name for (name,) in warehouse.execute("SELECT column_name FROM information_schema.columns WHERE table_schema <> 'raw'").fetchall()}
    assert not names & {"project_manager", "project_manager_code", "project_manager_certificates", "consortium_contact", "consortium_contact_phone"}
