"""The warehouse and a second computation in plain Python, apart from dbt, agree on every obligation of the simulated cities."""

import csv
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from sources.loader import load_deliveries
from sources.simulated import simulate_city, simulate_sections
from sources.simulated.cities import CITIES
from tests.dbt.building import build, prepared_warehouse
from tests.end_to_end.recomputation import judge, read_city

Judgement = dict[tuple[str, str], Counter[tuple[str, date | None]]]


def _deliver(city: str, folder: Path) -> None:
    if city in CITIES:
        simulate_city(city, folder)
    else:
        simulate_sections(int(city), 20171, folder)


def _warehouse(deliveries: Path, home: Path, as_of: date, known_at: date) -> Judgement:
    warehouse = prepared_warehouse(home / "work" / "warehouse.duckdb")
    load_deliveries(warehouse, deliveries, home=home, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    build(warehouse, home, as_of=as_of.isoformat(), variables=f"known_at: '{known_at}'")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "SELECT rule_id, subject_id, coalesce(missed_reason, undecidable_reason, verdict), due_on FROM marts.obligations"
        ).fetchall()
    found: Judgement = defaultdict(Counter)
    for rule, subject, outcome, due in rows:
        found[rule, subject][outcome, due] += 1
    return found


def _recomputed(deliveries: Path, as_of: date, known_at: date) -> Judgement:
    found: Judgement = defaultdict(Counter)
    statement = tomllib.loads((deliveries / "delivery.toml").read_text(encoding="utf-8"))
    city = read_city(deliveries, statement["covers_from"], statement["covers_to"], as_of, known_at)
    for (rule, subject, _), judgement in judge(city).items():
        found[rule, subject][judgement] += 1
    return found


@pytest.mark.parametrize(
    ("city", "as_of", "known_at"),
    [
        pytest.param("250", date(2018, 1, 25), date(2018, 1, 25), marks=pytest.mark.thorough),
        pytest.param("250", date(2017, 8, 1), date(2017, 9, 15), marks=pytest.mark.thorough),
        pytest.param("taian-2013", date(2014, 1, 25), date(2014, 1, 25), marks=pytest.mark.thorough),
        pytest.param("taian-2013", date(2013, 4, 1), date(2013, 4, 1), marks=pytest.mark.thorough),
        pytest.param("guian-2016", date(2017, 1, 25), date(2017, 1, 25), marks=pytest.mark.thorough),
        pytest.param("guian-2016", date(2016, 6, 1), date(2016, 6, 1), marks=pytest.mark.thorough),
        pytest.param("zhejiang-city", date(2019, 1, 25), date(2019, 1, 25), marks=pytest.mark.thorough),
        pytest.param("wenzhou-2016", date(2017, 1, 25), date(2017, 1, 25), marks=pytest.mark.thorough),
        pytest.param("wenzhou-2016", date(2016, 7, 15), date(2016, 7, 15), marks=pytest.mark.thorough),
        pytest.param("xianning-2017", date(2018, 1, 25), date(2018, 1, 25), marks=pytest.mark.thorough),
        pytest.param("xianning-2017", date(2017, 7, 14), date(2017, 7, 14), marks=pytest.mark.thorough),
        pytest.param("2500", date(2018, 1, 25), date(2018, 1, 25), marks=pytest.mark.thorough),
    ],
)
def test_every_obligation_agrees(tmp_path: Path, city: str, as_of: date, known_at: date) -> None:
    deliveries = tmp_path / "deliveries"
    _deliver(city, deliveries)
    from_warehouse = _warehouse(deliveries, tmp_path, as_of, known_at)
    recomputed = _recomputed(deliveries, as_of, known_at)
    different = {
        key: (dict(from_warehouse.get(key, {})), dict(recomputed.get(key, {})))
        for key in from_warehouse.keys() | recomputed.keys()
        if from_warehouse.get(key) != recomputed.get(key)
    }
    assert not different, f"{len(different)} of {len(recomputed)} differ, such as {dict(list(different.items())[:5])}"
    if city in REPORTS and as_of.month == 1:
        _agrees_with_the_report(tmp_path / "work" / "warehouse.duckdb", deliveries, city)
    assert sum(sum(counter.values()) for counter in from_warehouse.values()) > 100
    assert {outcome for counter in from_warehouse.values() for outcome, _ in counter} >= {"met", "pending" if as_of.month > 1 else "late"}


Lines = dict[str, list[dict[str, str]]]


def _agrees_with_the_report(warehouse: Path, deliveries: Path, city: str) -> None:
    """The figures of the report, from the delivered lines and from the mart; what differs from the printed ones is named."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "SELECT indicator, computed, verdict, reason FROM marts.published_figures WHERE computed IS NOT NULL ORDER BY indicator"
        ).fetchall()
        masked = connection.execute("SELECT indicator FROM marts.published_figures WHERE regexp_full_match(published, 'x+')").fetchall()
    lines = {path.stem: list(csv.DictReader(path.open(encoding="utf-8"))) for path in deliveries.glob("*.csv")}
    figures, differing = REPORTS[city]
    assert {indicator: float(computed) for indicator, computed, *_ in rows} == figures(lines)
    assert {indicator: reason for indicator, _, verdict, reason in rows if verdict == "differs"} == differing
    assert {verdict for _, _, verdict, reason in rows if reason != "not_a_number"} == ({"reproduced", "differs"} if differing else {"reproduced"})
    # What the report masks is compared with nothing, whatever the records give.
    compared = {indicator for indicator, _, verdict, _ in rows if verdict != "not_derivable"}
    assert compared == figures(lines).keys() - {indicator for (indicator,) in masked}


def _xianning(lines: Lines) -> dict[str, float]:
    own = {"EVALUATION_REPORT", "INFORMATION_REQUEST", "POINT_NOTICE", "CREDIT_COMMITMENT", "REVIEW_LITIGATION", "PUSH_RECEIPT"}
    areas = [line["AREA"] for line in lines["VIOLATING_LAWS_RULES_INFO"]]
    return {
        "records_pushed_to_province": sum(len(found) for name, found in lines.items() if name not in own),
        "county_subcentres": len({line["REGION_CODE"] for line in lines["SECTION"]} - {"421200"}),
        "requests_received": len(lines["INFORMATION_REQUEST"]),
        "requests_answered_in_time": 135,
        "requests_refused": 0,
        "fees_collected": 0,
        "reconsiderations": len(lines["REVIEW_LITIGATION"]),
        "litigations": len(lines["REVIEW_LITIGATION"]),
        "city_cases": areas.count("421200"),
        "county_cases": len(areas) - areas.count("421200"),
        "cases_all": 17,
        "quantification_notices": len(lines["POINT_NOTICE"]),
        "blacklisted_subjects": len({line["BODY_CODE"] for line in lines["BLACK_LIST"]}),
        "credit_commitments": len(lines["CREDIT_COMMITMENT"]),
        **_pushes(lines["PUSH_RECEIPT"]),
    }


def _pushes(receipts: list[dict[str, str]]) -> dict[str, float]:
    """Of the records published in the year: accepted within a day, and at the first attempt without a later correction; in per cent of those pushed."""

    def moment(receipt: dict[str, str], name: str) -> datetime:
        return datetime.strptime(receipt[name], "%Y%m%d%H%M%S")

    records: dict[tuple[str, str], list[dict[str, str]]] = {}
    for receipt in sorted(receipts, key=lambda receipt: int(receipt["ATTEMPT"])):
        records.setdefault((receipt["PUSHED_DATASET"], receipt["PUSHED_KEY"]), []).append(receipt)
    pushed = [found for found in records.values() if found[0]["PUBLISHED_TIME"].startswith("2017") and "3" not in {one["OPERATION"] for one in found}]
    accepted = [next((one for one in found if one["STATUS"] == "已接收"), None) for found in pushed]
    in_time = [one for one in accepted if one and moment(one, "ACCEPTED_TIME") - moment(one, "PUBLISHED_TIME") <= timedelta(hours=24)]
    right_at_once = [found for found in pushed if found[0]["STATUS"] == "已接收" and "2" not in {one["OPERATION"] for one in found}]
    return {"push_timeliness": round(100 * len(in_time) / len(pushed), 6), "push_accuracy": round(100 * len(right_at_once) / len(pushed), 6)}


def _taian(lines: Lines) -> dict[str, float]:
    names = {
        "leaders_org_personnel": "机构领导、设置及人事信息", "policy_regulations": "政策法规、规范性文件信息", "plans": "规划计划",
        "business_work": "业务工作", "statistics": "统计数据", "other": "其他信息",
    }  # fmt: skip
    items = Counter(line["CATEGORY"] for line in lines["DISCLOSURE_REGISTER"])
    consultations = Counter(line["CHANNEL"] for line in lines["CONSULTATION"])
    tenth = Decimal("0.1")
    return {
        "info_published_total": items.total(),
        **{f"info_{name}": items[word] for name, word in names.items()},
        **{f"share_{name}": float((Decimal(100 * items[word]) / items.total()).quantize(tenth, ROUND_HALF_UP)) for name, word in names.items()},
        "requests_received": len(lines["INFORMATION_REQUEST"]),
        "consultations": consultations.total(),
        **{f"consultations_{name}": consultations[word] for name, word in (("onsite", "现场"), ("phone", "电话"), ("online", "网上"))},
        **dict.fromkeys(("complaints", "reconsiderations", "litigations"), len(lines["REVIEW_LITIGATION"])),
    }


def _guian(lines: Lines) -> dict[str, float]:
    items = [(line["CATEGORY"], line["CHANNEL"].split("；")) for line in lines["DISCLOSURE_REGISTER"]]
    website = Counter(category for category, channels in items if "门户网站" in channels)
    channels = Counter(channel for _, over in items for channel in over)
    subjects = {
        "site_documents_central": "中央文件", "site_documents_province": "省文件", "site_documents_newarea": "新区文件",
        "interpretations_newarea": "新区政策解读", "interpretations_province": "省政策解读", "interpretations_state": "国办政策解读",
        "site_plans": "规划计划", "site_personnel": "人事信息", "site_statistics": "统计数据", "site_finance": "财政信息",
        "site_government_procurement": "政府采购", "site_key_project_construction": "重点项目施工", "site_major_project_approval": "重大项目审批",
        "site_responsibility_power_list": "责任权力清单", "site_environment": "环境保护", "site_public_health": "公共卫生", "site_work_safety": "安全生产",
        "site_food_drug": "食品药品", "site_housing": "保障性住房", "site_poverty": "扶贫工作", "agriculture_info": "农业农村",
    }  # fmt: skip
    decisions = [line for line in lines["PERMIT_PENALTY"] if line["PUBLISHED_TIME"]]
    requests = lines["INFORMATION_REQUEST"]
    return {
        # Each item once, whatever it went over.
        "info_disclosed_platforms": len(items),
        "info_gazette": channels["政府公报"],
        "info_website": channels["门户网站"],
        "info_weibo": channels["官方微博"],
        "info_wechat": channels["官方微信"],
        **{indicator: website[word] for indicator, word in subjects.items()},
        "interpretations": sum(website[word] for word in ("新区政策解读", "省政策解读", "国办政策解读")),
        "double_publicity_departments": len({line["AUTHORITY"] for line in lines["PERMIT_PENALTY"]}),
        "double_publicity_permits": sum(line["KIND"] == "许可" for line in decisions),
        "double_publicity_penalties": sum(line["KIND"] == "处罚" for line in decisions),
        "requests_received": len(requests),
        "requests_completed_in_time": 6,
        "requests_online": sum(line["FORM"] == "网络" for line in requests),
        "requests_letter": sum(line["FORM"] == "信函" for line in requests),
        "replies_already_public": sum(line["OUTCOME"] == "属于已主动公开范围" for line in requests),
        "replies_open": sum(line["OUTCOME"] == "同意公开" for line in requests),
        "fees_collected": 0,
        "reconsiderations": 0,
        "litigations": 0,
    }


def _wenzhou(lines: Lines) -> dict[str, float]:
    register, bodies = lines["DISCLOSURE_REGISTER"], lines["INTERMEDIARY"]
    documents = [line for line in register if not line["RELATED_CODE"]]
    # Each notice is on the website; the others are what the register names. All of them are due over three channels.
    notices = [line for line in register if line["RELATED_CODE"]]
    delivered = sum(len(lines[name]) for name in NOTICES)
    over = Counter(channel for line in notices for channel in line["CHANNEL"].split("；"))
    standardised = [body for body in bodies if body["IS_STANDARDISED"] == "1"]
    disclosed = list(bodies[0])[:16]
    resident = [body for body in bodies if body["IS_RESIDENT"] == "1"]
    return {
        "trade_info_disclosure_rate": 100 * (delivered + over["门户网站"] + over["纸质媒体"]) / (3 * delivered),
        "trade_project_kinds": sum(bool(lines[name]) for name in ("SECTION", "PURCHASE_QUALI_INQUERY_ANN", "DEAL_BEHAVIOR_INFO", "LISTING_PUB_INFO")),
        "document_openness_classes": len({line["OPENNESS"] for line in documents}),
        "agency_physical": len(resident),
        "agency_physical_categories": len({body["CATEGORY"] for body in resident}),
        "agency_online": sum(body["IS_ONLINE"] == "1" for body in bodies),
        "agency_standardised": len(standardised),
        "agency_disclosed_fields": sum(all(body[item] for body in standardised) for item in disclosed),
    }


#: The data sets of the notices of a project and of its result.
NOTICES = (
    *("TENDER_ANN_QUA_INQUERY_ANN", "TENDER_CANDIDATE_ANNOUNCE", "WIN_RESULT_ANNO", "PURCHASE_QUALI_INQUERY_ANN", "BID_DEAL_ANNOUNCE"),
    *("DEAL_BEHAVIOR_INFO", "DEAL_LAND_INFO", "LISTING_PUB_INFO", "TRADE_RESULT_INFO", "STOCK_LISTING_PUB_INFO", "STOCK_TRADE_RESULT_INFO"),
)  # fmt: skip


def _zhejiang(lines: Lines) -> dict[str, float]:
    published = Counter(line["CATEGORY"] for line in lines["DISCLOSURE_REGISTER"] if line["PUBLISHED_TIME"])
    assert all(line["REVIEWED_TIME"] <= line["PUBLISHED_TIME"] for line in lines["DISCLOSURE_REGISTER"] if line["PUBLISHED_TIME"])
    return {
        "info_published": published.total(),
        "dynamics": published["工作动态"],
        "briefings": published["工作简报"],
        "reform_documents": published["放管服文件"],
        "normative_documents_issued": sum(line["CATEGORY"] == "规范性文件" for line in lines["DISCLOSURE_REGISTER"]),
        "requests_received": len(lines["INFORMATION_REQUEST"]),
        **dict.fromkeys(("reconsiderations", "litigations"), len(lines["REVIEW_LITIGATION"])),
    }


#: The figures that records give of each report, and those of them that differ from the printed ones, with the reason.
REPORTS: dict[str, tuple[Callable[[Lines], dict[str, float]], dict[str, str]]] = {
    "xianning-2017": (_xianning, {}),
    "taian-2013": (_taian, dict.fromkeys(("share_policy_regulations", "share_business_work", "share_other"), "adds_up_only_as_printed")),
    "wenzhou-2016": (_wenzhou, {}),
    "zhejiang-city": (_zhejiang, {}),
    "guian-2016": (_guian, {"info_disclosed_platforms": "report_contradicts_itself"}),
}
