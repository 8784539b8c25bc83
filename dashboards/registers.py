"""What a snapshot tells of channels, intermediaries and the registers of an office. Reads only."""

from dataclasses import dataclass

import duckdb
import polars as pl

from dashboards.queries import frame, shown
from dashboards.rates import COUNTS
from sources.warehouse import ROWS_PER_DELIVERY

LISTED_ROWS = 100
"""Rows of a list that a page shows, of each year."""


@dataclass(frozen=True)
class Registers:
    """Small frames. Lists hold the first LISTED_ROWS of each year with `total`, how many of the year there are; times are texts in Beijing time.

    channel_rates: per year, transaction type and channel the counts of the rate marts. missing: what was not disclosed on a channel, or late.
    required_channels: channel, who asks for it and how far that was verified.
    intermediaries: per category. intermediary_items: per item. incomplete: bodies that leave items open, without a year.
    offices: the register of disclosures per year and office. questioned: items published without or before their review or against the decision, and items
    nobody decided about. disclosed: what was published, the latest first. requests: the latest first. request_steps: per year and last step.
    """

    channel_rates: pl.DataFrame
    missing: pl.DataFrame
    required_channels: pl.DataFrame
    intermediaries: pl.DataFrame
    intermediary_items: pl.DataFrame
    incomplete: pl.DataFrame
    offices: pl.DataFrame
    questioned: pl.DataFrame
    disclosed: pl.DataFrame
    requests: pl.DataFrame
    request_steps: pl.DataFrame


def read_registers(connection: duckdb.DuckDBPyConnection) -> Registers:
    """Every part; one that no source delivers has no rows."""
    return Registers(
        channel_rates=_channel_rates(connection),
        missing=_missing(connection),
        required_channels=_required_channels(connection),
        intermediaries=_intermediaries(connection),
        intermediary_items=_intermediary_items(connection),
        incomplete=_incomplete(connection),
        offices=_offices(connection),
        questioned=_questioned(connection),
        disclosed=_disclosed(connection),
        requests=_requests(connection),
        request_steps=frame(
            connection,
            "SELECT year(received_at)::INTEGER AS year, state, count(*)::BIGINT AS requests FROM marts.request_register GROUP BY ALL ORDER BY ALL",
        ),
    )


def _first_of_each_year(order: str) -> str:
    return f"QUALIFY row_number() OVER (PARTITION BY year ORDER BY {order}) <= {LISTED_ROWS} ORDER BY year, {order}"


_TOTAL = "count(*) OVER (PARTITION BY year)::BIGINT AS total"


def _channel_rates(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    counts = ", ".join(f"sum({name})::BIGINT AS {name}" for name in COUNTS)
    return frame(
        connection,
        f"""
        SELECT year(period_start)::INTEGER AS year, transaction_type, {shown("channel")} AS channel, {counts}
        FROM marts.channel_disclosure_rates WHERE period_kind = 'year' GROUP BY ALL ORDER BY ALL
        """,
    )


def _missing(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT year(c.due_on)::INTEGER AS year, {shown("coalesce(nullif(c.subject_title, ''), c.subject_id)")} AS title,
               {shown("coalesce(regions.name, c.region_code)")} AS region, c.transaction_type, c.rule_id, rules.label, rules.label_en, rules.status, {shown("c.channel")} AS channel,
               c.missed_reason, c.due_on::VARCHAR AS due_on, strftime(c.published_at, '%Y-%m-%d') AS published_on,
               {shown("deliveries.file")} AS file, (c.trigger_source_row % {ROWS_PER_DELIVERY})::BIGINT AS file_row, {_TOTAL}
        FROM marts.channel_disclosures AS c
        LEFT JOIN marts.regions AS regions ON regions.region_code = c.region_code
        LEFT JOIN marts.rules AS rules ON rules.rule_id = c.rule_id AND rules.version = c.rule_version
        LEFT JOIN meta.deliveries AS deliveries ON deliveries.delivery_number = c.trigger_source_row // {ROWS_PER_DELIVERY}
        WHERE c.verdict = 'missed' {_first_of_each_year("c.due_on, c.subject_id, c.rule_id, c.channel")}
        """,
    )


def _required_channels(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT DISTINCT {shown("channel")} AS channel, {shown("channel_source")} AS source, channel_status AS status, shown_by
        FROM marts.channel_disclosures ORDER BY ALL
        """,
    )


def _intermediaries(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT {shown("category")} AS category, count(*)::BIGINT AS bodies, count(*) FILTER (is_resident)::BIGINT AS resident,
               count(*) FILTER (is_online)::BIGINT AS online, count(*) FILTER (is_standardised)::BIGINT AS standardised,
               count(*) FILTER (is_complete)::BIGINT AS complete, count(*) FILTER (NOT is_complete)::BIGINT AS incomplete,
               sum(good_records)::BIGINT AS good_records, sum(bad_records)::BIGINT AS bad_records
        FROM marts.intermediaries GROUP BY ALL ORDER BY bodies DESC, category
        """,
    )


def _intermediary_items(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        """
        SELECT item, sum(bodies_disclosing)::BIGINT AS disclosing, (sum(bodies) - sum(bodies_disclosing))::BIGINT AS leaving_open,
               sum(standardised)::BIGINT AS standardised, sum(standardised_disclosing)::BIGINT AS standardised_disclosing
        FROM marts.intermediary_completeness GROUP BY item ORDER BY leaving_open DESC, item
        """,
    )


def _incomplete(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT {shown("intermediary_name")} AS body, {shown("category")} AS category, is_standardised, disclosed_items, required_items, missing_items,
               count(*) OVER ()::BIGINT AS total
        FROM marts.intermediaries WHERE NOT is_complete
        ORDER BY is_standardised DESC NULLS LAST, disclosed_items, intermediary_code LIMIT {LISTED_ROWS}
        """,
    )


def _offices(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    counts = (
        *("items", "proactive", "on_request", "withheld", "undecided", "unrecognised", "published"),
        *("reviewed_before", "reviewed_after", "not_reviewed", "undecidable", "published_against_decision"),
    )
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in counts)
    return frame(
        connection,
        f"""
        SELECT year, {shown("coalesce(office, '—')")} AS office, {sums}
        FROM marts.disclosure_register_by_office GROUP BY ALL ORDER BY year, items DESC, office
        """,
    )


_ITEM = f"""year, {shown("item_code")} AS item_code, {shown("coalesce(office, '—')")} AS office, {shown("title")} AS title, {shown("category")} AS category,
    {shown("channel")} AS channel, openness_class, strftime(formed_at, '%Y-%m-%d %H:%M') AS formed_at, strftime(reviewed_at, '%Y-%m-%d %H:%M') AS reviewed_at,
    strftime(published_at, '%Y-%m-%d %H:%M') AS published_at, review_state, is_published_against_decision, {_TOTAL}"""


def _questioned(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT {_ITEM} FROM marts.disclosure_register
        WHERE review_state IN ('not_reviewed', 'reviewed_after') OR is_published_against_decision OR openness_class IN ('undecided', 'unrecognised')
        {_first_of_each_year("is_published_against_decision DESC, review_state NULLS LAST, item_code")}
        """,
    )


def _disclosed(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT {_ITEM} FROM marts.disclosure_register WHERE is_published AND openness_class = 'proactive'
        {_first_of_each_year("disclosure_register.published_at DESC, item_code")}
        """,
    )


def _requests(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    steps = ", ".join(
        f"strftime({step}, '%Y-%m-%d') AS {step}" for step in ("received_at", "accepted_at", "suspended_at", "resumed_at", "answered_at")
    )
    return frame(
        connection,
        f"""
        SELECT year(r.received_at)::INTEGER AS year, {shown("request_number")} AS request_number, {shown("coalesce(office, '—')")} AS office, form, {steps},
               (coalesce(suspended_days, 0) + coalesce(extended_days, 0))::BIGINT AS further_days, {shown("outcome")} AS outcome, state,
               due_on::VARCHAR AS due_on, verdict, missed_reason, {_TOTAL}
        FROM marts.request_register AS r {_first_of_each_year("r.received_at DESC, request_number")}
        """,
    )
