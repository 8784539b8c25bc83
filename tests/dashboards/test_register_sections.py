"""The parts of the page on channels, intermediaries and registers, from rows written by hand into a small snapshot."""

from pathlib import Path

import duckdb
import pytest

from dashboards.labels import section
from dashboards.site import build_site
from sources.definitions import datasets
from tests.dashboards.snapshot_builder import MANIFEST, Content, build_snapshot
from tests.dashboards.test_site_pages import _cells, _figures, _texts

_ROWS = """
INSERT INTO marts.channel_disclosure_rates (period_kind, period_start, region_code, transaction_type, channel, due, met, missed, late, absent, too_short, pending, undecidable, exempt)
    VALUES ('year', '2016-01-01', '421202', 'construction', '门户网站', 10, 8, 2, 1, 1, 0, 0, 0, 0), ('year', '2017-01-01', '421202', 'construction', '门户网站', 5, 5, 0, 0, 0, 0, 1, 0, 0),
           ('year', '2016-01-01', '421221', 'property', '纸质媒体', 4, 4, 0, 0, 0, 0, 0, 0, 0), ('month', '2016-01-01', '421202', 'construction', '门户网站', 99, 99, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO marts.channel_disclosures (obligation_id, channel, rule_id, rule_version, transaction_type, region_code, subject_id, subject_title, due_on, published_at, verdict,
        missed_reason, shown_by, channel_source, channel_status, trigger_source_row)
    VALUES ('o1', '门户网站', 'E-02', 1, 'construction', '421202', 'S1', '<b>道路</b>改造', '2016-05-03', NULL, 'missed', 'absent', 'register', '年报', 'A', 1000000007),
           ('o2', '门户网站', 'E-02', 1, 'construction', '421202', 'S2', '桥梁', '2016-06-01', '2016-06-03 09:00:00+08', 'missed', 'late', 'register', '年报', 'A', 1000000008),
           ('o3', '门户网站', 'E-02', 1, 'construction', '421202', 'S3', '学校', '2016-06-01', '2016-05-03 09:00:00+08', 'met', NULL, 'register', '年报', 'A', 1000000009);
INSERT INTO marts.intermediaries (intermediary_code, intermediary_name, category, is_resident, is_online, is_standardised, required_items, disclosed_items, missing_items, is_complete, good_records, bad_records)
    VALUES ('A', '甲公司', '测绘', true, true, true, 16, 16, [], true, 2, 0), ('B', '<i>乙</i>公司', '测绘', false, true, false, 16, 14, ['fee_basis', 'service_basis'], false, NULL, 1);
INSERT INTO marts.intermediary_completeness VALUES ('s', '测绘', 'fee_basis', 2, 1, 1, 1), ('s', '测绘', 'service_basis', 2, 1, 1, 1);
INSERT INTO marts.disclosure_register_by_office VALUES ('s', 2016, '办公室', 5, 3, 1, 0, 1, 0, 4, 2, 1, 1, 0, 1), ('s', 2017, NULL, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0);
INSERT INTO marts.disclosure_register (item_code, year, office, title, category, channel, openness_class, formed_at, reviewed_at, published_at, is_published, review_state, is_published_against_decision)
    VALUES ('D1', 2016, '办公室', '公告一', '招标公告', '门户网站', 'proactive', '2016-03-01 09:00:00+08', '2016-03-01 10:00:00+08', '2016-03-02 11:00:00+08', true, 'reviewed_before', false),
           ('D2', 2016, '办公室', '公告二', '招标公告', '门户网站', 'proactive', '2016-03-01 09:00:00+08', NULL, '2016-03-03 11:00:00+08', true, 'not_reviewed', false),
           ('D3', 2016, '办公室', '内部事项', '公文', NULL, 'on_request', '2016-03-01 09:00:00+08', '2016-03-09 10:00:00+08', '2016-03-04 11:00:00+08', true, 'reviewed_after', true),
           ('D4', 2016, '办公室', '内部事项', '公文', NULL, 'undecided', '2016-03-01 09:00:00+08', NULL, NULL, false, NULL, false),
           ('D5', 2017, NULL, '公告三', '招标公告', '门户网站', 'proactive', '2017-03-01 09:00:00+08', '2017-03-01 10:00:00+08', '2017-03-02 11:00:00+08', true, 'reviewed_before', false);
INSERT INTO marts.request_register (request_number, office, form, received_at, accepted_at, suspended_at, suspended_days, answered_at, outcome, state, due_on, verdict, missed_reason)
    VALUES ('Q1', '办公室', '网络', '2016-04-01 09:00:00+08', '2016-04-02 09:00:00+08', NULL, NULL, '2016-04-20 09:00:00+08', '同意公开', 'answered', '2016-04-25', 'met', NULL),
           ('Q2', '办公室', '信函', '2017-04-01 09:00:00+08', '2017-04-02 09:00:00+08', '2017-04-05 09:00:00+08', 4, NULL, NULL, 'suspended', '2017-04-28', 'missed', 'absent');
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registers")
    warehouse = build_snapshot(folder, Content(obligations=200))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(_ROWS)
    return build_site(warehouse, folder / "site", manifest=MANIFEST).parent


def test_rates_by_kind_and_channel_with_what_is_missing(site: Path) -> None:
    page = (site / "registers.html").read_text(encoding="utf-8")
    assert _cells(page, "channel-rates-title") == [
        ["工程建设", "门户网站", "15", "13", "2", "1", "1", "1", "0", "86.66%"],
        ["国有产权", "纸质媒体", "4", "4", "0", "0", "0", "0", "0", "100.00%"],
    ]
    assert "合计 89.47%（17 / 19）" in _texts(page) and "渠道（门户网站）的要求来源：年报〔A〕" in _texts(page)
    missing = page.split("<h3>缺失与逾期清单</h3>")[1]
    assert _cells('id="x"' + missing, "x") == [
        [
            "<b>道路</b>改造",
            "咸安区",
            "工程建设",
            "E-02 中标候选人应公示〔A〕",
            "门户网站",
            "缺失",
            "2016-05-03",
            "—",
            "EVALUATION_REPORT_2017.csv 第 7 行",
        ],
        [
            "桥梁",
            "咸安区",
            "工程建设",
            "E-02 中标候选人应公示〔A〕",
            "门户网站",
            "逾期",
            "2016-06-01",
            "2016-06-03",
            "EVALUATION_REPORT_2017.csv 第 8 行",
        ],
    ]
    assert "共 2 项，列出 2 项" in _texts(page)
    assert _figures(page)["channel-rates-data"]["data"]


def test_the_page_of_a_year_has_the_rows_of_that_year(site: Path) -> None:
    page = (site / "registers-2017.html").read_text(encoding="utf-8")
    assert _cells(page, "channel-rates-title") == [["工程建设", "门户网站", "5", "5", "0", "0", "0", "1", "0", "100.00%"]]
    assert "应公开的都已在每个渠道公开" in _texts(page)
    assert _cells(page, "register-by-office-title") == [["2017", "—", "1", "1", "0", "0", "0", "0", "1", "1", "0", "0", "0", "0"]]
    assert "没有未经审查而公开的" in _texts(page) and "公告三" in page and "公告一" not in page
    assert 'id="intermediaries"' not in page


def test_intermediaries_with_what_each_leaves_open(site: Path) -> None:
    page = (site / "registers.html").read_text(encoding="utf-8")
    assert _cells(page, "intermediaries-by-category-title") == [["测绘", "2", "1", "2", "1", "1", "1", "2", "1"]]
    assert _cells(page, "intermediaries-by-item-title") == [["收费依据", "1", "1", "1", "1"], ["服务依据", "1", "1", "1", "1"]]
    left_open = page.split("<h3>公开内容不全的机构</h3>")[1]
    assert _cells('id="x"' + left_open, "x") == [["<i>乙</i>公司", "测绘", "否", "14 / 16", "收费依据、服务依据"]]
    english = (site / "registers.en.html").read_text(encoding="utf-8")
    assert "Basis of fees, Basis of service" in _texts(english) and "1 good" not in _texts(english) and "2 good and 1 bad records" in _texts(english)


def test_the_register_with_decision_and_review(site: Path) -> None:
    page = (site / "registers.html").read_text(encoding="utf-8")
    assert _cells(page, "register-by-office-title") == [
        ["2016", "办公室", "5", "3", "1", "0", "1", "0", "4", "2", "1", "1", "0", "1"],
        ["2017", "—", "1", "1", "0", "0", "0", "0", "1", "1", "0", "0", "0", "0"],
    ]
    questioned = _cells('id="x"' + page.split("<h3>须核实的登记</h3>")[1], "x")
    assert [(row[0], row[3], row[4]) for row in questioned] == [
        ("D3", "依申请公开", "✗ 与公开属性不符；✗ 审查在后"),
        ("D2", "主动公开", "✗ 未经审查"),
        ("D4", "未定", "未定"),
    ]
    disclosed = _cells('id="x"' + page.split("<h3>信息发布登记簿</h3>")[1], "x")
    assert [(row[0], row[2], row[8]) for row in disclosed] == [
        ("D5", "公告三", "✓ 审查在前"),
        ("D2", "公告二", "✗ 未经审查"),
        ("D1", "公告一", "✓ 审查在前"),
    ]
    # What may not be public is not named, in whatever state it is.
    assert "内部事项" not in page


def test_requests_with_their_steps(site: Path) -> None:
    page = (site / "registers.html").read_text(encoding="utf-8")
    requests = _cells('id="x"' + page.split("<h3>依申请公开信息登记簿</h3>")[1], "x")
    assert requests == [
        ["Q2", "办公室", "信函", "2017-04-01", "2017-04-02", "2017-04-05", "—", "—", "4", "2017-04-28", "已中止", "—", "未按期：缺失"],
        ["Q1", "办公室", "网络", "2016-04-01", "2016-04-02", "—", "—", "2016-04-20", "0", "2016-04-25", "已答复", "同意公开", "按期"],
    ]
    assert "共 2 件（已收到 0、已受理 0、已中止 1、已答复 1、不能判定 0）" in _texts(page)


def test_nothing_is_shown_of_what_nobody_delivers(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=50))
    page = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).with_name("registers.html").read_text(encoding="utf-8")
    for name in ("channels", "intermediaries", "registers"):
        assert f'id="{name}"' not in page


def test_an_item_is_called_what_its_column_is_called() -> None:
    columns = datasets()["INTERMEDIARY"].columns[:16]
    assert section("intermediary_item") == {column.name: column.label for column in columns}
