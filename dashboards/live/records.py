"""From a number to its records, from a record to its clause and the days that were counted, from there to the row as it was delivered."""

from collections.abc import Mapping
from typing import Any

import duckdb
import polars as pl
from flask import Blueprint, abort, current_app, g, render_template, request
from flask_login import current_user

from dashboards.labels import label, section
from dashboards.list_sections import shown_obligations
from dashboards.live.frame import snapshot_of
from dashboards.live.paging import Paging
from dashboards.live.selection import Selection, options_of
from dashboards.live.snapshots import OpenSnapshot
from dashboards.queries import frame
from dashboards.rates import MEASURES
from dashboards.snapshot import read_obligations
from exports.answers.asking import AnswerError
from exports.answers.obligation import Explanation, explanation_of
from quality.desk.delivered import DeliveredRow, delivered_row

pages = Blueprint("records", __name__)

PAGE_ROWS = 50
_ORDER = "o.days_late DESC NULLS LAST, o.due_at, o.obligation_id"
_SIDES = ("trigger", "duty")


def days_late(connection: duckdb.DuckDBPyConnection, selection: Selection, measure: str) -> pl.DataFrame:
    """Duties of the selection that were met late, counted by whole days: `days_late`, `duties`."""
    condition, parameters = selection.condition()
    return frame(
        connection,
        f"""
        SELECT days_late::BIGINT AS days_late, count(*)::BIGINT AS duties FROM marts.obligations AS o
        WHERE {condition} AND measure = $of_measure AND verdict = 'missed' AND missed_reason = 'late' GROUP BY days_late ORDER BY days_late
        """,
        {**parameters, "of_measure": measure},
    )


@pages.get("/records")
def records() -> str:
    """The obligations of a selection, the latest first, page by page."""
    snapshot, selection = snapshot_of(current_app), Selection.of(request.args)
    condition, parameters = selection.condition()
    seen, prefixes = _seen()
    paging = Paging.asked(request.args, PAGE_ROWS)
    with snapshot.reading() as connection:
        rows, total = read_obligations(connection, f"({condition}) AND ({seen})", _ORDER, PAGE_ROWS, {**parameters, **prefixes}, paging.offset)
    shown = shown_obligations(rows, g.language).with_columns(
        pl.col("verdict").replace(section("verdict", g.language)).alias("verdict_text"), pl.col("days_late").cast(pl.String).fill_null("—")
    )
    return render_template(
        "records.html.j2",
        rows=shown.to_dicts(),
        total=total,
        paging=paging.over(total, lambda **others: selection.address("/records", **others)),
        selection=selection,
        options=_options(snapshot),
        back=selection.address("/rates/", verdict="", case="", text="", from_days="", to_days=""),
    )


def _seen() -> tuple[str, dict[str, object]]:
    """What the reader may see of `marts.obligations AS o`: a reviewer only the records of their own counties."""
    prefixes = current_user.actor.prefixes()
    if prefixes is None:
        return "true", {}
    return "EXISTS (SELECT 1 FROM (SELECT unnest($seen::VARCHAR[]) AS prefix) WHERE starts_with(o.region_code, prefix))", {"seen": list(prefixes)}


def _options(snapshot: OpenSnapshot) -> dict[str, list[tuple[str, str]]]:
    """Value and text of the lists to choose from, by part of the selection; the counties are those of the reader."""
    options = options_of(snapshot.frames.rates, snapshot.frames.rules, g.language)
    return {
        **options,
        "region": [(code, name) for code, name in options["region"] if current_user.may_see(code)],
        "measure": [(measure, label(f"measure.{measure}", g.language)) for measure in MEASURES],
        "verdict": list(section("verdict", g.language).items()),
        "case": list(section("missed_reason", g.language).items()),
    }


def _explained(connection: duckdb.DuckDBPyConnection, obligation_id: str) -> Explanation:
    """The obligation, where it exists and the reader may see it; else 404, the same for both."""
    try:
        explanation = explanation_of(connection, obligation_id, (g.language,))
    except AnswerError:
        abort(404)
    if not current_user.may_see(explanation.told["region_code"]):
        abort(404)
    return explanation


@pages.get("/records/<obligation_id>")
def record(obligation_id: str) -> str:
    """One obligation: rule and clause, both events with the way to their rows, every day that was counted, the verdict."""
    with snapshot_of(current_app).reading() as connection:
        explanation = _explained(connection, obligation_id)
    told = explanation.told
    sides = {side: told[f"{side}_source_row"] for side in _SIDES if told[f"{side}_source_row"] is not None}
    return render_template("record.html.j2", explanation=explanation, told=told, sides=sides)


@pages.get("/records/<obligation_id>/<side>")
def row(obligation_id: str, side: str) -> str:
    """The delivered row that began a duty (`trigger`) or met it (`duty`), personal data masked."""
    if side not in _SIDES:
        abort(404)
    with snapshot_of(current_app).reading() as connection:
        told: Mapping[str, Any] = _explained(connection, obligation_id).told
        delivered: DeliveredRow | None = delivered_row(connection, told[f"{side}_source_row"], None)
    if delivered is None:
        abort(404)
    return render_template("row.html.j2", row=delivered, back=f"/records/{obligation_id}", title=told["subject_title"] or told["subject_id"])
