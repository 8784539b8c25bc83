"""The real records beside the project: what was delivered is loaded or told, and Yichang is judged as plain Python judges it."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.loader import LoadSummary, load_deliveries
from tests.dbt.building import build, prepared_warehouse

DATA = Path(__file__).resolve().parents[3] / "shared/data"
#: Seventy files of one record, each of three data sets: a quarter of a minute.
FOLDERS = (
    "yichang-2025",
    *(pytest.param(name, marks=pytest.mark.thorough) for name in ("hangzhou-2023", "land-2018-2020", "national-portal-2026", "ocds")),
)
AS_OF = date(2026, 1, 5)
TIME = re.compile(r"(\d{4})年(\d{2})月(\d{2})日\s*(\d{2})时(\d{2})分")

pytestmark = [pytest.mark.thorough, pytest.mark.skipif(not DATA.exists(), reason="the real samples (../shared/data) are not here")]


class Sample:
    """One folder of real records, loaded once."""

    def __init__(self, folder: str, home: Path) -> None:
        self.warehouse = prepared_warehouse(home / "work/warehouse.duckdb")
        self.home = home
        self.folder = DATA / folder
        self.summary = self.load()

    def load(self) -> LoadSummary:
        return load_deliveries(self.warehouse, self.folder, home=self.home, received_at=datetime(2026, 1, 5, tzinfo=UTC))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            return connection.execute(sql).fetchall()

    def ledger(self) -> dict[tuple[str, str], tuple[int, int, int, int]]:
        rows = self.query("SELECT file, dataset, rows_received, rows_loaded, rows_quarantined, rows_duplicate FROM meta.deliveries")
        return {(file, dataset): tuple(counts) for file, dataset, *counts in rows}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Sample]:
    loaded: dict[str, Sample] = {}

    def of(folder: str) -> Sample:
        if folder not in loaded:
            loaded[folder] = Sample(folder, tmp_path_factory.mktemp(folder))
        return loaded[folder]

    return of


@pytest.fixture(scope="module")
def yichang(sample: Callable[[str], Sample]) -> Sample:
    return sample("yichang-2025")


@pytest.fixture(scope="module")
def judged(yichang: Sample, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    scratch = tmp_path_factory.mktemp("dbt")
    build(yichang.warehouse, scratch, as_of=AS_OF.isoformat(), select="+obligations +link_rates")
    return yichang


def _json(name: str) -> list[dict[str, Any]]:
    return list(json.loads((DATA / "yichang-2025" / name).read_text(encoding="utf-8")))


def _csv(name: str) -> list[list[str]]:
    with (DATA / "land-2018-2020" / name).open(encoding="gb18030", newline="") as stream:
        return list(csv.reader(stream))[1:]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_ledger_balances_and_agrees_with_the_tables(sample: Callable[[str], Sample], folder: str) -> None:
    delivered = sample(folder)
    assert not delivered.query("SELECT * FROM meta.deliveries WHERE rows_received <> rows_loaded + rows_quarantined + rows_duplicate")
    tables = delivered.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw'")
    rows = sum(delivered.query(f"SELECT count(*) FROM raw.{table}")[0][0] for (table,) in tables)
    assert rows == delivered.summary.rows_loaded == sum(counts[1] for counts in delivered.ledger().values())
    set_aside = delivered.query("SELECT count(*) FROM meta.quarantine WHERE dataset IS NOT NULL")
    assert set_aside == [(delivered.summary.rows_quarantined,)]
    # Every refused file says why.
    assert delivered.query("SELECT file FROM meta.deliveries WHERE status = 'refused' ORDER BY 1") == delivered.query(
        "SELECT file FROM meta.quarantine WHERE dataset IS NULL AND reason <> '' ORDER BY 1"
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_same_folder_again_changes_nothing(sample: Callable[[str], Sample], folder: str) -> None:
    delivered = sample(folder)
    again = delivered.load()
    assert (again.new_files, again.changed, again.state) == (0, False, delivered.summary.state)


def test_yichang_loads_every_record(yichang: Sample) -> None:
    assert yichang.ledger() == {
        ("candidate_publicity.json", "TENDER_CANDIDATE_ANNOUNCE"): (1078, 1078, 0, 0),
        ("candidate_publicity.json", "TENDER_CANDIDATE"): (3415, 3415, 0, 0),
        ("award_results.json", "WIN_RESULT_ANNO"): (1181, 1181, 0, 0),
        ("portal_index.json", "PORTAL_ENTRY"): (420, 420, 0, 0),
    }
    assert sum(len(record["bidders_and_prices"]) for record in _json("candidate_publicity.json")) == 3415


def test_yichang_counties_by_section_code_agree_with_the_portal(yichang: Sample) -> None:
    portal = {entry["infourl"]: entry["xiaqucode"] for entry in _json("portal_index.json")}
    awards = yichang.query("SELECT url, region_code, section_code FROM raw.award_notices WHERE region_code IS NOT NULL")
    both = [(region, portal[url], code) for url, region, code in awards if url in portal]
    assert len(both) == 312
    assert [entry for entry in both if entry[0] != entry[1]] == []
    assert len({region for region, _, _ in both}) >= 10


def test_yichang_times_and_prices_are_those_of_the_source(yichang: Sample) -> None:
    loaded = yichang.query("SELECT url, publicity_started_at::VARCHAR, publicity_ended_at::VARCHAR FROM raw.candidate_publicities")
    expected = []
    for record in _json("candidate_publicity.json"):
        start, end = ("{}-{}-{} {}:{}:00+08".format(*found) for found in TIME.findall(record["publicity_period"]))
        expected.append((record["infourl"], start, end))
    assert Counter(loaded) == Counter(expected)
    plain = re.compile(r"\d+(\.\d+)?")
    prices = [
        float(item["price"])
        for record in _json("candidate_publicity.json")
        for item in record["bidders_and_prices"]
        if plain.fullmatch(item["price"])
    ]
    # A bare number under 200 is a rate in this source.
    in_yuan = [price for price in prices if price >= 200]
    assert len(in_yuan) > 1000
    ((amounts,),) = yichang.query("SELECT list(bid_price::DOUBLE) FROM raw.candidates WHERE bid_price IS NOT NULL")
    assert not Counter(in_yuan) - Counter(amounts)


def test_yichang_publicities_lasted_three_days(judged: Sample) -> None:
    met = missed = 0
    for record in _json("candidate_publicity.json"):
        start, end = (date(*map(int, found[:3])) for found in TIME.findall(record["publicity_period"]))
        if (end - start).days >= 3:
            met += 1
        else:
            missed += 1
    assert (met, missed) == (1078, 0)
    assert judged.query("SELECT verdict, count(*) FROM marts.obligations WHERE rule_id = 'T-08' GROUP BY verdict") == [("met", met)]


def test_yichang_publicities_find_their_awards_by_title(judged: Sample) -> None:
    folded = str.maketrans("（）［］【】〔〕，：；／", "()[][][],:;/")

    def key(title: str) -> str:
        return re.sub(r"(中标候选人公示|中标结果公告).*$", "", re.sub(r"\s", "", title.translate(folded)))

    sections: dict[str, set[str]] = {}
    for award in _json("award_results.json"):
        code = re.sub(r"\s", "", award["标段(包)编号"].translate(folded)).upper()
        sections.setdefault(key(award["title"]), set()).add(code)
    publicities = [record for record in _json("candidate_publicity.json") if len(sections.get(key(record["title"]), ())) == 1]
    linked = {record["infourl"]: next(iter(sections[key(record["title"])])) for record in publicities}
    assert len(publicities) == 871
    found = dict(judged.query("SELECT url, subject_id FROM events.notice_links WHERE table_name = 'candidate_publicities' AND method = 'title'"))
    assert found == linked
    rates = judged.query("SELECT method, notices FROM marts.link_rates WHERE table_name = 'candidate_publicities' ORDER BY method")
    assert rates == [("none", 207), ("title", 871)]


def test_hangzhou_ruined_codes_and_ambiguous_times_are_set_aside(sample: Callable[[str], Sample]) -> None:
    hangzhou = sample("hangzhou-2023")
    rows = hangzhou.query("SELECT rule, value, file, row_number, record FROM meta.quarantine")
    assert Counter(rule for rule, *_ in rows) == {"ruined_code": 11, "unreadable_instant": 35}
    assert all(re.fullmatch(r"\d(\.\d+)?E\+\d+", value) for rule, value, *_ in rows if rule == "ruined_code")
    times = {value for rule, value, *_ in rows if rule == "unreadable_instant"}
    assert {"2023/11/219:30:00", "2223/7/7 8:45"} <= times
    # Day and hour run together with two readings, or a slip of the pen: every other shape of the source is read.
    slips = {value for value in times if not re.fullmatch(r"\d{4}/\d{1,2}/\d{2,4}:\d{2}(:\d{2})?", value)}
    assert slips == {"2023-10-11 8;45", "2023-10-17 8;45", "2023/11/22 09:00/", "22023/10/27 08:45:00", "2223/7/7 8:45"}
    assert all(number and json.loads(record) for *_, number, record in rows)
    # The GB18030 files repeat what the workbooks hold.
    assert all(counts[1] == 0 for (file, _), counts in hangzhou.ledger().items() if file.endswith("gb18030.csv"))


def test_hangzhou_states_how_many_bid(sample: Callable[[str], Sample]) -> None:
    hangzhou = sample("hangzhou-2023")
    path = DATA / "hangzhou-2023" / "bid_openings_gb18030.csv"
    with path.open(encoding="gb18030", newline="") as stream:
        stated = {row["id"]: int(row["投标单位数量"]) for row in csv.DictReader(stream)}
    found = dict(hangzhou.query("SELECT data_key, any_value(bidder_count) FROM raw.bid_openings GROUP BY data_key"))
    both = found.keys() & stated.keys()
    assert len(both) > 800 and max(stated.values()) > 100
    assert {key: found[key] for key in both} == {key: stated[key] for key in both}


def test_hangzhou_codes_of_its_own_stand_for_the_districts_their_titles_name(sample: Callable[[str], Sample]) -> None:
    named = """SELECT substring(section_code, 2, 6), region_code, count(*), count(*) FILTER (contains({title}, '钱塘') OR contains({title}, '下沙')),
        count(*) FILTER (contains({title}, '临安')), count(*) FILTER (regexp_matches({title}, '上城|拱墅|西湖|滨江|萧山|余杭|临平|富阳|桐庐|淳安|建德'))
        FROM raw.{table} WHERE section_code SIMILAR TO 'A3301(30|85).*' GROUP BY 1, 2 ORDER BY 1"""
    awards = sample("hangzhou-2023").query(named.format(title="notice_title", table="award_notices"))
    sections = sample("hangzhou-2023").query(named.format(title="section_name", table="sections"))
    assert awards == [("330130", "330114", 64, 12, 0, 0), ("330185", "330112", 77, 0, 29, 0)]
    assert sections == [("330130", "330114", 86, 15, 0, 0), ("330185", "330112", 101, 0, 32, 0)]


def test_tianjin_and_shenzhen_keep_every_announcement_that_was_crawled_repeatedly(sample: Callable[[str], Sample]) -> None:
    land = sample("land-2018-2020")
    # Rows differ only in the time of the crawl; the identifier stands second to last, and announcements are told apart by it and the title.
    announcements = {(row[-2], row[0]) for row in _csv("tianjin_notices.csv")}
    results = {(row[-2], row[2]) for row in _csv("tianjin_results.csv")}
    ledger = land.ledger()
    assert (len(announcements), len(results)) == (70, 70)
    assert ledger["tianjin_notices.csv", "DEAL_BEHAVIOR_INFO"] == (239, 70, 0, 169)
    assert ledger["tianjin_results.csv", "DEAL_LAND_INFO"] == (223, 70, 0, 153)
    assert ledger["shenzhen_listings.csv", "DEAL_BEHAVIOR_INFO"] == (154, 51, 0, 103)
    assert ledger["shenzhen_listings.csv", "DEAL_LAND_INFO"] == (148, 50, 0, 98)
    assert sum(row[1] == "已成交" for row in _csv("shenzhen_listings.csv")) == 148
    numbers = [(title, title.count("挂)") + title.count("挂）")) for _, title in announcements]
    alone = sum(count == 1 and "等" not in title and ("号宗地" in title or "号地块" in title) for title, count in numbers)
    assert alone > 40
    # Of one parcel the starting price is that of what is sold; of several, and where the title says nothing, it is not compared.
    assert land.query(
        """SELECT source_id, field_num, count(*) FROM raw.land_notices JOIN meta.deliveries ON delivery_number = source_row // 1000000000
        WHERE dataset = 'DEAL_BEHAVIOR_INFO' GROUP BY ALL ORDER BY ALL"""
    ) == [("shenzhen-land", 1, 51), ("tianjin-land", 1, alone), ("tianjin-land", 2, 1), ("tianjin-land", None, 70 - alone - 1)]
    # The header of Tianjin is one short: the address must stand in its own column, not under the next.
    assert land.query("SELECT count(*) FROM raw.land_results WHERE url LIKE 'http%'")[0][0] == 70
    assert land.query("SELECT value FROM meta.held_values") == [("2020年1至2020年2月10日9:30",)]
    assert land.query(
        "SELECT deal_price::BIGINT FROM raw.land_results WHERE land_code = '津蓟工（挂）2019-014号' OR land_code = '津蓟工(挂)2019-014号'"
    ) == [(6_400_000,)]


@pytest.mark.thorough
def test_ocds_and_the_portal(sample: Callable[[str], Sample]) -> None:
    ocds, portal = sample("ocds"), sample("national-portal-2026")
    by_dataset: Counter[str] = Counter()
    for (_, dataset), counts in ocds.ledger().items():
        by_dataset[dataset] += counts[1]
    assert by_dataset == {"PURCHASE_QUALI_INQUERY_ANN": 54, "BID_DEAL_ANNOUNCE": 45, "PURCHASE_CONTRACT": 58}
    # Two record packages hold no compiled release.
    assert ocds.query("SELECT rule, column_name, count(*) FROM meta.quarantine GROUP BY ALL") == [("not_a_record", "compiledRelease", 2)]
    # Awards of three tenders went to several suppliers; each comes as release and compiled, by two interfaces.
    several = ocds.query("SELECT supplier_name, supplier_code FROM raw.procurement_results WHERE contains(supplier_name, '；')")
    assert len(several) == 10
    assert ("GUSTAVO ALBERTO AQUINO ALFIERI；NELSON FRANCISCO VERA QUINTANA", "368894-1;855506-0") in several
    assert portal.summary.rows_loaded == 21
    assert portal.query("SELECT file, rule FROM meta.quarantine ORDER BY 1") == [("detail_a.html", "no_data_set"), ("detail_b.html", "no_data_set")]
