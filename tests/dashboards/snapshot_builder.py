"""Builds small published snapshots with the columns of the contract, for the tests of the page and the workbook.

Obligations are invented here, and the rate marts are counted from them by one GROUP BY, so that what the page sums can be compared with the rows.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml  # type: ignore[import-untyped]

from dagster_project.project import DBT

AS_OF = date(2018, 1, 25)
MANIFEST: Mapping[str, object] = {
    "run_id": "run-1",
    "as_of": "2018-01-25",
    "snapshot": "20180125T080000-run-1",
    "published_at": "2018-01-25T08:00:00+08:00",
    "code_version": "0.1.0",
}
HOSTILE = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">咸安区道路改造',
    "</script><script>alert(2)</script>",
    '=HYPERLINK("http://example.com","点击")',
    "{{ 7 * 7 }}",
)
REGIONS = {
    "421201": "咸宁市本级",
    "421202": "咸安区",
    "421221": "嘉鱼县",
    "421222": "通城县",
    "421223": "崇阳县",
    "421224": "通山县",
    "421281": "赤壁市",
    "000000": "未知地区",
}
# rule_id, version, measure, transaction_type, label, kind, amount, unit, legal_source, status
RULES = [
    ("T-01", 1, "timeliness", "construction", "招标文件发售期", "at_least", 5, "calendar_day", "招标投标法实施条例 第十六条", "A"),
    ("T-07", 1, "timeliness", "construction", "公示中标候选人", "within", 3, "calendar_day", "招标投标法实施条例 第五十四条", "A"),
    ("T-10", 1, "timeliness", "construction", "订立书面合同", "within", 30, "calendar_day", "招标投标法 第四十六条", "A"),
    ("P-08", 1, "timeliness", "procurement", "公告中标成交结果", "within", 2, "working_day", "政府采购法实施条例 第四十三条", "A"),
    ("P-08", 2, "timeliness", "procurement", "公告中标成交结果", "within", 2, "working_day", "财政部令第87号 第六十九条", "A"),
    ("L-02", 1, "timeliness", "land", "挂牌时间", "at_least", 10, "calendar_day", "国土资源部令第39号 第十八条", "R"),
    ("L-03", 1, "timeliness", "land", "公布出让结果", "within", 10, "working_day", "国土资源部令第39号", "B"),
    ("E-01", 1, "disclosure", "construction", "招标公告应公开", "before", 0, "calendar_day", "招标投标法 第十六条", "R"),
    ("E-02", 1, "disclosure", "construction", "中标候选人应公示", "before", 0, "calendar_day", "招标投标法实施条例 第五十四条", "A"),
    ("E-12", 1, "disclosure", "procurement", "中标成交结果应公告", "before", 0, "calendar_day", "政府采购法实施条例 第四十三条", "A"),
    ("E-21", 1, "disclosure", "land", "出让公告应公开", "before", 0, "calendar_day", "国土资源部令第39号 第八条", "B"),
]

_TABLES = """
CREATE SCHEMA marts; CREATE SCHEMA meta; CREATE SCHEMA quality;
CREATE TABLE marts.rules (rule_id VARCHAR, version INTEGER, subject VARCHAR, measure VARCHAR, transaction_type VARCHAR, label VARCHAR, label_en VARCHAR, trigger_event VARCHAR,
    duty_event VARCHAR, kind VARCHAR, amount INTEGER, unit VARCHAR, legal_source VARCHAR, status VARCHAR, valid_from DATE, valid_to DATE, note VARCHAR, note_en VARCHAR);
CREATE TABLE marts.regions (region_code VARCHAR, name VARCHAR);
CREATE TABLE marts.obligations (obligation_id VARCHAR, rule_id VARCHAR, rule_version INTEGER, measure VARCHAR, transaction_type VARCHAR, region_code VARCHAR,
    subject_type VARCHAR, subject_id VARCHAR, subject_title VARCHAR, triggered_at TIMESTAMPTZ, due_at TIMESTAMPTZ, due_on DATE,
    fell_due_on DATE, fulfilled_at TIMESTAMPTZ, verdict VARCHAR, missed_reason VARCHAR, undecidable_reason VARCHAR, days_late INTEGER, as_of DATE, trigger_source_row BIGINT, duty_source_row BIGINT);
CREATE TABLE meta.sources (source_id VARCHAR, label VARCHAR, jurisdiction VARCHAR, region_code VARCHAR);
CREATE TABLE meta.deliveries (delivery_id VARCHAR, delivery_number BIGINT, source_id VARCHAR, dataset VARCHAR, file VARCHAR, sha256 VARCHAR, size_bytes BIGINT,
    modified_ns BIGINT, status VARCHAR, reader VARCHAR, encoding VARCHAR, rows_received BIGINT, rows_loaded BIGINT, rows_quarantined BIGINT,
    rows_duplicate BIGINT, received_at TIMESTAMPTZ, covers_from DATE, covers_to DATE, message VARCHAR);
CREATE TABLE meta.quarantine (delivery_id VARCHAR, dataset VARCHAR, file VARCHAR, row_number BIGINT, column_name VARCHAR, rule VARCHAR, value VARCHAR,
    reason VARCHAR, record VARCHAR);
CREATE TABLE quality.checks (run_id VARCHAR, check_id VARCHAR, expectation VARCHAR, dataset VARCHAR, dimension VARCHAR, evaluated BIGINT, unexpected BIGINT,
    threshold DOUBLE, success BOOLEAN);
CREATE TABLE marts.published_figures (report VARCHAR, indicator VARCHAR, operator VARCHAR, published VARCHAR, unit VARCHAR, period VARCHAR, phrase VARCHAR,
    computed DECIMAL(20, 6), difference DECIMAL(20, 6), verdict VARCHAR, reason VARCHAR);
CREATE TABLE marts.published_identities (report VARCHAR, identity VARCHAR, relation VARCHAR, whole VARCHAR, published_whole DECIMAL(20, 6),
    published_sum DECIMAL(20, 6), published_largest DECIMAL(20, 6), computed_sum DECIMAL(20, 6), holds_as_published BOOLEAN);
CREATE TABLE marts.disclosed_items_by_category (source_id VARCHAR, year INTEGER, category VARCHAR, items BIGINT, items_of_the_year BIGINT,
    rounded_percent DECIMAL(5, 1), allotted_percent DECIMAL(5, 1));
CREATE TABLE marts.disclosed_items_by_channel (source_id VARCHAR, year INTEGER, channel VARCHAR, items BIGINT, items_only_there BIGINT, items_of_the_year BIGINT);
CREATE TABLE marts.consultations_by_channel (source_id VARCHAR, year INTEGER, channel VARCHAR, position INTEGER, consultations BIGINT);
CREATE TABLE marts.double_publicity (source_id VARCHAR, year INTEGER, department VARCHAR, kind VARCHAR, decided BIGINT, published BIGINT, met BIGINT,
    missed BIGINT, late BIGINT, absent BIGINT, pending BIGINT, undecidable BIGINT);
CREATE TABLE marts.permits_and_penalties (document_number VARCHAR, department VARCHAR, kind VARCHAR, title VARCHAR, year INTEGER, decided_on DATE,
    due_on DATE, published_on DATE, verdict VARCHAR, missed_reason VARCHAR, days_late BIGINT, source_id VARCHAR);
CREATE TABLE marts.requests_by_year (source_id VARCHAR, year INTEGER, carried_over BIGINT, received BIGINT, answered BIGINT, answered_in_time BIGINT,
    answered_late BIGINT, carried_forward BIGINT);
CREATE TABLE marts.requests_by_form (source_id VARCHAR, year INTEGER, form VARCHAR, position INTEGER, requests BIGINT);
CREATE TABLE marts.requests_by_outcome (source_id VARCHAR, year INTEGER, outcome VARCHAR, position INTEGER, answers BIGINT);
CREATE TABLE marts.disputes_by_kind (source_id VARCHAR, year INTEGER, kind VARCHAR, position INTEGER, filed BIGINT, upheld BIGINT, corrected BIGINT,
    other BIGINT, pending BIGINT);
CREATE TABLE marts.sanctions (notice_number VARCHAR, region_code VARCHAR, body_code VARCHAR, body_name VARCHAR, clause VARCHAR, clause_label VARCHAR,
    points DECIMAL(20, 6), points_by_table DECIMAL(20, 6), points_differ BOOLEAN, table_status VARCHAR, issued_on DATE, expires_on DATE, effect VARCHAR,
    is_under_appeal BOOLEAN, body_points DECIMAL(20, 6), blacklist_points DECIMAL(20, 6), window_months INTEGER, threshold_status VARCHAR,
    threshold_source VARCHAR);
CREATE TABLE marts.sanctioned_bodies (body_code VARCHAR, body_name VARCHAR, notices_in_effect BIGINT, last_issued_on DATE, body_points DECIMAL(20, 6),
    body_points_under_appeal DECIMAL(20, 6), last_revoked_on DATE, should_be_looked_at BOOLEAN);
CREATE TABLE marts.blacklist (blacklist_code VARCHAR, body_name VARCHAR, reason VARCHAR, document_number VARCHAR, listed_on DATE, revoked_on DATE,
    state VARCHAR, is_in_force BOOLEAN, points_when_listed DECIMAL(20, 6), was_supported BOOLEAN, body_points DECIMAL(20, 6), is_supported BOOLEAN);
CREATE TABLE marts.credit_commitments (body_name VARCHAR, section_code VARCHAR, signed_on DATE);
CREATE SCHEMA reference;
CREATE TABLE reference.push_requirements (measure VARCHAR, amount INTEGER, unit VARCHAR, threshold_percent INTEGER, confidence_percent INTEGER, clock VARCHAR,
    source VARCHAR, status VARCHAR, valid_from DATE, valid_to DATE);
CREATE TABLE marts.push_quality (period_kind VARCHAR, period_start DATE, region_code VARCHAR, dataset VARCHAR, records BIGINT, pushed BIGINT, accepted BIGINT,
    on_time BIGINT, accurate BIGINT, timeliness_rate DOUBLE, accuracy_rate DOUBLE, completeness_rate DOUBLE, meets_98 BOOLEAN, meets_timeliness BOOLEAN,
    meets_accuracy BOOLEAN, judged BIGINT, late BIGINT, refused BIGINT, unanswered BIGINT, never_sent BIGINT, pending BIGINT, not_due BIGINT);
CREATE TABLE marts.push_shortfalls (dataset VARCHAR, pushed_key VARCHAR, region_code VARCHAR, source_row BIGINT, clock_started_at TIMESTAMPTZ, due_at TIMESTAMPTZ,
    sent_at TIMESTAMPTZ, accepted_at TIMESTAMPTZ, shortfall VARCHAR, hours_late DOUBLE, reason VARCHAR);
CREATE TABLE marts.issued_statements (period VARCHAR, period_start DATE, period_end DATE, edition INTEGER, issued_at TIMESTAMPTZ, reason VARCHAR, as_of DATE,
    obligations BIGINT, digest VARCHAR, is_current BOOLEAN);
CREATE TABLE marts.issued_differences (period VARCHAR, edition INTEGER, obligation_id VARCHAR, measure VARCHAR, rule_id VARCHAR, region_before VARCHAR,
    region_after VARCHAR, counted_before VARCHAR, counted_after VARCHAR, reason VARCHAR, trigger_after BIGINT, duty_after BIGINT, correcting_row BIGINT);
"""

# i numbers the obligations. Every eighth region meets less; every 41st is undecidable, every 53rd exempt, the last weeks are pending.
_OBLIGATIONS = """
INSERT INTO marts.obligations
WITH drawn AS (
    SELECT i, rules.* EXCLUDE (row_id), regions.region_code, regions.place,
           TIMESTAMPTZ '2016-12-10 09:30:00+08' + INTERVAL 1 HOUR * (hash(i) % 9800) AS triggered_at,
           (hash(i * 7 + 1) % 1000)::INTEGER AS luck
    FROM range($count) AS numbers (i)
    JOIN (SELECT *, row_number() OVER (ORDER BY rule_id, version) - 1 AS row_id FROM marts.rules) AS rules
        ON rules.row_id = hash(i * 3 + 5) % (SELECT count(*) FROM marts.rules)
    JOIN (SELECT *, row_number() OVER (ORDER BY region_code) - 1 AS place FROM marts.regions) AS regions
        ON regions.place = hash(i * 5 + 2) % (SELECT count(*) FROM marts.regions)
), due AS (
    SELECT *, date_trunc('day', triggered_at) + INTERVAL 1 DAY * (1 + amount) - INTERVAL 1 SECOND AS due_at FROM drawn
), judged AS (
    SELECT *, CASE
        WHEN due_at::DATE > $as_of THEN 'pending'
        WHEN i % 53 = 0 THEN 'exempt'
        WHEN i % 41 = 0 AND place % 3 = 0 THEN 'undecidable'
        WHEN luck < 4 + 9 * (place % 8) THEN 'missed'
        ELSE 'met' END AS verdict
    FROM due
), reasoned AS (
    SELECT *, CASE WHEN verdict <> 'missed' THEN NULL WHEN kind = 'at_least' THEN 'too_short' WHEN luck % 3 = 0 THEN 'absent' ELSE 'late' END AS missed_reason
    FROM judged
)
SELECT
    'O' || i, rule_id, version, measure, transaction_type, region_code, 'section', 'S' || i,
    coalesce($titles[1 + i % len($titles)], '') || ' 第' || i || '标段', triggered_at, due_at, due_at::DATE, due_at::DATE,
    CASE WHEN verdict = 'met' THEN due_at - INTERVAL 5 HOUR WHEN missed_reason IN ('late', 'too_short') THEN due_at + INTERVAL 1 DAY * (1 + luck % 40) END,
    verdict, missed_reason, CASE WHEN verdict = 'undecidable' THEN 'trigger_missing' END,
    CASE missed_reason WHEN 'late' THEN 1 + luck % 40 WHEN 'absent' THEN date_diff('day', due_at::DATE, $as_of) END,
    $as_of, 1000000000 + i, CASE WHEN verdict = 'met' OR missed_reason IN ('late', 'too_short') THEN 2000000000 + i END
FROM reasoned
"""


def _tables_of_contract(description: str) -> str:
    """The tables of the marts described in a file, empty, with the columns of their contracts."""
    models = yaml.safe_load((DBT / "models" / "marts" / description).read_text(encoding="utf-8"))["models"]
    columns = {model["name"]: ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"]) for model in models}
    return "".join(f"CREATE TABLE marts.{name} ({listed}); " for name, listed in columns.items())


_RATES = """
CREATE TABLE marts.{table} AS
WITH counted AS (
    SELECT period_kind, date_trunc(period_kind, due_on)::DATE AS period_start, region_code, transaction_type, rule_id,
           count(*) FILTER (verdict IN ('met', 'missed', 'undecidable')) AS due, count(*) FILTER (verdict = 'met') AS met,
           count(*) FILTER (verdict = 'missed') AS missed, count(*) FILTER (missed_reason = 'late') AS late,
           count(*) FILTER (missed_reason = 'absent') AS absent, count(*) FILTER (missed_reason = 'too_short') AS too_short,
           count(*) FILTER (verdict = 'pending') AS pending, count(*) FILTER (verdict = 'undecidable') AS undecidable,
           count(*) FILTER (verdict = 'exempt') AS exempt
    FROM marts.obligations, (VALUES ('month'), ('quarter'), ('year')) AS kinds (period_kind)
    WHERE measure = '{measure}' GROUP BY ALL
)
SELECT *, met / nullif(met + missed, 0) AS rate, met / nullif(due, 0) AS rate_low, (met + undecidable) / nullif(due, 0) AS rate_high FROM counted
"""


@dataclass(frozen=True)
class Content:
    """What a snapshot is filled with: how many obligations, over which regions, with which titles in turn."""

    obligations: int = 4000
    regions: Mapping[str, str] = field(default_factory=lambda: REGIONS)
    titles: Iterable[str] = ("咸安区2017年农村公路提档升级工程施工", "嘉鱼县第一中学教学楼建设项目监理", "通山县政务云平台采购")
    source_label: str = "咸宁市公共资源交易中心"
    rules: Iterable[tuple] = tuple(RULES)


#: Nothing at all, one county, three hundred counties with long names.
of_any_size = pytest.mark.parametrize(
    "content",
    [
        Content(obligations=0),
        Content(obligations=0, rules=(), regions={}),
        Content(obligations=3, regions={"421202": "咸安区"}),
        Content(obligations=6000, regions={str(110000 + place): f"第{place}区" + "长" * 60 for place in range(300)}, titles=("长" * 5000,)),
    ],
    ids=["no rows", "no rules", "one county", "300 counties"],
)


def _english_names() -> dict[str, str]:
    """The English names of the rule book; a rule that it does not know keeps the name it was given."""
    with (DBT / "seeds" / "rule_book.csv").open(encoding="utf-8", newline="") as stream:
        return {row["rule_id"]: row["label_en"] for row in csv.DictReader(stream)}


def build_snapshot(folder: Path, content: Content | None = None) -> Path:
    """Writes `warehouse.duckdb` into the folder and returns its path."""
    content = content or Content()
    english = _english_names()
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        connection.execute(_TABLES + _tables_of_contract("_registers.yml") + _tables_of_contract("_transactions.yml"))
        for rule_id, version, measure, transaction_type, label, kind, amount, unit, legal_source, status in content.rules:
            connection.execute(
                "INSERT INTO marts.rules VALUES (?, ?, 'section', ?, ?, ?, ?, 'a', 'b', ?, ?, ?, ?, ?, ?, NULL, '', '')",
                [
                    rule_id,
                    version,
                    measure,
                    transaction_type,
                    label,
                    english.get(rule_id, label),
                    kind,
                    amount,
                    unit,
                    legal_source,
                    status,
                    date(2000 + 17 * (version - 1), 1, 1),
                ],
            )
        for code, name in content.regions.items():
            connection.execute("INSERT INTO marts.regions VALUES (?, ?)", [code, name])
        connection.execute(_OBLIGATIONS, {"count": content.obligations, "as_of": AS_OF, "titles": list(content.titles)})
        for table, measure in (("disclosure_rates", "disclosure"), ("timeliness", "timeliness")):
            connection.execute(_RATES.format(table=table, measure=measure))
        connection.execute("INSERT INTO meta.sources VALUES ('xianning', ?, 'CN', '421200')", [content.source_label])
        if content.obligations:
            connection.execute(
                """
                INSERT INTO meta.deliveries (delivery_id, delivery_number, source_id, dataset, file, status, rows_received, rows_loaded, rows_quarantined, rows_duplicate)
                VALUES ('d1', 1, 'xianning', 'EVALUATION_REPORT', 'EVALUATION_REPORT_2017.csv', 'loaded', 12000, 11900, 60, 40),
                       ('d2', 2, 'xianning', 'WIN_CANDIDATE_PUBLICITY', '511_2017.xlsx', 'loaded', 8000, 7990, 10, 0),
                       ('d3', 3, 'xianning', NULL, '坏文件.xml', 'refused', 0, 0, 0, 0)
                """
            )
            connection.execute(
                """
                INSERT INTO meta.quarantine
                SELECT 'd1', 'EVALUATION_REPORT', 'EVALUATION_REPORT_2017.csv', i, 'BID_SECTION_CODE', 'scientific_notation', '2.01531E+16', '编号被改写为科学记数法', '{}'
                FROM range(60) AS numbers (i)
                UNION ALL SELECT 'd2', 'WIN_CANDIDATE_PUBLICITY', '511_2017.xlsx', i, 'PUBLICITY_START_TIME', 'absurd_date', '2223/7/7 8:', '日期在2100年之后', '{}'
                FROM range(10) AS numbers (i)
                UNION ALL SELECT 'd3', NULL, '坏文件.xml', NULL, NULL, 'doctype', NULL, '文件含有 DOCTYPE', NULL
                """
            )
            connection.execute(
                """
                INSERT INTO quality.checks VALUES
                ('run-1', 'obligations.verdict_known', 'expect_set', 'obligations', 'validity', 4000, 0, 0, true),
                ('run-1', 'award_notices.price_positive', 'expect_min', 'award_notices', 'plausibility', 3100, 17, 0, false),
                ('run-1', 'required_sections', 'expect_no_violations', 'SECTION', 'completeness', 3100, 3, 0, false),
                ('run-0', 'older.run', 'expect_set', 'obligations', 'validity', 10, 10, 0, false)
                """
            )
    return path


def add_transactions(warehouse: Path, count: int = 1500, regions: Mapping[str, str] = REGIONS) -> None:
    """Adds transactions of four kinds from January 2016 to the cut-off: every ninth has no result, every eleventh of the others no amount in yuan. Of construction every fifth
    tells who bid, and of those without a result every other failed or was otherwise ended."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        connection.execute(
            """
            INSERT INTO marts.transactions BY NAME
            WITH drawn AS (
                SELECT i, ['construction', 'procurement', 'land', 'construction', 'property'][1 + i % 5] AS transaction_type, $codes[1 + (hash(i * 3) % len($codes))::INTEGER] AS region_code,
                       (1000000 + hash(i) % 90000000)::DECIMAL(20, 6) + 0.005 AS estimate_yuan,
                       TIMESTAMPTZ '2016-01-02 00:30:00+08' + INTERVAL 1 HOUR * (hash(i * 5) % 18000) AS tender_notice_at
                FROM range($count) AS numbers (i)
            ), awarded AS (
                SELECT *, transaction_type IN ('construction', 'procurement') AS saves, CASE WHEN i % 9 = 0 THEN NULL ELSE tender_notice_at + INTERVAL 2 DAY END AS award_notice_at,
                       CASE WHEN i % 9 <> 0 AND i % 11 <> 0 THEN (estimate_yuan * (CASE WHEN saves THEN 0.91 ELSE 1.3 END + (hash(i * 7) % 50)::DECIMAL(20, 6) / 1000))::DECIMAL(20, 6) END AS award_yuan
                FROM drawn
            )
            SELECT 'S' || i AS subject_id, 'section' AS subject_type, transaction_type, region_code, '标段' || i AS title, estimate_yuan, award_yuan,
                   CASE WHEN i % 9 <> 0 AND i % 22 <> 0 THEN coalesce(award_yuan, 5000000) END AS award_amount, CASE WHEN i % 9 <> 0 THEN CASE WHEN i % 11 = 0 THEN '840' ELSE '156' END END AS currency_code,
                   CASE WHEN saves THEN estimate_yuan - award_yuan END AS savings_yuan, CASE WHEN NOT saves AND i % 7 <> 0 THEN award_yuan - estimate_yuan END AS added_yuan,
                   CASE WHEN NOT saves AND i % 7 = 0 AND award_yuan IS NOT NULL THEN 'one_price_for_several_parcels' END AS not_comparable_reason,
                   tender_notice_at, award_notice_at, award_notice_at AS concluded_at,
                   CASE WHEN transaction_type = 'construction' THEN tender_notice_at + INTERVAL 1 DAY END AS bids_opened_at,
                   CASE WHEN transaction_type = 'construction' AND hash(i) % 5 = 0 THEN 3 + hash(i * 11) % 9 END AS bidders
            FROM awarded WHERE coalesce(award_notice_at, tender_notice_at) < TIMESTAMPTZ '2018-01-26 00:00:00+08'
            """,
            {"codes": sorted(regions), "count": count},
        )
        connection.execute(
            """
            INSERT INTO marts.tender_exceptions BY NAME
            SELECT subject_type, subject_id, transaction_type, region_code, title, [1, 1, 2, NULL, 3, 9][1 + row_number() OVER (ORDER BY subject_id) % 6] AS exception_type,
                   exception_type = 1 AS is_failed, bids_opened_at + INTERVAL 3 DAY AS approved_at, 4000000000 + row_number() OVER (ORDER BY subject_id) AS source_row
            FROM marts.transactions WHERE transaction_type = 'construction' AND concluded_at IS NULL AND hash(subject_id) % 2 = 0
            """
        )
        connection.execute(
            "INSERT INTO meta.deliveries (delivery_id, dataset, file, status) VALUES ('d4', 'TENDER_ABNORMITY_REPORT', '517.csv', 'loaded')"
        )


def add_push(
    warehouse: Path, regions: Mapping[str, str] = REGIONS, datasets: Sequence[str] = ("TENDER_PROJECT", "CONTRACT_PERFORMANCE", "SECTION")
) -> None:
    """Adds a year and a month of pushes with receipts: counts of every county, data set and month, summed into the year, and some shortfalls."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            """
            INSERT INTO reference.push_requirements VALUES
            ('timeliness', 24, 'hour', 98, 95, '自发布起至接收', '建议', 'R', DATE '2017-01-01', NULL), ('accuracy', NULL, NULL, 98, 95, '首次即被接收', '建议', 'R', DATE '2017-01-01', NULL)
            """
        )
        connection.execute(
            """
            CREATE TEMP TABLE counted AS
            WITH months AS (SELECT DATE '2017-01-01' + INTERVAL 1 MONTH * m AS month, m FROM range(13) AS t (m)),
            drawn AS (
                SELECT month::DATE AS month, region_code, dataset, (20 + hash(m, region_code, dataset) % 300)::BIGINT AS records,
                       (hash(m, region_code, dataset, 1) % 4)::BIGINT AS late, (hash(m, region_code, dataset, 2) % 3)::BIGINT AS refused, (hash(m, region_code, dataset, 3) % 2)::BIGINT AS never_sent
                FROM months, (SELECT unnest($codes) AS region_code) AS c, (SELECT unnest($datasets) AS dataset) AS d
            )
            SELECT *, records - never_sent AS pushed, records - never_sent - refused AS accepted, records - never_sent - refused - late AS on_time, records - never_sent - 2 * refused AS accurate FROM drawn
            """,
            {"codes": sorted(regions), "datasets": list(datasets)},
        )
        for kind in ("month", "year"):
            connection.execute(
                f"""
                INSERT INTO marts.push_quality
                WITH sums AS (
                    SELECT date_trunc('{kind}', month)::DATE AS period_start, region_code, dataset, sum(records)::BIGINT AS records, sum(pushed)::BIGINT AS pushed, sum(accepted)::BIGINT AS accepted,
                           sum(on_time)::BIGINT AS on_time, sum(accurate)::BIGINT AS accurate, sum(late)::BIGINT AS late, sum(refused)::BIGINT AS refused, sum(never_sent)::BIGINT AS never_sent
                    FROM counted GROUP BY ALL
                )
                SELECT '{kind}', period_start, region_code, dataset, records, pushed, accepted, on_time, accurate, on_time / pushed, accurate / pushed, pushed / records,
                       CASE WHEN pushed >= 149 THEN 100 * on_time >= 98 * pushed AND 100 * accurate >= 98 * pushed END, CASE WHEN pushed >= 149 THEN 100 * on_time >= 98 * pushed END,
                       CASE WHEN pushed >= 149 THEN 100 * accurate >= 98 * pushed END, pushed, late, refused, 0, never_sent, 0, 0
                FROM sums
                """
            )
        connection.execute(
            """
            INSERT INTO marts.push_shortfalls
            SELECT 'SECTION', 'KEY' || i, '421202', 1000000000 + i, NULL, TIMESTAMPTZ '2017-12-01 10:00:00+08', NULL, CASE WHEN i % 2 = 0 THEN TIMESTAMPTZ '2017-12-03 10:00:00+08' END,
                   CASE WHEN i % 2 = 0 THEN 'late' ELSE 'never_sent' END, CASE WHEN i % 2 = 0 THEN i END, '原因<b>' || i
            FROM range(1, 131) AS t (i)
            """
        )


def add_information(warehouse: Path, source: str, year: int, category: str = "业务<b>工作</b>") -> None:
    """Adds a year of every register of government information to a snapshot; `category` is that of most of its disclosed items."""
    quoted = category.replace("'", "''")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("INSERT INTO meta.sources SELECT ?, '贵<i>安</i>', 'CN', '52P001' WHERE ? <> 'xianning'", [source, source])
        for mart, rows in {
            "disclosed_items_by_category": f"('{quoted}', 1200, 1300, 92.3, 92.3), ('其他', 100, 1300, 7.7, 7.7)",
            "disclosed_items_by_channel": "('门户网站', 1250, 1200, 1300), ('公报', 100, 50, 1300)",
            "consultations_by_channel": "('电话', 2, 265), ('现场', 1, 80), ('网上', 3, 0), ('来信', NULL, 1)",
            "double_publicity": "('综合执法局', '处罚', 5, 4, 3, 2, 1, 1, 0, 0)",
            "requests_by_year": "(1, 6, 5, 4, 1, 2)",
            "requests_by_form": "('当面', 1, 0), ('网络', 3, 6)",
            "requests_by_outcome": "('同意公开', 2, 5), ('不同意公开', 4, 0)",
            "disputes_by_kind": "('复议', 1, 0, 0, 0, 0, 0), ('诉讼', 2, 1, 0, 0, 0, 1)",
        }.items():
            columns = rows.rsplit("(", 1)[1].count(",") + 1
            names = ", ".join(f"c{number}" for number in range(columns))
            connection.execute(f"INSERT INTO marts.{mart} SELECT '{source}', {year}, * FROM (VALUES {rows}) AS given ({names})")
        connection.execute(
            f"""INSERT INTO marts.permits_and_penalties VALUES
            ('罚1', '综合执法局', '处罚', '占道', {year}, DATE '2016-02-01', DATE '2016-02-15', DATE '2016-03-01', 'missed', 'late', 15, '{source}'),
            ('罚2', '综合执法局', '处罚', NULL, {year}, DATE '2016-02-01', DATE '2016-02-15', NULL, 'missed', 'absent', 345, '{source}'),
            ('罚3', '综合执法局', '处罚', '占道', {year}, DATE '2016-02-01', DATE '2016-02-15', DATE '2016-02-02', 'met', NULL, NULL, '{source}')"""
        )
