"""The pages that were published with the snapshot, as they are: the site, and the papers of the desk to print."""

import posixpath
import re

from flask import Blueprint, abort, current_app, send_from_directory
from flask_login import current_user
from werkzeug.wrappers import Response

from dashboards.live.frame import snapshot_of

pages = Blueprint("papers", __name__)
_SHEET = re.compile(r"quality/([0-9A-Z]{6})(?:\.en)?\.html")
_SHOWN = (".html", ".css", ".js")


@pages.get("/site/<path:name>")
def paper(name: str) -> Response:
    """A file of the snapshot's site. The sheet of a county (质量单) is shown to whom its findings are."""
    sheet = _SHEET.fullmatch(name)
    # A detour (quality/./421221.html) would lead to a sheet that its name does not tell.
    is_direct = posixpath.normpath(name) == name
    if not is_direct or not name.endswith(_SHOWN) or (sheet and not current_user.may_see(sheet.group(1))):
        abort(404)
    return send_from_directory(snapshot_of(current_app).folder / "site", name)
