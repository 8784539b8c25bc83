import html
import json
import re
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest

from dashboards.labels import section
from dashboards.periods import LATEST_YEARS
from dashboards.site import build_site
from dashboards.snapshot import DUE_SOON_DAYS, DUE_SOON_ROWS, WORST_ROWS, SnapshotError, read_snapshot
from tests.dashboards.snapshot_builder import AS_OF, HOSTILE, MANIFEST, RULES, Content, add_information, build_snapshot, of_any_size


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_snapshot(tmp_path_factory.mktemp("usual"))


@pytest.fixture(scope="module")
def site(warehouse: Path) -> Path:
    return build_site(warehouse, warehouse.parent / "site", manifest=MANIFEST).parent


def _texts(page: str) -> str:
    return html.unescape(re.sub(r"<script type=\"application/json\".*?</script>|<[^>]+>", " ", page, flags=re.DOTALL))


def _figures(page: str) -> dict[str, dict]:
    return {name: json.loads(text) for name, text in re.findall(r'<script type="application/json" id="([^"]+)">(.*?)</script>', page, re.DOTALL)}


def _cells(page: str, heading: str) -> list[list[str]]:
    """Rows of the first table after a heading."""
    table = page.split(f'id="{heading}"')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [[html.unescape(cell) for cell in re.split(r"<td[^>]*>", row)[1:]] for row in table.strip().split("\n")]


def _bytes(site: Path) -> dict[Path, bytes]:
    return {path.relative_to(site): path.read_bytes() for path in site.rglob("*.*")}


def _row(warehouse: Path, sql: str) -> tuple:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()[0]


def test_the_overview_counts_the_obligations(warehouse: Path, site: Path) -> None:
    page = _texts((site / "rates.html").read_text(encoding="utf-8"))
    for measure in ("disclosure", "timeliness"):
        met, judged, undecidable = _row(
            warehouse,
            f"""SELECT count(*) FILTER (verdict = 'met'), count(*) FILTER (verdict IN ('met', 'missed')), count(*) FILTER (verdict = 'undecidable')
                FROM marts.obligations WHERE measure = '{measure}'""",
        )
        assert undecidable > 0
        assert f"{met:,} / {judged:,} 件" in page
        assert f"{met * 10000 // judged / 100:.2f}%" in page
        assert f"不能判定 {undecidable} 件，可能介于 {met * 10000 // (judged + undecidable) / 100:.2f}% 与" in page
    assert "截至 2018-01-25" in re.sub(r"\s+", " ", page)
    assert "咸宁市公共资源交易中心" in page and str(MANIFEST["snapshot"]) in page and "装载 19,890 · 隔离 70 · 重复 40" in page


def test_the_pages_of_the_years_share_out_the_whole(warehouse: Path, site: Path) -> None:
    def judged(name: str) -> int:
        layout = _figures((site / name).read_text(encoding="utf-8"))["timeliness-by-rule-data"]["layout"]
        return sum(int(text.rsplit("/", 1)[1]) for text in layout["yaxis2"]["ticktext"])

    years = [path.name for path in site.glob("rates-2*.html") if "en" not in path.name]
    assert len(years) == 3
    assert sum(judged(name) for name in years) == judged("rates.html") > 0


def test_what_falls_due_is_open_and_near(warehouse: Path, site: Path) -> None:
    rows = _cells((site / "calendar.html").read_text(encoding="utf-8"), "due-soon")
    (total,) = _row(warehouse, f"SELECT count(*) FROM marts.obligations WHERE verdict = 'pending' AND due_on <= DATE '{AS_OF}' + {DUE_SOON_DAYS}")
    assert len(rows) == min(total, DUE_SOON_ROWS) > 0
    assert rows == sorted(rows, key=lambda row: row[0])
    assert all("2018-01-25" <= row[0][:10] <= "2018-02-08" for row in rows)


def test_the_worst_misses_lead_to_file_and_row(warehouse: Path, site: Path) -> None:
    rows = _cells((site / "rates.html").read_text(encoding="utf-8"), "worst")
    assert len(rows) == WORST_ROWS
    days = [int(row[7]) for row in rows]
    assert days == sorted(days, reverse=True)
    assert days[0] == _row(warehouse, "SELECT max(days_late) FROM marts.obligations WHERE verdict = 'missed'")[0]
    title, due_at, source = rows[0][0], rows[0][5], rows[0][8]
    number = int(re.search(r"第(\d+)标段", title).group(1))  # type: ignore[union-attr]
    assert source == f"EVALUATION_REPORT_2017.csv 第 {number} 行"
    stored = _row(
        warehouse, f"SELECT strftime(due_at AT TIME ZONE 'Asia/Shanghai', '%Y-%m-%d %H:%M') FROM marts.obligations WHERE obligation_id = 'O{number}'"
    )
    assert due_at == stored[0]


def test_a_late_duty_names_the_record_that_answered_it(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=400))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("DELETE FROM marts.obligations WHERE missed_reason = 'absent'")
    row = _cells(build_site(warehouse, tmp_path / "site", manifest=MANIFEST).with_name("rates.html").read_text(encoding="utf-8"), "worst")[0]
    assert re.fullmatch(r"EVALUATION_REPORT_2017.csv 第 (\d+) 行；办理 511_2017.xlsx 第 \1 行", row[8])
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d", row[6])


def test_every_rule_is_shown_with_the_mark_of_its_clause(site: Path) -> None:
    marks = section("status")
    for path in site.rglob("*.html"):
        language = "en" if ".en." in path.name else "zh"
        page = path.read_text(encoding="utf-8")
        text = _texts(page) + " ".join(name for figure in _figures(page).values() for name in figure["layout"]["yaxis"].get("ticktext", []))
        for rule_id, _, _, _, name, *_, status in RULES:
            shown = text.count(f"{rule_id} {name}")
            mark = marks[status] if language == "zh" else section("status", "en")[status]
            assert shown == text.count(f"{rule_id} {name}{mark}"), (path.name, rule_id)
    assert "T-07 公示中标候选人〔A〕" in (site / "rates.html").read_text(encoding="utf-8")


def test_data_quality_says_what_was_kept_out_and_what_failed(site: Path) -> None:
    page = (site / "ledger.html").read_text(encoding="utf-8")
    text = _texts(page)
    assert "收到 20,000 行 = 装载 19,890 + 隔离 70 + 完全重复 40；文件 3 个，其中拒收 1 个" in text
    assert ["评标报告 <code>EVALUATION_REPORT</code>", "scientific_notation", "编号被改写为科学记数法", "1", "60"] in _cells(page, "quality")
    # Checks of an earlier run that the snapshot still carries are not those of this one.
    assert "共 3 项检查，未通过 2 项" in text and "older.run" not in text and "award_notices.price_positive" in text


@pytest.mark.parametrize(
    ("name", "title", "dimension"),
    [("ledger.html", "标段(包)：必填项均有值", "完整性"), ("ledger.en.html", "SECTION: Mandatory cells are filled", "completeness")],
)
def test_a_failed_check_is_named_with_its_id_beside(site: Path, name: str, title: str, dimension: str) -> None:
    dataset = "SECTION" if ".en." in name else "标段\\(包\\) <code>SECTION</code>"
    rows = re.findall(
        rf"<tr><td>([^<]*) <code>required_sections</code><td>([^<]*)<td>{dataset}<td>([^<]*)<td", (site / name).read_text(encoding="utf-8")
    )
    assert [(row[0], row[2]) for row in rows] == [(title, dimension)] and rows[0][1]


def test_the_annual_report_stands_beside_the_records(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=50))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            """INSERT INTO marts.published_figures VALUES
            ('a', 'requests_received', '=', '135', '件', '2017', '申请<b>135</b>件', 135, 0, 'reproduced', NULL),
            ('a', 'records', '>=', '30000', '条', '2017', '30000余条', 29999, -1, 'differs', NULL),
            ('a', 'share', '=', '81.7', '%', '2017', '占81.7%', 81.9, 0.2, 'differs', 'adds_up_only_as_printed'),
            ('a', 'timeliness', '>=', '98', '%', '2017', '均达到98%以上', 97.999005, -0.000995, 'differs', NULL),
            ('a', 'awarded', '=', '2017-02', 'month', '2017', '2月获奖', NULL, NULL, 'not_derivable', 'not_a_number'),
            ('a', 'annex', '=', 'missing', '-', '2017', '附表', NULL, NULL, 'not_derivable', 'not_a_number')"""
        )
    page = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).with_name("ledger.html").read_text(encoding="utf-8")
    assert _cells(page, "report") == [
        ["30000余条", "≥ 30,000 条", "29,999", "不符（差 -1）"],
        ["占81.7%", "81.7%", "81.90%", "不符（差 +0.2 个百分点）：只有照印出的数才凑得齐总数"],
        ["均达到98%以上", "≥ 98%", "97.99%", "不符（差 -0.000995 个百分点）"],
        ["申请<b>135</b>件", "135 件", "135", "相符"],
        ["附表", "未附", "—", "无从计算：公布的不是数"],
        ["2月获奖", "2017年2月", "—", "无从计算：公布的不是数"],
    ]
    assert "相符 1 项，不符 3 项，无从计算 2 项" in _texts(page)


def test_figures_that_contradict_each_other_are_shown_and_not_repaired(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=50))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("INSERT INTO marts.published_figures VALUES ('a', 'i', '=', '1', '件', '2016', '1件', 1, 0, 'reproduced', NULL)")
        connection.execute(
            """INSERT INTO marts.published_identities VALUES
            ('a', 'shares_of_categories', 'sum', '100', 100, 100, 81.7, 99.9, true),
            ('a', 'items_by_channel', 'each_once', 'info', 147, 8304, 7576, 8304, false),
            ('a', 'power_items', 'sum', 'all', 1784, NULL, 1701, NULL, NULL)"""
        )
    page = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).with_name("ledger.html").read_text(encoding="utf-8")
    assert _cells('id="x"' + page.split("<h3>年报数字是否自洽</h3>")[1], "x") == [
        ["公开信息 · 按渠道", "最大一项 ≤ 总数 ≤ 各项之和（重复的只计一次）", "147", "7,576", "8,304", "✗ 自相矛盾"],
        ["各类别占比（%）", "总数 = 各项之和", "100", "81.7", "100", "✓ 相合 （按记录计算的各项之和为 99.9）"],
        ["权力责任事项", "总数 = 各项之和", "1,784", "1,701", "—", "？不能判定"],
    ]


def test_government_information_with_its_zeros_and_what_was_missed(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=50))
    add_information(warehouse, "xianning", 2017)
    site = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).parent
    page = (site / "registers.html").read_text(encoding="utf-8")
    assert _cells(page, "categories-title") == [["业务<b>工作</b>", "1,200", "92.3", "92.3"], ["其他", "100", "7.7", "7.7"]]
    assert _cells(page, "channels-title") == [["门户网站", "1,250", "1,200", "50"], ["公报", "100", "50", "50"]]
    assert "共 1,300 条，不同渠道公开同一信息计 1 条；各渠道条数之和 1,350" in _texts(page)
    # As the list of channels orders them; what is in no list stands last.
    assert _cells(page, "consultations-title") == [["现场", "80"], ["电话", "265"], ["网上", "0"], ["来信", "1"]]
    assert "80 + 265 + 0 + 1 = 346 人次" in _texts(page)
    assert _cells(page, "publicity-title") == [["综合执法局", "处罚", "5", "4", "3", "1", "1", "0", "0"]]
    missed, requests, disputes = (
        _cells('id="x"' + page.split(f"<h3>{heading} · 2017 年</h3>")[1], "x")
        for heading in ("双公示逾期与缺失", "依申请公开", "因信息公开引起的复议、诉讼与投诉")
    )
    assert missed == [
        ["罚2", "综合执法局", "处罚", "—", "2016-02-01", "2016-02-15", "—", "缺失", "345"],
        ["罚1", "综合执法局", "处罚", "占道", "2016-02-01", "2016-02-15", "2016-03-01", "逾期", "15"],
    ]
    assert "上年结转 1 + 新收 6 = 办结 5（按期 4，逾期 1）+ 结转下年 2" in _texts(page)
    assert [row[1:] for row in requests] == [["当面", "0"], ["网络", "6"], ["同意公开", "5"], ["不同意公开", "0"]]
    assert disputes == [["复议", "0", "0", "0", "0", "0"], ["诉讼", "1", "0", "0", "0", "1"]]
    ticks = _figures(page)["categories-data"]["layout"]["yaxis"]["ticktext"]
    assert ticks == ["业务&lt;b&gt;工作&lt;/b&gt;", "其他"]
    assert 'id="information"' in (site / "registers-2017.html").read_text(encoding="utf-8")
    assert 'id="information"' not in (site / "registers-2016.html").read_text(encoding="utf-8")
    assert "Carried over 1 + received 6 = answered 5 (4 in time, 1 late) + carried forward 2" in _texts(
        (site / "registers.en.html").read_text(encoding="utf-8")
    )


def test_two_sources_are_told_apart_each_in_the_latest_year_that_is_over(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=50))
    for year in (2016, 2017, 2018):
        add_information(warehouse, "xianning", year)
    add_information(warehouse, "guian", 2016)
    page = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).with_name("registers.html").read_text(encoding="utf-8")
    titles = re.findall(r'<figcaption id="categories1?-title">(.*?)</figcaption>', page)
    assert [html.unescape(title) for title in titles] == [
        "贵<i>安</i> 主动公开 · 按类别 · 2016 年",
        "咸宁市公共资源交易中心 主动公开 · 按类别 · 2017 年",
    ]
    assert {"categories-data", "categories1-data"} <= set(_figures(page))


def test_what_is_not_delivered_is_left_out_and_not_called_zero(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=50))
    assert 'id="information"' not in build_site(warehouse, tmp_path / "none", manifest=MANIFEST).with_name("registers.html").read_text(
        encoding="utf-8"
    )
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("INSERT INTO marts.disputes_by_kind VALUES ('xianning', 2017, '复议', 1, 0, 0, 0, 0, 0)")
    page = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).with_name("registers.html").read_text(encoding="utf-8")
    assert "因信息公开引起的复议、诉讼与投诉 · 2017 年" in page
    assert "依申请公开 · 2017 年" not in page and "双公示" not in page and 'id="categories-title"' not in page


def test_a_city_without_a_report_has_no_such_section(site: Path) -> None:
    assert 'id="report"' not in (site / "ledger.html").read_text(encoding="utf-8")


def _add_sanctions(warehouse: Path, status: str = "R") -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            f"""INSERT INTO marts.sanctions
            SELECT notice, region, code, name, '示例-01', '串通投标', points, 8, points <> 8, '{status}', DATE '2017-03-01', last_day, effect, is_open, total, 12, 12,
                   '{status}', '示例，非省级规定原文'
            FROM (VALUES ('甲1', '421202', 'A', '<b>某</b>建设有限公司', 8, DATE '2018-03-01', 'in_effect', true, 16),
                         ('甲2', '421202', 'A', '<b>某</b>建设有限公司', 8, DATE '2018-03-01', 'in_effect', false, 16),
                         ('乙1', '421221', 'B', '张三丰', 9, DATE '2018-01-01', 'expired', false, 0),
                         ('丙1', '000000', 'C', '丙有限公司', NULL, NULL, 'undecidable', false, 0))
                AS given (notice, region, code, name, points, last_day, effect, is_open, total)"""
        )
        connection.execute(
            """INSERT INTO marts.sanctioned_bodies VALUES ('A', '<b>某</b>建设有限公司', 2, DATE '2017-03-01', 16, 8, NULL, true),
               ('B', '张三丰', 0, DATE '2017-03-01', 0, 0, NULL, false)"""
        )
        connection.execute(
            """INSERT INTO marts.blacklist VALUES
               ('H1', '丙有限公司', '记分', '1号', DATE '2017-04-01', NULL, 'in_force', true, 12, true, 11.5, false),
               ('H2', '张三丰', '记分', '2号', DATE '2017-05-01', DATE '2017-12-01', 'revoked', false, NULL, NULL, NULL, NULL)"""
        )
        connection.execute("INSERT INTO marts.credit_commitments SELECT '某公司', 'S', DATE '2017-01-31' + range::INTEGER FROM range(3)")


def test_the_sanctions_ledger_and_the_blacklist_with_words_and_signs(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=50))
    _add_sanctions(warehouse)
    site = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).parent
    page = (site / "sanctions.html").read_text(encoding="utf-8")
    assert _cells(page, "notices-by-region-title") == [
        ["咸安区", "2", "0", "0", "0", "1", "2"],
        ["嘉鱼县", "0", "1", "0", "0", "0", "1"],
        ["未知地区", "0", "0", "0", "1", "0", "1"],
    ]
    assert _cells(page, "commitments-by-month-title") == [["2017-01", "1"], ["2017-02", "2"]]
    figure = _figures(page)["notices-by-region-data"]
    assert [trace["name"] for trace in figure["data"]] == ["● 有效", "○ 已到期", "× 申诉撤销", "？不能判定"]
    ledger, look_at, blacklist = (
        page.split(f"<h3>{heading}</h3>")[1] for heading in ("不良行为台账", "达到标准而未列入：请核实", "黑名单的列入与移出")
    )
    rows = _cells('id="x"' + ledger, "x")
    assert [
        "甲1",
        "<b>某</b>建设有限公司",
        "咸安区",
        "示例-01 串通投标",
        "8",
        "8 〔R 未核实〕",
        "2017-03-01",
        "2018-03-01",
        "● 有效（申诉中）",
        "16",
    ] in rows
    # A name as short as a person's is not written whole; points that differ carry a sign.
    assert ["乙1", "张**", "嘉鱼县", "示例-01 串通投标", "9", "≠ 8 〔R 未核实〕", "2017-03-01", "2018-01-01", "○ 已到期", "0"] in rows
    assert [row[4] for row in rows if row[0] == "丙1"] == ["—"]
    assert _cells('id="x"' + look_at, "x") == [["<b>某</b>建设有限公司", "16", "8", "2", "2017-03-01", "—"]]
    assert _cells('id="x"' + blacklist, "x") == [
        ["丙有限公司", "记分", "1号", "2017-04-01", "—", "▲ 在列", "12 ✓ 达到", "11.5 ✗ 未达到"],
        ["张**", "记分", "2号", "2017-05-01", "2017-12-01", "○ 已移出", "— ？不能判定", "— ？不能判定"],
    ]
    for text in (_texts(look_at.split("</section>")[0]), _texts(blacklist.split("</section>")[0])):
        assert "12 个月内累计 12 分〔R 未核实〕，来源：示例，非省级规定原文" in text and "标准与分值表为示例" in text
    assert "张三丰" not in page
    assert "are an illustration" in _texts((site / "sanctions.en.html").read_text(encoding="utf-8"))


def test_a_rule_that_was_read_is_not_called_an_illustration(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=50))
    _add_sanctions(warehouse, "A")
    page = build_site(warehouse, tmp_path / "site", manifest=MANIFEST).with_name("sanctions.html").read_text(encoding="utf-8")
    assert "12 个月内累计 12 分〔A〕" in page and "标准与分值表为示例" not in page


def test_a_city_without_a_ledger_has_no_such_section(site: Path) -> None:
    assert 'id="sanctions"' not in (site / "sanctions.html").read_text(encoding="utf-8")


def test_a_ledger_that_does_not_balance_is_said_aloud(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("UPDATE meta.deliveries SET rows_loaded = rows_loaded - 1 WHERE delivery_number = 1")
    assert "请核对交付台账" in build_site(warehouse, tmp_path / "site", manifest=MANIFEST).with_name("ledger.html").read_text(encoding="utf-8")


def test_duties_without_any_date_are_counted_beside_the_rates(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=50))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("UPDATE marts.obligations SET due_on = NULL, triggered_at = NULL WHERE obligation_id IN ('O1', 'O2', 'O3')")
    assert "另有 3 件起止时间均缺" in build_site(warehouse, tmp_path / "site", manifest=MANIFEST).with_name("rates.html").read_text(encoding="utf-8")


def test_hostile_text_is_only_ever_text(tmp_path: Path) -> None:
    content = Content(obligations=3000, titles=HOSTILE, regions={"421202": HOSTILE[0], "421221": HOSTILE[2]}, source_label=HOSTILE[1])
    page = build_site(build_snapshot(tmp_path, content), tmp_path / "site", manifest=MANIFEST).with_name("rates.html").read_text(encoding="utf-8")
    assert page.count("<script") == page.count("</script>") == 2 + len(_figures(page))
    assert "<img" not in page and "49 第" not in page
    assert all(title in _texts(page) for title in HOSTILE)
    ticks = _figures(page)["disclosure-by-region-data"]["layout"]["yaxis"]["ticktext"]
    assert all("<" not in tick for tick in ticks)


def test_the_page_asks_for_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    for path in pages:
        page = path.read_text(encoding="utf-8")
        assert re.findall(r'(?:src|href)="([^"]*)"', page)
        assert not [address for address in re.findall(r'(?:src|href)="([^"]*)"', page) if "//" in address]
        assert "script-src 'self';" in page and "default-src 'none'" in page
        assert not re.search(r"<[^>]+\son\w+=", page)
        for address in re.findall(r'(?:src|href)="([^"#:]+)"', page):
            assert (path.parent / unquote(address)).is_file(), (path.name, address)


def test_the_same_snapshot_gives_the_same_bytes(warehouse: Path, site: Path, tmp_path: Path) -> None:
    again = build_site(warehouse, tmp_path, manifest=MANIFEST).parent
    assert _bytes(again) == _bytes(site)


@of_any_size
@pytest.mark.thorough
def test_any_size_makes_a_page_of_reasonable_size(tmp_path: Path, content: Content) -> None:
    rates = build_site(build_snapshot(tmp_path, content), tmp_path / "site", manifest=MANIFEST).with_name("rates.html")
    page = rates.read_text(encoding="utf-8")
    assert rates.stat().st_size < 3_000_000
    assert ("没有数据" in page) == (content.obligations == 0)
    assert "长" * 201 not in page
    for figure in _figures(page).values():
        assert all(len(tick) < 60 for tick in figure["layout"]["yaxis"].get("ticktext", []))


@pytest.mark.thorough
def test_absurd_years_do_not_publish_a_hundred_pages(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=100))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "INSERT INTO marts.timeliness SELECT * REPLACE (period_start + INTERVAL 1 YEAR * shift AS period_start) FROM marts.timeliness, range(1, 60) AS t (shift)".replace(
                "SELECT *", "SELECT timeliness.*"
            )
        )
    build_site(warehouse, tmp_path / "site", manifest=MANIFEST)
    assert len(list((tmp_path / "site").glob("rates*.html"))) == 2 * (1 + LATEST_YEARS)


def test_the_cut_off_is_read_from_the_obligations_when_nobody_gives_it(warehouse: Path) -> None:
    assert read_snapshot(warehouse).as_of == AS_OF


def test_a_missing_or_foreign_file_is_a_plain_error(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="gongkai run"):
        build_site(tmp_path / "nothing.duckdb", tmp_path / "site", manifest=MANIFEST)
    duckdb.connect(str(tmp_path / "other.duckdb")).close()
    with pytest.raises(SnapshotError, match=r"other\.duckdb: the snapshot was made by another version"):
        build_site(tmp_path / "other.duckdb", tmp_path / "site", manifest=MANIFEST)


def test_issued_periods_stand_beside_what_changed_since(tmp_path: Path) -> None:
    warehouse = build_snapshot(tmp_path, Content(obligations=50))
    site = build_site(warehouse, tmp_path / "before", manifest=MANIFEST).parent
    assert 'id="issued"' not in (site / "ledger.html").read_text(encoding="utf-8"), "nothing was issued"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            """INSERT INTO marts.issued_statements VALUES
            ('2017-12', '2017-12-01', '2017-12-31', 1, '2018-01-05 09:00:00+08', NULL, '2018-01-05', 300, 'a', false),
            ('2017-12', '2017-12-01', '2017-12-31', 2, '2018-01-20 09:00:00+08', '<b>更正</b>', '2018-01-20', 310, 'b', true);
            INSERT INTO marts.issued_differences VALUES
            ('2017-12', 2, 'T-10:S1', 'timeliness', 'T-10', '421221', '421221', 'late', 'met', 'corrected', 1000000007, 2000000009, 2000000012),
            ('2017-12', 2, 'T-10:S2', 'timeliness', 'T-10', '421221', NULL, 'met', NULL, 'withdrawn', NULL, NULL, NULL)"""
        )
    site = build_site(warehouse, tmp_path / "after", manifest=MANIFEST).parent
    page = (site / "ledger.html").read_text(encoding="utf-8")
    assert _cells(page, "issued") == [
        ["2017-12", "1", "2018-01-05", "2018-01-05", "300", "—", "—"],
        ["2017-12", "2", "2018-01-20", "2018-01-20", "310", "2", "<b>更正</b>"],
    ]
    assert _cells('id="second"' + page.split("<h3>与现行版的差异</h3>")[1], "second") == [
        ["2017-12", "T-10:S1", "嘉鱼县", "T-10 订立书面合同〔A〕", "逾期 → 按期", "记录更正", "511_2017.xlsx 第 12 行"],
        ["2017-12", "T-10:S2", "嘉鱼县", "T-10 订立书面合同〔A〕", "按期 → 不在本期", "记录撤回", "—"],
    ]
    assert "共 2 件，列出前 2 件" in page
