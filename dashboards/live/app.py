"""The live app put together: a Flask server with the pages, Dash for the charts that follow a choice, sign-in before everything."""

import logging
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from flask import Flask, Response, current_app, g, render_template, request, session
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

from dashboards.labels import LANGUAGES, Language, label, section
from dashboards.live import bulletin, desk, papers, rates, records, sheets, signing_in, workbooks
from dashboards.live.complaints import complaint_text
from dashboards.live.frame import frame_of
from dashboards.live.snapshots import NothingPublishedError, Snapshots
from dashboards.live.users import Users
from dashboards.plotly_script import plotly_script
from dashboards.rendering import FILTERS
from dashboards.snapshot import SnapshotError
from quality.desk.errors import DeskUsageError, LogAltered, LogBusy
from quality.desk.lifecycle import roles

logger = logging.getLogger("gongkai.dashboard")

SESSION_HOURS = 10
_LARGEST_REQUEST = 25 * 1024 * 1024
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    # Plotly and Dash write style elements while drawing; no style comes from data.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True)
class Settings:
    """What the app is given. desk: the folder of accounts, secret and log; inbox: where corrected values are delivered; current: the folder of the snapshot that readers see; manifest: what that says
    of itself; now: the clock; hosts: the names under which it may be asked for; behind_tls: whether a proxy on this machine speaks TLS for it."""

    desk: Path
    inbox: Path
    current: Callable[[], Path | None]
    manifest: Callable[[Path], Mapping[str, Any]]
    now: Callable[[], datetime]
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    behind_tls: bool = False


def create_app(settings: Settings) -> Flask:
    """The WSGI application. Reads no snapshot before the first request that shows one."""
    # `templates` holds what the published site shows as well.
    app = Flask("dashboards.live", static_folder=None)
    app.jinja_loader = jinja2.ChoiceLoader([jinja2.PackageLoader("dashboards.live"), jinja2.PackageLoader("dashboards")])
    app.jinja_options = {"undefined": jinja2.StrictUndefined, "trim_blocks": True, "lstrip_blocks": True, "autoescape": True}
    app.jinja_env.filters.update(FILTERS)
    app.config.update(
        SECRET_KEY=_secret(settings.desk / "session.key"),
        SESSION_COOKIE_NAME="gongkai",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=settings.behind_tls,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.behind_tls,
        MAX_CONTENT_LENGTH=_LARGEST_REQUEST,
        TRUSTED_HOSTS=list(settings.hosts),
    )
    app.extensions["gongkai"] = settings
    app.extensions["gongkai_snapshots"] = Snapshots(settings.current, settings.manifest)
    app.extensions["gongkai_users"] = Users(settings.desk / "users.sqlite")
    if settings.behind_tls:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]

    app.before_request(_choose_language)
    protection = signing_in.protect(app)
    app.register_blueprint(signing_in.pages)
    app.register_blueprint(sheets.pages)
    app.register_blueprint(records.pages)
    app.register_blueprint(desk.pages)
    app.register_blueprint(bulletin.pages)
    app.register_blueprint(workbooks.pages)
    app.register_blueprint(papers.pages)
    charts = rates.mount(app, protection)
    app.add_url_rule("/assets/<name>", "asset", _asset)

    app.context_processor(_words)
    app.errorhandler(NothingPublishedError)(lambda error: _message(503, "nothing_published"))
    app.errorhandler(SnapshotError)(_unreadable)
    app.errorhandler(DeskUsageError)(lambda error: _page(503, complaint_text(error, g.get("language", "zh"))))
    app.errorhandler(LogBusy)(lambda error: _message(503, "log_busy"))
    app.errorhandler(LogAltered)(_altered)
    app.errorhandler(HTTPException)(lambda error: _message(error.code or 500, f"error_{error.code}"))
    app.errorhandler(Exception)(_unforeseen)
    hashes = " ".join(charts.csp_hashes())

    @app.after_request
    def guard(response: Response) -> Response:
        is_chart_page = request.path == rates.PATH
        policy = _POLICY | ({"script-src": f"'self' {hashes}"} if is_chart_page else {})
        response.headers["Content-Security-Policy"] = "; ".join(f"{part} {allowed}" for part, allowed in policy.items())
        response.headers.update(_HEADERS)
        if settings.behind_tls:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    return app


def _secret(path: Path) -> bytes:
    """The key that signs the sessions, made once, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written whole under another name, which is its owner's alone: of two processes that begin at once, both read the same key.
        with tempfile.NamedTemporaryFile(dir=path.parent) as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    path.chmod(0o600)
    return path.read_bytes()


def _choose_language() -> None:
    chosen = session.get("language")
    g.language = chosen if chosen in LANGUAGES else "zh"


def _words() -> dict[str, Any]:
    """What every template may say."""
    language: Language = g.get("language", "zh")
    is_known = bool(current_user and current_user.is_authenticated)
    return {
        "language": language,
        "say": lambda key, **values: label(key, language, **values),
        "frame": frame_of(current_app) if is_known else None,
        "role": roles()[current_user.role][language] if is_known else "",
    }


def _asset(name: str) -> AnyResponse:
    """The few files beside the pages: those of the published site, the app's own, and Plotly."""
    found = _assets().get(name)
    if found is None:
        return _message(404, "error_404")
    content, kind = found
    response = Response(content, mimetype=kind)
    response.headers["Cache-Control"] = "private, max-age=300"
    response.add_etag()
    return response.make_conditional(request)


def _assets() -> dict[str, tuple[bytes, str]]:
    if "gongkai_assets" not in current_app.extensions:
        kinds = {".css": "text/css", ".js": "text/javascript"}
        folders = (files("dashboards") / "assets", files("dashboards.live") / "assets")
        read = {
            file.name: (file.read_bytes(), kinds[Path(file.name).suffix])
            for folder in folders
            for file in folder.iterdir()
            if Path(file.name).suffix in kinds
        }
        # Put there whole: a second reader at the same moment must not meet half of them.
        current_app.extensions["gongkai_assets"] = {**read, "plotly.min.js": (plotly_script().encode(), "text/javascript")}
    kept: dict[str, tuple[bytes, str]] = current_app.extensions["gongkai_assets"]
    return kept


def _message(code: int, name: str, detail: str = "") -> Response:
    known = name if name in section("live") else "error_other"
    return _page(code, label(f"live.{known}", g.get("language", "zh"), code=code), detail)


def _page(code: int, title: str, detail: str = "") -> Response:
    g.language = g.get("language", "zh")
    return Response(render_template("message.html.j2", title=title, detail=detail), status=code, mimetype="text/html")


def _unreadable(error: SnapshotError) -> Response:
    # Where files lie is the log's to know, not the reader's.
    logger.error("%s", error)
    return _message(503, error.kind)


def _altered(error: LogAltered) -> Response:
    logger.error("%s", error)
    return _message(503, "log_altered")


def _unforeseen(error: Exception) -> Response:
    # The reader gets a number to tell, the log gets what happened.
    number = secrets.token_hex(4)
    logger.exception("error %s while answering %s", number, request.path, exc_info=error)
    return _message(500, "error_500", number)
