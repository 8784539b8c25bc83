"""The quality desk in the app: the queue of findings, one finding, and what is done about them. What is allowed is the lifecycle's to say."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from dashboards.labels import label, section
from dashboards.live.complaints import complaint_text
from dashboards.live.frame import snapshot_of
from dashboards.live.paging import Paging
from dashboards.live.snapshots import OpenSnapshot
from dashboards.reasons import check_name, reason_text
from dashboards.regions import UNKNOWN_REGION
from dashboards.rules import rule_name
from quality.desk.acting import Request
from quality.desk.errors import DeskUsageError, Refusal
from quality.desk.lifecycle import Action, actions, states
from quality.desk.log import DeskLog
from quality.desk.naming import column_label, dataset_label, place
from quality.desk.queue import FACETS, Filters, Order, Queue
from sources.definitions import datasets

pages = Blueprint("desk", __name__, url_prefix="/desk")

PAGE_ROWS = 50
ORDERS: tuple[Order, ...] = ("severity", "age", "due", "region", "dataset")
MOST_AT_ONCE = 20_000
"""Findings that one action may be done to: more is a mistake or a matter for the command line."""
NONE = "-"
"""In an address: where a finding has no value."""
HEADINGS = {
    "region_code": "desk.region",
    "dataset": "desk.dataset",
    "dimension": "column.dimension",
    "check_id": "desk.check",
    "severity": "quality.severity",
    "state": "desk.state",
    "assignee": "desk.assignee",
    "age": "queue.age",
    "rule_id": "column.rule",
}
"""The facets that are offered, in their order, each with its label."""
_opening = Lock()


def queue_of(snapshot: OpenSnapshot) -> Queue:
    """The desk of the snapshot, opened once. Raises DeskUsageError for a snapshot from before there was a desk."""
    with _opening:
        if ("desk",) not in snapshot.kept:
            snapshot.kept["desk",] = Queue(snapshot.folder / "warehouse.duckdb", DeskLog(current_app.extensions["gongkai"].desk))
    desk: Queue = snapshot.kept["desk",]
    return desk


@pages.get("")
def queue() -> str:
    """What is open, most pressing first, page by page; what may be done to the chosen ones."""
    snapshot = snapshot_of(current_app)
    desk = queue_of(snapshot)
    filters, order = filters_of(request.args), _order(request.args)
    paging = Paging.asked(request.args, PAGE_ROWS)
    page = desk.page(filters, current_user.actor, page=paging.page, page_size=PAGE_ROWS, order=order)
    chosen = pairs_of(filters)
    return render_template(
        "desk_queue.html.j2",
        rows=[shown_row(row, snapshot) for row in page.rows],
        total=page.total,
        facets={name: [(value or NONE, shown_value(name, value, snapshot), count) for value, count in page.facets[name]] for name in HEADINGS},
        chosen=dict(chosen),
        several={name: len(values) for name, values in filters.facets.items() if len(values) > 1},
        pairs=chosen,
        headings=HEADINGS,
        order=order,
        orders=ORDERS,
        paging=paging.over(page.total, lambda **others: _address([*chosen, ("order", order)], **others)),
        actions=[action for action in actions().values() if current_user.role in action.roles],
        as_of=desk.as_of,
        assignees=_assignees(page.facets["assignee"], snapshot),
        most=MOST_AT_ONCE,
    )


@pages.get("/findings/<finding_id>")
def finding(finding_id: str) -> str:
    """One finding: what it is, what it means and how it is mended, the row as delivered, its history, what may be done."""
    snapshot = snapshot_of(current_app)
    desk = queue_of(snapshot)
    found = desk.finding(finding_id, current_user.actor)
    if found is None:
        abort(404)
    return render_template(
        "desk_finding.html.j2",
        found=found,
        row=shown_row(found.row, snapshot),
        actions=[actions()[name] for name in found.allowed],
        action_labels={name: action.label[g.language] for name, action in actions().items()},
        state_labels={name: texts[g.language] for name, texts in states().items()},
        explained={name: getattr(found.explanation, name)[g.language] for name in ("meaning", "effect", "mend", "source")}
        if found.explanation
        else {},
        as_of=desk.as_of,
        most_open=max((count for _, count in found.trend), default=0),
        assignees=_assignees([], snapshot),
    )


@pages.post("/act")
def act() -> Response:
    """Does one action to the chosen findings, or to all that pass the filters; back to where it was asked."""
    action = _action_asked()
    desk = queue_of(snapshot_of(current_app))
    back = request.form.get("back", "")
    onward = f"/desk/findings/{back}" if back.isalnum() else _address(pairs_of(filters_of(request.form)), order=_order(request.form))
    said = {name: value for name in (*action.needs, *action.may) if (value := request.form.get(name, "").strip())}
    wanted = _wanted(desk, action.name, said)
    if not wanted or len(wanted) > MOST_AT_ONCE:
        flash(label("queue.none_chosen" if not wanted else "queue.too_many", g.language, most=f"{MOST_AT_ONCE:,}"), "refused")
        return redirect(onward)
    try:
        done = desk.act_on(wanted, current_user.actor, acted_at=current_app.extensions["gongkai"].now(), partial=True)
    except DeskUsageError as error:
        flash(complaint_text(error, g.language), "refused")
        return redirect(onward)
    if done.entered:
        flash(label("queue.done", g.language, action=action.label[g.language], count=f"{done.entered:,}"), "done")
    if done.refusals:
        flash(_told(done.refusals), "refused")
    return redirect(onward)


def _action_asked() -> Action:
    """The action of the form. 400 for one that there is not, 403 for one that is not the role's."""
    name = request.form.get("action", "")
    if name not in actions():
        abort(400)
    action = actions()[name]
    if current_user.role not in action.roles:
        abort(403)
    return action


def _wanted(desk: Queue, action: str, said: Mapping[str, str]) -> list[Request]:
    if request.form.get("scope") == "all":
        return [Request(finding, action, said) for finding in desk.matching(filters_of(request.form), current_user.actor)]
    return [_seen(text, action, said) for text in dict.fromkeys(request.form.getlist("finding"))]


def _seen(text: str, action: str, said: Mapping[str, str]) -> Request:
    """A finding as a form names it: its id, the state and the last entry that were shown."""
    finding_id, state, entry = [*text.split(" "), "", ""][:3]
    return Request(finding_id, action, said, state or None, int(entry) if entry.isascii() and entry.isdigit() else None)


def _told(refusals: Sequence[Refusal]) -> str:
    counts = Counter(refusal.kind for refusal in refusals)
    told = label("punctuation.apart", g.language).join(f"{label(f'refusal.{kind}', g.language)} {count:,}" for kind, count in counts.most_common())
    return label("queue.refused", g.language, count=f"{len(refusals):,}", reasons=told)


def filters_of(given: MultiDict[str, str]) -> Filters:
    """The filters of an address or a form."""
    facets = {
        name: [None if value == NONE else value for value in values]
        for name in FACETS
        if (values := [value for value in given.getlist(name) if value])
    }
    return Filters(facets, given.get("text", "").strip()[:100], given.get("overdue") == "1")


def pairs_of(filters: Filters) -> list[tuple[str, str]]:
    """The filters as names and values of an address."""
    pairs = [(name, NONE if value is None else value) for name, values in filters.facets.items() for value in values]
    return pairs + ([("text", filters.text)] if filters.text else []) + ([("overdue", "1")] if filters.is_overdue else [])


def _address(pairs: Iterable[tuple[str, str]], **others: str) -> str:
    return f"/desk?{urlencode([pair for pair in [*pairs, *others.items()] if pair != ('order', ORDERS[0])])}".rstrip("?")


def _order(given: MultiDict[str, str]) -> Order:
    asked = given.get("order", "")
    return next((order for order in ORDERS if order == asked), ORDERS[0])


def shown_row(row: Mapping[str, Any], snapshot: OpenSnapshot) -> dict[str, Any]:
    """A row of the queue with words for its codes beside them: `<column>_text`. A finding about a whole file names the file in place of a record."""
    texts = {f"{name}_text": shown_value(name, row[name], snapshot) for name in ("region_code", "dataset", "dimension", "severity", "state")}
    stands = place(row["source_file"], row["source_row"])
    told = {
        "is_about_a_file": bool(stands and not stands[1]),
        "record_text": label("desk.whole_file", g.language, file=stands[0]) if stands and not stands[1] else row["record_key"] or "—",
        "check_text": check_name(row["check_id"], row["dataset"], g.language, row["label"]),
        "column_text": column_label(row["dataset"], row["column_name"], g.language),
        "reason_text": reason_text(row["reason"], row["kind"], g.language),
    }
    return {**row, **texts, **told}


def shown_value(facet: str, value: str | None, snapshot: OpenSnapshot) -> str:
    """A value of a facet in words."""
    if value is None:
        return label("queue.none", g.language)
    return _words_of(facet, snapshot).get(value, value) if facet != "age" else label("queue.age_days", g.language, days=value)


def _words_of(facet: str, snapshot: OpenSnapshot) -> Mapping[str, str]:
    """The words of a facet by its codes, made once a snapshot and language: a page asks for hundreds."""
    key = ("words", facet, g.language)
    if key not in snapshot.kept:
        snapshot.kept[key] = _made_words(facet, snapshot)
    words: Mapping[str, str] = snapshot.kept[key]
    return words


def _made_words(facet: str, snapshot: OpenSnapshot) -> Mapping[str, str]:
    """The words of a facet; of data sets the English name is the code."""
    if facet == "region_code":
        return _regions(snapshot)
    if facet == "state":
        return {name: texts[g.language] for name, texts in states().items()}
    if facet == "rule_id":
        return dict(snapshot.frames.rules.select("rule_id", rule_name(g.language).alias("name")).rows())
    if facet in {"dimension", "severity"}:
        return section("quality", g.language)
    if facet == "check_id":
        return {check: check_name(check, dataset, g.language, known) for check, dataset, known in _checks(snapshot)}
    return {name: dataset_label(name, g.language) for name in datasets()} if facet == "dataset" else {}


def _regions(snapshot: OpenSnapshot) -> dict[str, str]:
    if ("regions",) not in snapshot.kept:
        with snapshot.reading() as connection:
            rows = connection.execute("SELECT region_code, name FROM marts.regions").fetchall()
        snapshot.kept["regions",] = dict(rows)
    names: dict[str, str] = snapshot.kept["regions",]
    return names


def _checks(snapshot: OpenSnapshot) -> list[tuple[str, str, str | None]]:
    """Id, a data set and the name of every check that found something."""
    if ("checks",) not in snapshot.kept:
        with snapshot.reading() as connection:
            snapshot.kept["checks",] = connection.execute(
                "SELECT check_id, any_value(dataset), any_value(label) FROM quality.tracked_findings GROUP BY check_id"
            ).fetchall()
    found: list[tuple[str, str, str | None]] = snapshot.kept["checks",]
    return found


def _assignees(facet: Iterable[tuple[str | None, int]], snapshot: OpenSnapshot) -> list[str]:
    """Who may be proposed: the counties that the reader sees, and who has findings already."""
    counties = [name for code, name in _regions(snapshot).items() if code != UNKNOWN_REGION and current_user.may_see(code)]
    return list(dict.fromkeys([*(value for value, _ in facet if value), *counties]))
