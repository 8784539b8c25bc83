"""The workbooks of the desk in the app: one a county to take away, and the same back with what was filled in."""

import io
import tempfile
import zipfile
from pathlib import Path

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, send_file
from flask_login import current_user
from werkzeug.wrappers import Response

from dashboards.labels import label
from dashboards.live.complaints import complaint_text, heading_text, row_text
from dashboards.live.desk import filters_of, queue_of
from dashboards.live.frame import snapshot_of
from exports.desk.returned import take_back
from exports.desk.workbook import write_county_workbooks
from quality.desk.errors import DeskUsageError
from quality.desk.queue import Queue

pages = Blueprint("workbooks", __name__)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_NAME = 100
_MAY_ACT = {"reviewer", "administrator"}


@pages.get("/desk/workbook")
def out() -> Response:
    """The findings that pass the filters as a workbook; of several counties, one each in a ZIP file."""
    desk = queue_of(snapshot_of(current_app))
    with tempfile.TemporaryDirectory() as folder:
        written = write_county_workbooks(desk, Path(folder), current_user.actor, filters=filters_of(request.args))
        if not written:
            abort(404)
        paths = [workbook.path for workbook in written]
        if len(paths) == 1:
            return send_file(io.BytesIO(paths[0].read_bytes()), _XLSX, as_attachment=True, download_name=paths[0].name)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(paths):
                archive.write(path, path.name)
    packed.seek(0)
    return send_file(packed, "application/zip", as_attachment=True, download_name=f"{label('desk.workbook', g.language)}_{desk.as_of}.zip")


@pages.post("/desk/workbook")
def back() -> Response | str:
    """Takes a filled workbook: what was entered, what was refused with row, column, value and what to do. 403 for a role that may not act."""
    if current_user.role not in _MAY_ACT:
        abort(403)
    settings = current_app.extensions["gongkai"]
    sent = request.files.get("workbook")
    if sent is None or not sent.filename:
        flash(label("queue.no_file", g.language), "refused")
        return redirect("/desk")
    desk: Queue = queue_of(snapshot_of(current_app))
    # The name is the sender's: it is told back, and of it only the end is taken for the file that is read.
    file = Path(sent.filename).name[:_LONGEST_NAME]
    name = f"workbook{Path(sent.filename).suffix.lower()[:6]}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        sent.save(path)
        try:
            returned = take_back(desk, path, current_user.actor, acted_at=settings.now(), inbox=settings.inbox)
        except DeskUsageError as error:
            flash(complaint_text(error, g.language, file), "refused")
            return redirect("/desk")
    rows = [(one.row, heading_text(one.column, g.language), one.value, row_text(one, g.language)) for one in returned.refusals]
    return render_template("desk_returned.html.j2", returned=returned, file=file, rows=rows)
