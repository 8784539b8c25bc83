"""Reports held against the records: the five published ones give the verdicts of the mart, and a file that is none is refused by line and column."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from exports.answers.period import Period
from exports.documents.errors import DocumentError
from exports.documents.figures import Asking
from exports.documents.indicators import indicator, indicators
from exports.documents.occasion import opening
from exports.documents.report_check import Checked, Published, check_report, read_published
from exports.publication import publish
from sources.loader import load_deliveries
from sources.simulated import simulate_city
from tests.dbt.building import build, prepared_warehouse

pytestmark = pytest.mark.thorough

SEED = Path(__file__).resolve().parents[3] / "dbt" / "seeds" / "published_figures_of_reports.csv"
CITIES = {"taian-2013": 2013, "guian-2016": 2016, "wenzhou-2016": 2016, "xianning-2017": 2017, "zhejiang-city": 2018}
AS_OF = "2019-01-25"


def _checked(home: Path, year: int, file: Path, source: str | None) -> list[Checked]:
    with opening(home) as occasion:
        return check_report(occasion.of(Period.read(str(year))), file, source)


@pytest.fixture(scope="module")
def five_reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("five")
    warehouse = prepared_warehouse(home / "work" / "warehouse.duckdb")
    for city in CITIES:
        simulate_city(city, home / city)
        load_deliveries(warehouse, home / city, home=home, received_at=datetime(2019, 1, 25, tzinfo=UTC))
    build(warehouse, home / "scratch", as_of=AS_OF)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS quality")
    publish(home, warehouse, manifest={"as_of": AS_OF, "known_at": AS_OF, "state": "", "fingerprint": ""}, build=lambda folder: None)
    return home


@pytest.mark.thorough
@pytest.mark.parametrize("city", CITIES)
def test_a_published_report_gets_the_verdicts_of_the_mart(five_reports: Path, city: str) -> None:
    checked = _checked(five_reports, CITIES[city], SEED, city)
    with duckdb.connect(str(five_reports / "published" / "current" / "warehouse.duckdb"), read_only=True) as connection:
        mart = connection.execute("SELECT indicator, computed, verdict FROM marts.published_figures WHERE report = ?", [city]).fetchall()
    assert Counter((one.published.indicator, one.computed, one.verdict) for one in checked) == Counter(mart)
    assert len(checked) == len(mart) >= 15


@pytest.mark.thorough
# The report of the Zhejiang city has its year masked: the mart counts every year of it.
@pytest.mark.parametrize("city", [city for city in CITIES if city != "zhejiang-city"])
def test_the_figures_of_documents_are_those_of_the_reports(five_reports: Path, city: str) -> None:
    with opening(five_reports) as occasion:
        asking = Asking(occasion.connection, city, CITIES[city], occasion.as_of)
        mart = dict(occasion.connection.execute("SELECT indicator, computed FROM marts.published_figures WHERE report = ?", [city]).fetchall())
        compared = {name: (indicator(asking, name).number, mart[name]) for name in indicators() if name in mart}
    assert {name: pair for name, pair in compared.items() if pair[0] != pair[1] and None not in pair} == {}
    assert city == "wenzhou-2016" or any(told is not None for told, _ in compared.values())


def test_a_report_of_one_s_own(shared_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    file.write_text(
        "指标,公布数,原文\nrequests_received,40件,新收40件\nrequests_received,41,\ninfo_published_total,30余,共30余条\nconsultations,5,没有交付\nleaders,xx,\nleaders,3,\n",
        encoding="utf-8",
    )
    told = [(one.verdict, one.reason, one.difference) for one in _checked(shared_home, 2022, file, "office")]
    assert told == [
        ("reproduced", None, Decimal(0)), ("differs", None, Decimal(-1)), ("reproduced", None, told[2][2]),
        ("not_derivable", "dataset_not_delivered", None), ("not_derivable", "not_a_number", None), ("not_derivable", "unknown_indicator", None),
    ]  # fmt: skip


def test_what_was_delivered_for_a_year_without_a_record_is_zero_and_what_was_not_is_missing(shared_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    file.write_text(
        "indicator,value\nquantification_notices,0\nblacklisted_subjects,0\ncredit_commitments,0\nquantification_notices,1\n", encoding="utf-8"
    )
    told = [(one.computed, one.verdict, one.reason) for one in _checked(shared_home, 2021, file, "office")]
    assert told == [
        (Decimal(0), "reproduced", None), (Decimal(0), "reproduced", None), (None, "not_derivable", "dataset_not_delivered"), (Decimal(0), "differs", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "operator", "expected"),
    [
        ("1,234", "", ("=", "1234", "")), ("３０余条", "", (">=", "30", "条")), ("98%以上", "", (">=", "98", "%")), ("15以内", "", ("<=", "15", "")),
        ("400余人次", "=", ("=", "400", "人次")), ("xxxx", "", ("=", "xxxx", "")), ("2018年1月25日", "", ("=", "2018年1月25日", "")), ("-3.5", ">=", (">=", "-3.5", "")),
        ("1.5万件", "", ("=", "15000", "件")), ("2万余条", "", (">=", "20000", "条")), ("3.2万元", "", ("=", "3.2", "万元")), ("1.2亿次", "", ("=", "120000000", "次")),
    ],
)  # fmt: skip
def test_figures_are_read_as_reports_write_them(tmp_path: Path, value: str, operator: str, expected: tuple[str, str, str]) -> None:
    file = tmp_path / "report.csv"
    file.write_bytes(f'indicator,value,operator\nx,"{value}",{operator}\n'.encode("gb18030"))
    assert list(read_published(file, "office")) == [Published("x", expected[0], expected[1], expected[2], "")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("indicator,number\nx,1\n", r"line 1: no column value; the columns are"),
        ("indicator,value\nx,1,2\n", r"line 2: 3 cells under 2 headings"),
        ("indicator,value\n,1\n", r"line 2, column indicator: empty"),
        ("indicator,value,operator\nx,1,~\n", r"line 2, column operator: '~' is none of =, >=, <=, <"),
        ('indicator,value\nx,"1\n', r"line 2: "),
        ("indicator,value\n", r"no figure of office in it"),
        ("", r"line 1: no column indicator"),
    ],
)
def test_a_file_that_is_none_is_refused(shared_home: Path, tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "report.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DocumentError, match=message):
        _checked(shared_home, 2022, file, "office")


def test_which_source_is_asked_for(shared_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    file.write_bytes(b"indicator,value\nx,1\n\xff\xff\xff\n")
    with pytest.raises(DocumentError, match="neither UTF-8 nor GB18030"):
        _checked(shared_home, 2022, file, "office")
    with pytest.raises(DocumentError, match=r"say which source with --source; there are office, "):
        _checked(shared_home, 2022, file, None)
    with pytest.raises(DocumentError, match=r"no source 'nobody' covers 2022"):
        _checked(shared_home, 2022, file, "nobody")
    with pytest.raises(DocumentError, match="No such file"):
        _checked(shared_home, 2022, tmp_path / "missing.csv", "office")
