"""`marts.statistics`: every figure counted again from the delivered lines in plain Python, and equal to what the documents say under the same name."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from exports.documents.figures import Asking
from exports.documents.indicators import indicators

pytestmark = pytest.mark.thorough

Lines = list[dict[str, str]]
Told = dict[tuple[str, int, str], Decimal]
CITY = "simulated-300-5-2022"
RESULTS = {
    "construction": ("WIN_RESULT_ANNO", "BID_SECTION_CODE", "NOTICE_SEND_TIME"),
    "procurement": ("BID_DEAL_ANNOUNCE", "PURCHASE_SECTION_CODE", "WIN_BID_BULLETIN_START_TIME"),
    "land": ("DEAL_LAND_INFO", "DEAL_ANNOUNCEMENT_GUID", "PUBLISHING_TIME"),
    "property": ("TRADE_RESULT_INFO", "PROJECT_CODE", "RESULT_PUBLISH_DATE"),
}


@pytest.fixture(scope="module")
def told(shared_home: Path) -> Told:
    with duckdb.connect(str(shared_home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT source_id, year, indicator, value FROM marts.statistics").fetchall()
    assert len({row[:3] for row in rows}) == len(rows)
    return {(source, year, indicator): value for source, year, indicator, value in rows}


def _lines(folder: Path) -> dict[str, Lines]:
    return {path.stem: list(csv.DictReader(path.open(encoding="utf-8"))) for path in folder.glob("*.csv")}


@pytest.mark.parametrize("year", [2021, 2022])
def test_the_office_is_counted_from_its_lines(told: Told, shared_home: Path, year: int) -> None:
    lines = _lines(shared_home / "office")

    def of_the_year(name: str, column: str, **wanted: str) -> Lines:
        return [line for line in lines[name] if line[column][:4] == str(year) and all(line[key] == value for key, value in wanted.items())]

    expected = {
        "requests_received": len(of_the_year("INFORMATION_REQUEST", "RECEIVED_TIME")),
        "requests_answered": len(of_the_year("INFORMATION_REQUEST", "ANSWERED_TIME")),
        "info_published_total": len(of_the_year("DISCLOSURE_REGISTER", "PUBLISHED_TIME", OPENNESS="主动公开")),
        "permits": len(of_the_year("PERMIT_PENALTY", "DECIDED_TIME", KIND="许可")),
        "penalties": len(of_the_year("PERMIT_PENALTY", "DECIDED_TIME", KIND="处罚")),
        "reconsiderations": len(of_the_year("REVIEW_LITIGATION", "FILED_TIME", KIND="复议")),
        "litigations": len(of_the_year("REVIEW_LITIGATION", "FILED_TIME", KIND="诉讼")),
        "complaints": 0,
        "quantification_notices": len(of_the_year("POINT_NOTICE", "ISSUED_TIME")),
        "blacklisted_subjects": len({line["BODY_CODE"] for line in of_the_year("BLACK_LIST", "RECORD_DATE")}),
    }
    found = {indicator: value for (source, of_year, indicator), value in told.items() if (source, of_year) == ("office", year)}
    assert {name: found[name] for name in expected} == expected
    assert not any(name.startswith(("transactions", "failed", "award")) for name in found), "not delivered is not zero"
    assert sum(expected.values()) > 100


def test_the_city_is_counted_from_its_lines(told: Told, shared_home: Path) -> None:
    lines = _lines(shared_home / "city")
    lines["TRADE_RESULT_INFO"] += lines["STOCK_TRADE_RESULT_INFO"]
    expected: Counter[tuple[int, str]] = Counter()
    for kind, (name, subject, time) in RESULTS.items():
        first: dict[str, str] = {}
        for line in sorted(lines[name], key=lambda line: line[time]):
            first.setdefault(line[subject], line[time])
        for moment in first.values():
            expected[int(moment[:4]), f"transactions_{kind}"] += 1
            expected[int(moment[:4]), "transactions"] += 1
    for line in lines["TENDER_ABNORMITY_REPORT"]:
        expected[int(line["APPROVAL_TIME"][:4]), "failed_tenders"] += line["EXCEPITON_TYPE"] == "1"
    opened = {line["BID_SECTION_CODE"]: int(line["CHECKIN_TIME"][:4]) for line in lines["TENDER_LIST"]}
    for code, year in opened.items():
        expected[year, "sections_with_bidders"] += 1
        expected[year, "bidders"] += len({line["BIDDER_ORG_CODE"] for line in lines["TENDER_LIST"] if line["BID_SECTION_CODE"] == code})
    names = {name for _, name in expected}
    found = {(year, indicator): value for (source, year, indicator), value in told.items() if source == CITY and indicator in names}
    assert found == {key: count for key, count in expected.items() if count or key[0] == 2022}
    assert len(names) == 8 and all(expected[2022, name] for name in names)


def test_documents_say_the_same_under_the_same_name(told: Told, shared_home: Path) -> None:
    same = [name for name in indicators() if any(indicator == name for *_, indicator in told)]
    assert len(same) > 15
    with duckdb.connect(str(shared_home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        for source in ("office", CITY):
            for year in (2021, 2022):
                asking = Asking(connection, source, year, date(2023, 1, 25))
                for name in same:
                    figure, parameters = indicators()[name]
                    assert asking.figure(figure, **parameters).number == told.get((source, year, name)), (source, year, name)
