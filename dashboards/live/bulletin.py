"""The bulletin of data quality by region inside the app: the numbers and words of the published paper, each number leading to its findings."""

from typing import get_args

from flask import Blueprint, current_app, g, render_template
from flask_login import current_user

from dashboards.desk.papers import bulletin_text, percent, points, ranks, score
from dashboards.desk.standings import Report, Standing, read_report
from dashboards.labels import label
from dashboards.live.desk import NONE, queue_of
from dashboards.live.frame import snapshot_of
from dashboards.regions import UNKNOWN_REGION
from quality.checks import Dimension
from quality.desk.errors import DeskUsageError

pages = Blueprint("bulletin", __name__)

_MOVES = ("open_before", "opened", "closed", "open", "moved", "rate", "median_days", "opened_last", "closed_last", "blocking", "overdue", "accepted")
_ONWARD = {
    "open": "",
    "closed": "&state=closed",
    "blocking": "&severity=blocks_publication&severity=blocks_push",
    "overdue": "&overdue=1",
    "accepted": "&state=accepted",
}
"""What a number leads to: further filters of the queue."""


@pages.get("/desk/bulletin")
def bulletin() -> str:
    """数据质量通报. Its numbers are of all regions, whoever reads it; the findings behind them are shown to whom they belong."""
    snapshot = snapshot_of(current_app)
    queue_of(snapshot)
    if ("bulletin",) not in snapshot.kept:
        with snapshot.reading() as connection:
            snapshot.kept["bulletin",] = read_report(connection)
    report: Report | None = snapshot.kept["bulletin",]
    if report is None:
        raise DeskUsageError(f"{snapshot.name}: it has no bulletin", "no_desk")
    return render_template(
        "desk_bulletin.html.j2",
        report=report,
        text=bulletin_text(report, g.language),
        ranks=ranks(report),
        points=points(report),
        dimensions=[label(f"quality.{dimension}", g.language) for dimension in get_args(Dimension)],
        moves=_MOVES,
        rows=[(one, _numbers(one)) for one in report.standings],
        score=score,
    )


def _numbers(standing: Standing) -> list[tuple[str, str | None]]:
    """What a row of the bulletin says, and where each number leads the reader."""
    region = standing.region_code
    is_seen = current_user.may_see(region)
    address = f"/desk?region_code={NONE if region == UNKNOWN_REGION else region}"
    return [
        (_said(standing, name), f"{address}{_ONWARD[name]}" if name in _ONWARD and is_seen and getattr(standing, name) else None) for name in _MOVES
    ]


def _said(standing: Standing, name: str) -> str:
    if name == "rate":
        return percent(standing.closed, standing.open_before + standing.opened)
    value = getattr(standing, name)
    if name == "moved":
        return f"▲ +{value:,}" if value > 0 else f"▼ {value:,}" if value else "0"
    return "—" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:g}"
