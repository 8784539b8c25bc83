"""Small real warehouses to audit: raw and meta tables from the definitions, staging, events and marts as the models shape them."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from quality.checks import SUITES
from sources.definitions import Column, Dataset, datasets
from sources.warehouse import ROWS_PER_DELIVERY, open_warehouse

FILE, SECOND_FILE = 1, 2
#: From the exchange rules; its check character is right.
DEAL_CODE = "A02-123100007847653857-20161012-000015-Q"
CREDIT_CODE = "91420500MA4KL8HX1Q"

_VALUES = {"flag": "true", "date": "DATE '2017-05-02'", "instant": "TIMESTAMPTZ '2017-05-02 09:00:00+08'", "integer": "1", "decimal": "100"}
_BY_NAME = {
    "unified_deal_code": DEAL_CODE, "unified_deal_codes": DEAL_CODE, "region_code": "420500", "trading_region_code": "420500",
    "section_code": "S1", "section_codes": "S1", "violation_code": "V1", "request_number": "R1",
    **dict.fromkeys(("supplier_code", "candidate_code", "bidder_code", "tenderer_code", "tender_agency_code", "purchaser_code", "purchaser_agency_code", "body_code",
                     "respondent_code", "contractor_code", "seller_code", "buyer_code", "trading_agency_code", "intermediary_code"), CREDIT_CODE),
}  # fmt: skip
_CODE_LISTS = tomllib.loads((SUITES / "codes.toml").read_text(encoding="utf-8"))["code_lists"]

_MODELS = """
CREATE SCHEMA staging; CREATE SCHEMA events; CREATE SCHEMA marts; CREATE SCHEMA reference;
CREATE TABLE staging.superseded_rows (table_name VARCHAR, row_hash UHUGEINT);
CREATE TABLE reference.regions (region_code VARCHAR, valid_from DATE, valid_to DATE);
CREATE TABLE reference.event_types (event_type VARCHAR, dataset VARCHAR, column_name VARCHAR, label VARCHAR);
CREATE TABLE events.events (event_type VARCHAR, occurred_at TIMESTAMPTZ, occurred_on DATE, known_at TIMESTAMPTZ, record_key UHUGEINT, source_row BIGINT);
CREATE TABLE events.subjects (subject_type VARCHAR, subject_id VARCHAR, transaction_type VARCHAR, region_code VARCHAR);
CREATE TABLE marts.rules (rule_id VARCHAR, version INTEGER, kind VARCHAR, legal_source VARCHAR, status VARCHAR);
CREATE TABLE marts.obligations (
    obligation_id VARCHAR, rule_id VARCHAR, rule_version INTEGER, measure VARCHAR, transaction_type VARCHAR, region_code VARCHAR, subject_type VARCHAR,
    subject_id VARCHAR, triggered_at TIMESTAMPTZ, due_at TIMESTAMPTZ, due_on DATE, fulfilled_at TIMESTAMPTZ, verdict VARCHAR, missed_reason VARCHAR,
    undecidable_reason VARCHAR, days_late BIGINT, as_of DATE, trigger_source_row BIGINT, duty_source_row BIGINT);
CREATE TABLE marts.timeliness (
    period_kind VARCHAR, period_start DATE, region_code VARCHAR, transaction_type VARCHAR, rule_id VARCHAR, due BIGINT, met BIGINT, missed BIGINT,
    late BIGINT, absent BIGINT, too_short BIGINT, pending BIGINT, undecidable BIGINT, exempt BIGINT);
CREATE TABLE marts.disclosure_rates AS FROM marts.timeliness;
CREATE TABLE marts.issued_periods (
    period VARCHAR, measure VARCHAR, region_code VARCHAR, transaction_type VARCHAR, rule_id VARCHAR, issued_met BIGINT, issued_late BIGINT,
    issued_absent BIGINT, issued_too_short BIGINT, issued_pending BIGINT, issued_undecidable BIGINT, issued_exempt BIGINT, met BIGINT, late BIGINT,
    absent BIGINT, too_short BIGINT, pending BIGINT, undecidable BIGINT, exempt BIGINT);
CREATE TABLE marts.issued_differences (
    period VARCHAR, measure VARCHAR, rule_id VARCHAR, region_before VARCHAR, region_after VARCHAR, transaction_type_before VARCHAR,
    transaction_type_after VARCHAR, counted_before VARCHAR, counted_after VARCHAR);
CREATE TABLE marts.sanctions (
    notice_number VARCHAR, region_code VARCHAR, points DECIMAL(20, 6), points_by_table DECIMAL(20, 6), points_differ BOOLEAN, table_status VARCHAR,
    table_source VARCHAR, source_row BIGINT);
CREATE TABLE marts.blacklist (
    blacklist_code VARCHAR, region_code VARCHAR, listed_on DATE, revoked_on DATE, is_in_force BOOLEAN, was_supported BOOLEAN, body_points DECIMAL(20, 6),
    blacklist_points DECIMAL(20, 6), threshold_status VARCHAR, threshold_source VARCHAR, is_supported BOOLEAN, source_row BIGINT);
CREATE TABLE marts.requests_by_year (
    source_id VARCHAR, year INTEGER, carried_over BIGINT, received BIGINT, answered BIGINT, answered_in_time BIGINT, answered_late BIGINT, carried_forward BIGINT);
CREATE TABLE marts.requests_by_form (source_id VARCHAR, year INTEGER, form VARCHAR, position INTEGER, requests BIGINT);
CREATE TABLE marts.disclosed_items_by_category (
    source_id VARCHAR, year INTEGER, category VARCHAR, items BIGINT, items_of_the_year BIGINT, rounded_percent DECIMAL(5, 1), allotted_percent DECIMAL(5, 1));
CREATE TABLE marts.disclosed_items_by_channel (
    source_id VARCHAR, year INTEGER, channel VARCHAR, items BIGINT, items_only_there BIGINT, items_of_the_year BIGINT);
CREATE TABLE marts.published_identities (
    report VARCHAR, identity VARCHAR, relation VARCHAR, whole VARCHAR, published_whole DECIMAL(20, 6), published_sum DECIMAL(20, 6),
    published_largest DECIMAL(20, 6), computed_sum DECIMAL(20, 6), holds_as_published BOOLEAN);
CREATE TABLE marts.disclosure_register (
    item_code VARCHAR, region_code VARCHAR, openness VARCHAR, openness_class VARCHAR, is_published BOOLEAN, is_published_against_decision BOOLEAN,
    source_row BIGINT);
CREATE TABLE marts.intermediaries (
    intermediary_code VARCHAR, region_code VARCHAR, is_standardised BOOLEAN, required_items INTEGER, disclosed_items INTEGER, missing_items VARCHAR[],
    is_complete BOOLEAN, source_row BIGINT);
"""


@contextmanager
def warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with every relation that an audit reads, all empty."""
    with open_warehouse(path) as connection:
        for statement in _MODELS.split(";"):
            if statement.strip():
                connection.execute(statement)
        yield connection


def sound_cell(column: Column) -> str | None:
    """A value that no check objects to; None where the cell is not required."""
    if column.name in _BY_NAME:
        return _BY_NAME[column.name]
    if column.code_list:
        return str(_CODE_LISTS[column.code_list][0])
    return "X" if is_asked(column) and column.type in ("text", "code") else None


def is_asked(column: Column) -> bool:
    """Whether the column is required, always or where another has a certain value."""
    return column.required or column.required_when is not None


def add_row(connection: duckdb.DuckDBPyConnection, dataset: Dataset, row_number: int, cells: dict[str, str | None] | None = None, *,
            file: int = FILE, record: int | None = None, is_withdrawn: bool = False, held: int = 0) -> int:  # fmt: skip
    """Add a sound row of a data set, with ``cells`` in place of its own; gives its source_row."""
    source_row = file * ROWS_PER_DELIVERY + row_number
    values = []
    for column in dataset.columns:
        if cells is not None and column.name in cells:
            given = cells[column.name]
            values.append("NULL" if given is None else "'" + given.replace("'", "''") + "'")
        elif (cell := sound_cell(column)) is not None:
            values.append(f"'{cell}'")
        else:
            values.append(_VALUES.get(column.type, "NULL") if is_asked(column) else "NULL")
    numbers = f"{source_row}, {source_row}, {record if record is not None else source_row}, NULL, {is_withdrawn}, {held}, NULL"
    connection.execute(f"INSERT INTO raw.{dataset.table} VALUES ({numbers}, {', '.join(values)})")
    return source_row


def add_file(connection: duckdb.DuckDBPyConnection, number: int = FILE, dataset: str | None = "SECTION", *, received: int = 1, loaded: int = 1,
             quarantined: int = 0, duplicate: int = 0, status: str = "loaded", message: str | None = None) -> None:  # fmt: skip
    """Add a line to the ledger: delivery ``f<number>``, file ``<number>.csv`` of the source ``city`` (region 420500)."""
    connection.execute("INSERT INTO meta.sources VALUES ('city', '市', 'CN', '420500') ON CONFLICT DO NOTHING")
    connection.execute(
        """INSERT INTO meta.deliveries (delivery_id, delivery_number, source_id, dataset, file, status, rows_received, rows_loaded, rows_quarantined,
            rows_duplicate, message) VALUES ('f' || $1::INTEGER, $1, 'city', $2, $1::INTEGER || '.csv', $3, $4, $5, $6, $7, $8)""",
        [number, dataset, status, received, loaded, quarantined, duplicate, message],
    )


def add_obligation(connection: duckdb.DuckDBPyConnection, obligation_id: str, verdict: str, **cells: object) -> None:
    """Add an obligation that is explained, of the rule R-1 and region 420500; ``cells`` are put in place of its own."""
    due, done = "2017-05-05 23:59:59+08", "2017-05-04 10:00:00+08"
    own: dict[str, object] = {
        "obligation_id": obligation_id, "rule_id": "R-1", "rule_version": 1, "measure": "timeliness", "region_code": "420500", "subject_id": "S1",
        "triggered_at": "2017-05-02 09:00:00+08", "due_at": due, "due_on": "2017-05-05", "verdict": verdict,
        "trigger_source_row": FILE * ROWS_PER_DELIVERY + 2, "fulfilled_at": done if verdict == "met" else None,
        "missed_reason": "late" if verdict == "missed" else None, "undecidable_reason": "duty_time_missing" if verdict == "undecidable" else None,
    } | cells  # fmt: skip
    connection.execute(f"INSERT INTO marts.obligations ({', '.join(own)}) VALUES ({', '.join('?' * len(own))})", list(own.values()))


def add_rate(connection: duckdb.DuckDBPyConnection, mart: str, *, met: int, missed: int, undecidable: int = 0, due: int | None = None,
             region: str = "420500", rule: str = "R-1") -> None:  # fmt: skip
    """Add the row of a year to a mart of rates; ``due`` is the sum unless it is given."""
    total = met + missed + undecidable if due is None else due
    connection.execute(
        f"INSERT INTO marts.{mart} VALUES ('year', DATE '2017-01-01', ?, 'construction', ?, ?, ?, ?, ?, 0, 0, 0, ?, 0)",
        [region, rule, total, met, missed, missed, undecidable],
    )


def add_event(connection: duckdb.DuckDBPyConnection, event_type: str, day: str, source_row: int, *, known: str | None = None) -> None:
    """Add an event of a request's record; ``known`` is the day on which it was declared, ahead of its happening."""
    connection.execute("INSERT INTO reference.event_types SELECT $1, 'INFORMATION_REQUEST', 'received_at', '收到' WHERE $1 NOT IN (SELECT event_type FROM reference.event_types)", [event_type])  # fmt: skip
    connection.execute("INSERT INTO events.events VALUES ($1, $2, $2, $3, $4, $4)", [event_type, day, known or day, source_row])


def add_issued_period(connection: duckdb.DuckDBPyConnection, period: str, *, late: int) -> None:
    """Add an issued period of region 420500 that counted three duties as met and counts one of them as ``late`` now, with the difference of one."""
    connection.execute(
        "INSERT INTO marts.issued_periods VALUES ($1, 'timeliness', '420500', 'construction', 'R-1', 3, 0, 0, 0, 0, 0, 0, 2, $2, 0, 0, 0, 0, 0)",
        [period, late],
    )
    connection.execute(
        "INSERT INTO marts.issued_differences VALUES ($1, 'timeliness', 'R-1', '420500', '420500', 'construction', 'construction', 'met', 'late')",
        [period],
    )


def add_notice(connection: duckdb.DuckDBPyConnection, number: str, *, points: int) -> None:
    """Add a point notice of region 420500 whose clause costs eight points."""
    connection.execute(
        "INSERT INTO marts.sanctions VALUES ($1, '420500', $2, 8, $2::INTEGER <> 8, 'R', '示例', $3)", [number, points, FILE * ROWS_PER_DELIVERY + 2]
    )


def add_entry(connection: duckdb.DuckDBPyConnection, code: str, *, revoked_on: str | None, is_in_force: bool = True, points: int = 12) -> None:
    """Add an entry of the blacklist, listed on 2017-05-02 with the twelve points that the threshold asks for."""
    connection.execute(
        "INSERT INTO marts.blacklist VALUES ($1, '420500', DATE '2017-05-02', $2, $3, true, $4, 12, 'R', '示例', $4::INTEGER >= 12, $5)",
        [code, revoked_on, is_in_force, points, FILE * ROWS_PER_DELIVERY + 2],
    )


def add_information(
    connection: duckdb.DuckDBPyConnection, year: int, *, answered: int = 2, online: int = 3, allotted: float = 66.7, total: int = 3
) -> None:
    """Add a year of requests and disclosed items: three requests, two items over one channel and one over two; and a report that counts them."""
    connection.execute("INSERT INTO marts.requests_by_year VALUES ('city', $1, 0, 3, $2, $2, 0, 1)", [year, answered])
    connection.execute("INSERT INTO marts.requests_by_form VALUES ('city', $1, '网络', 3, $2), ('city', $1, '信函', 4, 0)", [year, online])
    connection.execute(
        "INSERT INTO marts.disclosed_items_by_category VALUES ('city', $1, '甲', 2, 3, 66.7, $2), ('city', $1, '乙', 1, 3, 33.3, 33.3)",
        [year, allotted],
    )
    connection.execute(
        "INSERT INTO marts.disclosed_items_by_channel VALUES ('city', $1, '网站', 3, 2, $2), ('city', $1, '公报', 1, 0, $2)", [year, total]
    )
    connection.execute(
        "INSERT INTO marts.published_identities VALUES ('city', $1, 'each_once', 'all', $2, 4, 3, 4, $2 BETWEEN 3 AND 4)", [f"items {year}", total]
    )


def add_item(connection: duckdb.DuckDBPyConnection, code: str, openness: str | None, openness_class: str) -> None:
    """Add a published item of the register of disclosures, of region 420500."""
    connection.execute(
        "INSERT INTO marts.disclosure_register VALUES ($1, '420500', $2, $3, true, $3 <> 'proactive', $4)",
        [code, openness, openness_class, FILE * ROWS_PER_DELIVERY + 2],
    )


def add_intermediary(connection: duckdb.DuckDBPyConnection, code: str, *, missing: list[str]) -> None:
    """Add a standardised intermediary of region 420500."""
    connection.execute(
        "INSERT INTO marts.intermediaries VALUES ($1, '420500', true, 16, 16 - len($2::VARCHAR[]), $2::VARCHAR[], len($2::VARCHAR[]) = 0, $3)",
        [code, missing, FILE * ROWS_PER_DELIVERY + 2],
    )


def add_sound_city(connection: duckdb.DuckDBPyConnection) -> None:
    """One sound row of every data set, one obligation of every verdict, the rates that follow from them."""
    add_file(connection)
    parents = {column.parent for dataset in datasets().values() for column in dataset.columns if column.parent}
    for number, parent in enumerate(sorted(parents), start=100):
        add_file(connection, number, parent)
    for dataset in datasets().values():
        add_row(connection, dataset, 2)
    connection.execute("INSERT INTO reference.regions VALUES ('420500', NULL, NULL), ('330103', NULL, DATE '2021-04-08')")
    connection.execute("INSERT INTO events.subjects VALUES ('section', 'S1', 'construction', '420500')")
    connection.execute("INSERT INTO marts.rules VALUES ('R-1', 1, 'within', '某法 第一条', 'A')")
    for verdict in ("met", "missed", "undecidable"):
        add_obligation(connection, verdict, verdict)
    connection.execute("DELETE FROM marts.timeliness")
    for number in range(60):
        add_obligation(connection, f"further {number}", "met")
    add_rate(connection, "timeliness", met=61, missed=1, undecidable=1)
    add_obligation(connection, "disclosed", "met", measure="disclosure")
    add_rate(connection, "disclosure_rates", met=1, missed=0)
    add_event(connection, "request_received", "2017-05-02", FILE * ROWS_PER_DELIVERY + 2)
    # A record that was withdrawn again.
    request = datasets()["INFORMATION_REQUEST"]
    add_row(connection, request, 3, {"request_number": "R2"}, record=3)
    add_row(connection, request, 4, {"request_number": "R2"}, record=3, is_withdrawn=True)
    connection.execute("INSERT INTO staging.superseded_rows VALUES ('information_requests', ?)", [FILE * ROWS_PER_DELIVERY + 3])
    add_issued_period(connection, "2017-05", late=1)
    add_notice(connection, "N1", points=8)
    add_entry(connection, "H1", revoked_on="2017-06-01", is_in_force=False)
    add_entry(connection, "H2", revoked_on=None)
    add_information(connection, 2017)
    add_item(connection, "D1", "主动公开", "proactive")
    add_intermediary(connection, "I1", missing=[])
