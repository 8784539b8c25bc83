"""What a snapshot tells of government information: disclosed items, consultations, double publicity, requests, disputes. Reads only."""

from dataclasses import dataclass, fields

import duckdb
import polars as pl

from dashboards.queries import frame, shown

MISSED_ROWS = 100


@dataclass(frozen=True)
class Information:
    """Frames with `source_id` and `year`, the columns of the marts beside them. A source that does not deliver something has no rows of it.

    categories, channels: what was disclosed. consultations: by channel. publicity: decisions by department and kind, missed_decisions: the first
    MISSED_ROWS of them that were not published in time, with `total` of their source and year. requests: the balance; forms, outcomes. disputes: by kind.
    sources: source_id, label.
    """

    sources: pl.DataFrame
    categories: pl.DataFrame
    channels: pl.DataFrame
    consultations: pl.DataFrame
    publicity: pl.DataFrame
    missed_decisions: pl.DataFrame
    requests: pl.DataFrame
    forms: pl.DataFrame
    outcomes: pl.DataFrame
    disputes: pl.DataFrame

    def years(self, source_id: str) -> list[int]:
        """The years of which the source tells anything, ascending."""
        told = (getattr(self, field.name) for field in fields(self) if field.name != "sources")
        found = {year for part in told for year in part.filter(pl.col("source_id") == source_id)["year"].drop_nulls().to_list()}
        return sorted(found)

    def of(self, source_id: str, year: int) -> "Information":
        """The rows of one source and year."""
        chosen = (pl.col("source_id") == source_id) & (pl.col("year") == year)
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        return Information(
            **{name: part.filter(pl.col("source_id") == source_id) if name == "sources" else part.filter(chosen) for name, part in parts.items()}
        )


def read_information(connection: duckdb.DuckDBPyConnection) -> Information:
    """Every part, in the order in which it is read: the largest first, listed values in the order of their list."""
    return Information(
        sources=frame(connection, f"SELECT source_id, {_SOURCE} AS label FROM meta.sources ORDER BY source_id"),
        missed_decisions=_missed_decisions(connection),
        **{name: _part(connection, *part) for name, part in _PARTS.items()},
    )


_SOURCE = shown("coalesce(nullif(label, ''), source_id)")

#: The other parts: mart, columns of delivered text, columns of counts, order.
_PARTS = {
    "categories": (
        "disclosed_items_by_category", ("category",), ("items", "items_of_the_year", "rounded_percent", "allotted_percent"), "items DESC, category",
    ),
    "channels": ("disclosed_items_by_channel", ("channel",), ("items", "items_only_there", "items_of_the_year"), "items DESC, channel"),
    "consultations": ("consultations_by_channel", ("channel",), ("consultations",), "position NULLS LAST, channel"),
    "publicity": (
        "double_publicity", ("department", "kind"), ("decided", "published", "met", "late", "absent", "pending", "undecidable"), "decided DESC, department, kind",
    ),
    "requests": (
        "requests_by_year", (), ("carried_over", "received", "answered", "answered_in_time", "answered_late", "carried_forward"), "year",
    ),
    "forms": ("requests_by_form", ("form",), ("requests",), "position NULLS LAST, form"),
    "outcomes": ("requests_by_outcome", ("outcome",), ("answers",), "position NULLS LAST, outcome"),
    "disputes": ("disputes_by_kind", ("kind",), ("filed", "upheld", "corrected", "other", "pending"), "position NULLS LAST, kind"),
}  # fmt: skip


def _part(connection: duckdb.DuckDBPyConnection, mart: str, texts: tuple[str, ...], counts: tuple[str, ...], order: str) -> pl.DataFrame:
    columns = ", ".join([*(f"{shown(text)} AS {text}" for text in texts), *counts])
    return frame(connection, f"SELECT source_id, year::INTEGER AS year, {columns} FROM marts.{mart} ORDER BY source_id, year, {order}")


def _missed_decisions(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return frame(
        connection,
        f"""
        SELECT source_id, year::INTEGER AS year, {shown("document_number")} AS document_number, {shown("department")} AS department, {shown("kind")} AS kind,
               {shown("title")} AS title, decided_on::VARCHAR AS decided_on, due_on::VARCHAR AS due_on, published_on::VARCHAR AS published_on,
               missed_reason, days_late::BIGINT AS days_late, count(*) OVER (PARTITION BY source_id, year)::BIGINT AS total
        FROM marts.permits_and_penalties WHERE verdict = 'missed'
        QUALIFY row_number() OVER (PARTITION BY source_id, year ORDER BY days_late DESC, document_number) <= {MISSED_ROWS}
        ORDER BY source_id, year, permits_and_penalties.days_late DESC, document_number
        """,
    )
