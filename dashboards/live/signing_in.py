"""Signing in and out: who asks is known before anything is answered; failed attempts are slowed down; a changing request carries a token of its session."""

import logging
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, render_template, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from dashboards.labels import LANGUAGES
from dashboards.live.users import User, Users

logger = logging.getLogger("gongkai.dashboard")

pages = Blueprint("signing_in", __name__)
_OPEN = {"signing_in.sign_in", "signing_in.attempt", "signing_in.language", "asset"}

limiter = Limiter(key_func=get_remote_address, storage_uri="memory://", headers_enabled=False)
# Five wrong passwords for one name from one place, thirty from one place, a hundred for one name: guessing gets nowhere, and a colleague's account
# cannot be shut by typing its name.
_FAILURES = (("5 per 15 minutes", "name and place"), ("30 per 15 minutes", "place"), ("100 per hour", "name"))


def protect(app: Flask) -> CSRFProtect:
    """Puts the sign-in before every page and the token before every changing request."""
    manager = LoginManager(app)
    manager.session_protection = "strong"
    users: Users = app.extensions["gongkai_users"]
    manager.user_loader(users.of_session)
    limiter.init_app(app)
    protection = CSRFProtect(app)
    app.before_request(_ask_who)
    return protection


def _ask_who() -> AnyResponse | None:
    if isinstance(request.routing_exception, BadRequest):
        # Asked for under a name that is not ours: a page elsewhere whose name was bent to lead here.
        raise request.routing_exception
    if request.endpoint in _OPEN or current_user.is_authenticated:
        return None
    if request.method == "GET" and request.headers.get("Sec-Fetch-Dest", "document") == "document" and "_dash" not in request.path:
        return redirect(url_for("signing_in.sign_in", next=request.full_path.rstrip("?")))
    abort(401)


@pages.get("/sign-in")
def sign_in() -> AnyResponse | str:
    """The form; whoever is signed in goes on."""
    if current_user.is_authenticated:
        return redirect(_onward())
    return render_template("sign_in.html.j2", failed=False, name="", onward=_onward())


def _failed(response: Response) -> bool:
    return response.status_code == 401


def _name_asked() -> str:
    return str(request.form.get("name", ""))[:64].casefold()


_KEYS = {"name and place": lambda: f"{_name_asked()} {get_remote_address()}", "place": get_remote_address, "name": _name_asked}


def attempt() -> AnyResponse | tuple[str, int]:
    """Signs in, or says that name or password are wrong, never which."""
    users: Users = current_app.extensions["gongkai_users"]
    name = request.form.get("name", "").strip()
    user = users.check(name, request.form.get("password", ""))
    if user is None:
        logger.warning("failed sign-in as %r from %s", name[:64], get_remote_address())
        return render_template("sign_in.html.j2", failed=True, name=name[:64], onward=_onward()), 401
    _begin(user)
    logger.info("%s (%s) signed in from %s", user.name, user.role, get_remote_address())
    return redirect(_onward())


for _amount, _key in _FAILURES:
    attempt = limiter.limit(_amount, key_func=_KEYS[_key], deduct_when=_failed)(attempt)
pages.add_url_rule("/sign-in", "attempt", attempt, methods=["POST"])


def _begin(user: User) -> None:
    # A session of its own: what somebody planted before the sign-in, such as a token, is not carried over.
    language = g.language
    session.clear()
    session["language"] = language
    session.permanent = True
    login_user(user)


@pages.post("/sign-out")
def sign_out() -> AnyResponse:
    """Ends every session of the account: a cookie that was copied is worth nothing afterwards."""
    users: Users = current_app.extensions["gongkai_users"]
    users.end_sessions(current_user.name)
    logger.info("%s signed out", current_user.name)
    logout_user()
    session.clear()
    return redirect(url_for("signing_in.sign_in"))


@pages.post("/language")
def language() -> AnyResponse:
    """The other language, from here on; back to the page."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(_onward())


def _onward() -> str:
    """Where to go then: an address of this app, whatever was asked for."""
    wanted = request.values.get("next", "/")
    parts = urlsplit(wanted)
    is_ours = not parts.scheme and not parts.netloc and wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_ours else "/"
