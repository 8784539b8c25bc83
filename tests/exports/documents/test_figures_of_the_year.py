"""`marts.statistics`: every figure counted again from the delivered lines in plain Python, and equal to what the documents say under the same name."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from exports.documents.figures import Asking, figures
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
        rows = connection.execute("SELECT source_id, year, indicator, value FROM marts.statistics WHERE subject IS NULL").fetchall()
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


SELECTED = {
    "push_quality": (
        "dataset, region_code, period_kind, period_start",
        {"push_records": "records", "push_pushed": "pushed", "push_judged": "judged", "push_accepted": "accepted", "push_on_time": "on_time", "push_accurate": "accurate",
         "push_late": "late", "push_refused": "refused", "push_unanswered": "unanswered", "push_never_sent": "never_sent", "push_timeliness": "100 * on_time / judged",
         "push_accuracy": "100 * accurate / judged", "push_completeness": "100 * pushed / records"},
    ),
    "disclosed_items_by_channel": (
        "channel, source_id, year",
        {"info_published_over_channel": "items", "info_published_over_channel_alone": "items_only_there"},
    ),
    "disclosed_items_by_category": ("category, source_id, year", {"info_published_of_category": "items"}),
    "consultations_by_channel": ("channel, source_id, year", {"consultations_over_channel": "consultations"}),
    "requests_by_form": ("form, source_id, year", {"requests_of_form": "requests"}),
    "requests_by_outcome": ("outcome, source_id, year", {"answers_of_outcome": "answers"}),
    "disputes_by_kind": ("kind, source_id, year", {f"disputes{one}": one.strip("_") or "filed" for one in ("", "_upheld", "_corrected", "_other", "_pending")}),
    "double_publicity": ("kind, source_id, year", {"decisions": "decided"}),
}  # fmt: skip
"""Per mart: the keys, of which the first is the subject, and what its figures are called."""


@pytest.mark.parametrize("mart", SELECTED)
def test_what_a_mart_counts_by_channel_county_or_month_is_selected_with_its_keys(shared_home: Path, mart: str) -> None:
    keys, indicators = SELECTED[mart]
    others = keys.partition(", ")[2]
    with duckdb.connect(str(shared_home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        counted = {
            (name, *row[:-1]): Decimal(row[-1])
            for name, column in indicators.items()
            # Finer rows of a mart, by department or duty, are added up.
            for row in connection.execute(
                f"SELECT {keys}, sum({column})::DECIMAL(20, 6) FROM marts.{mart} GROUP BY ALL HAVING count({column}) > 0"
            ).fetchall()
            if None not in row
        }
        found = connection.execute(
            f"SELECT indicator, subject, {others}, value FROM marts.statistics WHERE list_contains($names, indicator)",
            {"names": list(indicators)},
        ).fetchall()
    assert {row[:-1]: row[-1] for row in found} == counted and len(found) == len(counted)
    assert mart == "consultations_by_channel" or sum(value > 0 for value in counted.values()) > 3


def test_every_figure_that_is_looked_up_has_an_indicator(shared_home: Path) -> None:
    with duckdb.connect(str(shared_home / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        ((told,),) = connection.execute("SELECT sql FROM duckdb_views() WHERE schema_name = 'marts' AND view_name = 'statistics'").fetchall()
        of_subjects = {name for (name,) in connection.execute("SELECT DISTINCT indicator FROM marts.statistics WHERE subject IS NOT NULL").fetchall()}
    assert all(bool(figure.statistic) != bool(figure.value) for figure in figures().values())
    looked_up = [figure for figure in figures().values() if figure.statistic]
    assert [figure.name for figure in looked_up if f"'{figure.statistic.replace('$type', 'land')}'" not in told] == [] and len(looked_up) > 20
    assert {figure.statistic for figure in looked_up if figure.subject} - {"consultations_over_channel"} <= of_subjects, (
        "no consultation is delivered here"
    )


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
