"""An annual report is held against the year it tells of, however many years were delivered."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.dbt.building import built

pytestmark = pytest.mark.thorough

AS_OF = date(2018, 6, 30)
YEARS = {"20160620": 1, "20170620": 2, "20180420": 4}
"""Days of three years, and how many records each year has: no sum of some of them is the number of another."""


def _write(folder: Path, dataset: str, headings: str, rows: Sequence[Sequence[str]]) -> None:
    with (folder / f"{dataset}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(headings.split())
        writer.writerows(rows)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Decimal | None]]:
    """What the records give for the figures of the report of 2017."""
    folder = tmp_path_factory.mktemp("report_years") / "delivered"
    folder.mkdir()
    (folder / "delivery.toml").write_text('source_id = "xianning-2017"\nregion_code = "421200"\n', encoding="utf-8")
    days = [(day, f"{day[:4]}-{number}") for day, count in YEARS.items() for number in range(count)]
    requests = [(code, "网络", f"{day}090000", f"{day}150000", "不予公开", "10") for day, code in days]
    _write(folder, "INFORMATION_REQUEST", "REQUEST_NUMBER FORM RECEIVED_TIME ANSWERED_TIME OUTCOME FEE", requests)
    _write(folder, "POINT_NOTICE", "NOTICE_NUMBER BODY_NAME POINTS ISSUED_TIME", [(code, "某公司", "1", f"{day}090000") for day, code in days])
    _write(folder, "BLACK_LIST", "BLACKLIST_CODE BODY_NAME RECORD_DATE", [(code, f"公司{code}", f"{day}090000") for day, code in days])
    _write(folder, "CREDIT_COMMITMENT", "BODY_NAME SECTION_CODE SIGNED_TIME", [("某公司", code, f"{day}090000") for day, code in days])
    penalties = [(code, "某案", "421200", f"{day}090000", f"{day}090000") for day, code in days]
    _write(folder, "VIOLATING_LAWS_RULES_INFO", "VIOLATING_CODE VIOLATING_NAME AREA DECISION_TIME OPERATE_DATE", penalties)
    with built(folder, AS_OF) as warehouse:
        rows = warehouse.execute("SELECT indicator, computed FROM marts.published_figures WHERE report = 'xianning-2017'").fetchall()
        yield dict(rows)


@pytest.mark.parametrize(
    ("indicator", "figure"),
    [
        ("requests_received", 2),
        ("requests_answered_in_time", 2),
        ("requests_refused", 2),
        ("fees_collected", 20),
        ("quantification_notices", 2),
        ("blacklisted_subjects", 2),
        ("credit_commitments", 2),
        ("city_cases", 2),
        ("county_cases", 0),
        ("cases_all", 2),
    ],
)
def test_the_figures_are_those_of_the_year_of_the_report(figures: dict[str, Decimal | None], indicator: str, figure: int) -> None:
    assert figures[indicator] == figure
