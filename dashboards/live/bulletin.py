"""The bulletin of data quality by county: who has how much open, what moved in the period, a text to paste, and from each number the findings."""

from collections.abc import Mapping
from typing import Any

import duckdb
import polars as pl
from flask import Blueprint, current_app, g, render_template, request
from flask_login import current_user

from dashboards.labels import Language, label
from dashboards.live.desk import queue_of
from dashboards.live.frame import snapshot_of
from dashboards.queries import frame, shown
from dashboards.rates import percent
from quality.desk.lifecycle import Actor
from quality.desk.queue import Filters, Queue

pages = Blueprint("bulletin", __name__)

PERIODS = ("month", "quarter", "year")
_EVERYBODY = Actor("bulletin", "viewer")
"""Numbers of all counties stand in a bulletin, whoever reads it; the findings behind them are shown to whom they belong."""


def read_bulletin(connection: duckdb.DuckDBPyConnection, period_kind: str) -> pl.DataFrame:
    """One row a region of the latest period: period_start, region_code, region, open_before, opened, closed, open_at_end, moved (end less before), due
    (open_before + opened), rate (修复率 = closed ÷ due, as text) and rank: by that rate, best first; who had nothing to mend is not ranked."""
    rows = frame(
        connection,
        f"""
        WITH latest AS (SELECT max(period_start) AS period_start FROM quality.rectification WHERE period_kind = $kind)
        SELECT period_start, region_code, {shown("coalesce(min(regions.name), region_code)")} AS region, sum(open_before)::BIGINT AS open_before,
            sum(opened)::BIGINT AS opened, sum(closed)::BIGINT AS closed, sum(open_at_end)::BIGINT AS open_at_end
        FROM quality.rectification SEMI JOIN latest USING (period_start)
        LEFT JOIN (SELECT region_code, min(name) AS name FROM marts.regions GROUP BY region_code) AS regions USING (region_code)
        WHERE period_kind = $kind GROUP BY period_start, region_code
        """,
        {"kind": period_kind},
    )
    return (
        rows.with_columns(due=pl.col("open_before") + pl.col("opened"), moved=pl.col("open_at_end") - pl.col("open_before"))
        .with_columns(rate=percent(pl.col("closed"), pl.col("due")), exact=pl.when(pl.col("due") > 0).then(pl.col("closed") / pl.col("due")))
        .with_columns(rank=pl.col("exact").rank("min", descending=True))
        .sort(["rank", "open_at_end", "region_code"], descending=[False, True, False], nulls_last=True)
        .drop("exact")
    )


@pages.get("/desk/bulletin")
def bulletin() -> str:
    """数据质量通报."""
    snapshot = snapshot_of(current_app)
    desk = queue_of(snapshot)
    kind = asked if (asked := request.args.get("period", "")) in PERIODS else "month"
    with snapshot.reading() as connection:
        rows = read_bulletin(connection, kind).to_dicts()
    overdue, blocking = (
        _open_by_region(desk, Filters(is_overdue=True)),
        _open_by_region(desk, Filters({"severity": ["blocks_publication", "blocks_push"]})),
    )
    for row in rows:
        row["overdue"], row["blocking"] = overdue.get(row["region_code"], 0), blocking.get(row["region_code"], 0)
        row["is_seen"] = current_user.may_see(row["region_code"])
        row["region"] = row["region"] or label("queue.none", g.language)
    return render_template(
        "desk_bulletin.html.j2", rows=rows, kind=kind, kinds=PERIODS, as_of=desk.as_of, text=text_of(rows, str(desk.as_of), g.language)
    )


def _open_by_region(desk: Queue, filters: Filters) -> Mapping[str | None, int]:
    return dict(desk.page(filters, _EVERYBODY, page_size=1).facets["region_code"])


def text_of(rows: list[dict[str, Any]], as_of: str, language: Language) -> str:
    """The bulletin as a paragraph to paste into a document."""
    sums = {name: sum(row[name] for row in rows) for name in ("opened", "closed", "open_at_end", "overdue")}
    first = label("quality_bulletin.text", language, as_of=as_of, **{name: f"{count:,}" for name, count in sums.items()})
    lines = [
        label("quality_bulletin.text_region", language, **{name: row[name] for name in ("region", "opened", "closed", "open_at_end", "rate")})
        for row in rows
    ]
    return first + label("quality_bulletin.separator", language).join(lines) + label("quality_bulletin.stop", language)
