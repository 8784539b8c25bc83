"""The live app on a snapshot of made-up counties, asked as a browser asks."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboards.live.app import Settings, create_app
from dashboards.live.signing_in import limiter
from dashboards.live.users import Users
from tests.dashboards.live.published import FINDINGS, PASSWORD, publish


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = datetime(2018, 1, 25, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> None:
        self.time += timedelta(**span)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    publish(folder, "2018-01-25-aaaaaaaa", findings=FINDINGS)
    users = Users(folder / "desk" / "users.sqlite")
    users.put("admin", "administrator", (), PASSWORD)
    users.put("looker", "viewer", (), PASSWORD)
    users.put("xianan", "reviewer", ("421202",), PASSWORD)
    return folder


@pytest.fixture(scope="module")
def shared_clock() -> Clock:
    return Clock()


@pytest.fixture
def clock(shared_clock: Clock) -> Clock:
    """The clock of the app, two hours after the publication."""
    shared_clock.time = Clock().time
    return shared_clock


def app_on(home: Path, clock: Clock) -> Flask:
    """The app on a published home."""
    current = home / "published" / "current"

    def manifest(folder: Path) -> dict[str, object]:
        content: dict[str, object] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return content

    return create_app(Settings(home / "desk", home / "inbox", lambda: current.resolve() if current.exists() else None, manifest, clock))


@pytest.fixture(scope="module")
def made(home: Path, shared_clock: Clock) -> Flask:
    return app_on(home, shared_clock)


@pytest.fixture
def app(made: Flask, clock: Clock) -> Flask:
    """The app, every failed sign-in forgotten."""
    limiter.reset()
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def token_of(page: str) -> str:
    """The token in a form of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found.group(1)


def signed_in(app: Flask, name: str, password: str = PASSWORD) -> FlaskClient:
    """A browser in which somebody is signed in."""
    client = app.test_client()
    token = token_of(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"name": name, "password": password, "csrf_token": token})
    assert answer.status_code == 302, answer.text
    return client


SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    return lambda name: signed_in(app, name)
