"""Nobody is answered who has not signed in; nothing is changed without the token of the session."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboards.live.users import Users
from tests.dashboards.live.conftest import SignIn, token_of
from tests.dashboards.live.published import PASSWORD

OPEN = {"signing_in.sign_in", "signing_in.attempt", "signing_in.language", "asset"}


def _attempt(client: FlaskClient, name: str, password: str, place: str = "127.0.0.1", onward: str = "/") -> tuple[int, str]:
    token = token_of(client.get("/sign-in").text)
    answer = client.post(
        "/sign-in", data={"name": name, "password": password, "csrf_token": token, "next": onward}, environ_base={"REMOTE_ADDR": place}
    )
    return answer.status_code, answer.headers.get("Location", "")


def test_every_page_asks_who_it_is(app: Flask, client: FlaskClient) -> None:
    asked = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN:
            continue
        address = re.sub("<[^>]+>", "x", rule.rule)
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = client.open(address, method=method, headers={"Sec-Fetch-Dest": "empty"})
            assert answer.status_code in {400, 401}, (method, address)
            assert "snapshot" not in answer.text and "421202" not in answer.text
            asked += 1
    assert asked > 12
    assert client.get("/records?verdict=missed").headers["Location"] == "/sign-in?next=/records?verdict%3Dmissed"


def test_who_signs_in_goes_on_to_the_page_that_was_asked_for(client: FlaskClient) -> None:
    assert _attempt(client, "admin", PASSWORD, onward="/records?verdict=missed") == (302, "/records?verdict=missed")
    assert "admin" in client.get("/records").text


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "records"]
)
def test_nobody_is_sent_elsewhere(client: FlaskClient, elsewhere: str) -> None:
    assert _attempt(client, "admin", PASSWORD, onward=elsewhere) == (302, "/")


def test_the_cookie_is_of_this_place_alone_and_out_of_reach_of_scripts(client: FlaskClient) -> None:
    token = token_of(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"name": "admin", "password": PASSWORD, "csrf_token": token})
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie and "Expires=" in cookie


def test_a_wrong_name_and_a_wrong_password_look_the_same(client: FlaskClient) -> None:
    token = token_of(client.get("/sign-in").text)
    answers = [client.post("/sign-in", data={"name": name, "password": "wrong-password", "csrf_token": token}) for name in ("admin", "nobod")]
    assert [answer.status_code for answer in answers] == [401, 401]
    # The token of the form tells the second in which it was made.
    known, unknown = (answer.text.replace(token_of(answer.text), "") for answer in answers)
    assert known.replace("admin", "nobod") == unknown


def test_guessing_is_slowed_down_and_others_are_not(app: Flask, client: FlaskClient) -> None:
    assert [_attempt(client, "admin", f"wrong-{number}")[0] for number in range(5)] == [401] * 5
    assert _attempt(client, "ADMIN", PASSWORD)[0] == 429, "the right password does not help once there were too many wrong ones"
    assert _attempt(app.test_client(), "looker", PASSWORD)[0] == 302
    assert _attempt(app.test_client(), "admin", PASSWORD, place="10.0.0.9")[0] == 302


@pytest.mark.thorough
def test_one_place_cannot_try_many_names(client: FlaskClient) -> None:
    answers = [_attempt(client, f"name{number}", "wrong-password")[0] for number in range(31)]
    assert answers == [401] * 30 + [429]


def test_right_passwords_are_not_counted(client: FlaskClient, app: Flask) -> None:
    for _ in range(8):
        assert _attempt(app.test_client(), "admin", PASSWORD)[0] == 302


def test_a_changing_request_needs_the_token_of_its_session(sign_in: SignIn) -> None:
    client, other = sign_in("admin"), sign_in("looker")
    foreign = token_of(other.get("/records").text)
    for address in ("/sign-out", "/language"):
        assert client.post(address).status_code == 400
        assert client.post(address, data={"csrf_token": foreign}).status_code == 400
    assert client.get("/records").status_code == 200, "still signed in"


def test_signing_out_ends_a_copied_session_too(app: Flask, sign_in: SignIn) -> None:
    client, thief = sign_in("looker"), app.test_client()
    cookie = client.get_cookie("gongkai")
    assert cookie is not None
    thief.set_cookie("gongkai", cookie.value)
    assert thief.get("/records").status_code == 200
    assert client.post("/sign-out", data={"csrf_token": token_of(client.get("/records").text)}).status_code == 302
    assert client.get("/records").status_code == 302 and thief.get("/records").status_code == 302


def test_an_account_that_is_taken_away_is_out_at_once(home: Path, sign_in: SignIn) -> None:
    users = Users(home / "desk" / "users.sqlite")
    users.put("passing", "viewer", (), PASSWORD)
    client = sign_in("passing")
    assert client.get("/records").status_code == 200
    users.remove("passing")
    assert client.get("/records").status_code == 302


def test_a_session_made_up_is_none(client: FlaskClient) -> None:
    client.set_cookie("gongkai", "eyJfdXNlcl9pZCI6ImFkbWluIn0.Zm9v.YmFy")
    assert client.get("/records").status_code == 302


def test_only_the_names_of_this_place_are_answered_to(sign_in: SignIn) -> None:
    assert sign_in("admin").get("/records", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("address", ["/sign-in", "/", "/rates/", "/records", "/nothing", "/assets/site.css", "/rates/_dash-layout"])
def test_every_answer_is_guarded(sign_in: SignIn, address: str) -> None:
    answer = sign_in("admin").get(address)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts and "http" not in scripts and ("sha256-" in scripts) == (address == "/rates/")
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"] == "same-origin"
    assert "private" in answer.headers["Cache-Control"] or answer.headers["Cache-Control"] == "no-store"


def test_the_key_of_the_sessions_is_nobody_elses(app: Flask, home: Path) -> None:
    key = home / "desk" / "session.key"
    assert key.stat().st_mode & 0o777 == 0o600 and len(key.read_bytes()) == 32 and key.read_bytes() == app.secret_key


def test_the_other_language_stays_chosen(sign_in: SignIn) -> None:
    client = sign_in("looker")
    page = client.get("/records").text
    assert '<html lang="zh-CN">' in page and "逐件记录" in page
    client.post("/language", data={"language": "en", "next": "/records", "csrf_token": token_of(page)})
    page = client.get("/records").text
    assert '<html lang="en">' in page and "Records" in page and "逐件记录" not in page
