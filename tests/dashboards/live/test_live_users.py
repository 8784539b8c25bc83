import sqlite3
from pathlib import Path

import pytest

from dashboards.live.users import UserError, Users
from tests.dashboards.live.published import PASSWORD


@pytest.fixture
def users(tmp_path: Path) -> Users:
    return Users(tmp_path / "desk" / "users.sqlite")


def test_an_account_is_known_by_its_password_alone(users: Users) -> None:
    assert users.put("王 审核".replace(" ", "."), "reviewer", ("421221", "421222"), PASSWORD)
    found = users.check("王.审核", PASSWORD)
    assert found is not None and (found.name, found.role, found.regions) == ("王.审核", "reviewer", ("421221", "421222"))
    assert users.check("王.审核", PASSWORD + "x") is None and users.check("nobody", PASSWORD) is None
    assert users.check("王.审核", PASSWORD.upper()) is None


def test_another_password_ends_the_sessions(users: Users) -> None:
    users.put("lee", "viewer", (), "first-password")
    session = users.check("lee", "first-password").session_key  # type: ignore[union-attr]
    assert users.of_session(session) is not None
    assert not users.put("lee", "administrator", (), "second-password")
    assert users.of_session(session) is None and users.check("lee", "first-password") is None
    assert users.check("lee", "second-password").role == "administrator"  # type: ignore[union-attr]
    users.remove("lee")
    assert users.all() == [] and users.check("lee", "second-password") is None


def test_no_password_is_kept_and_nobody_else_reads_the_file(users: Users) -> None:
    users.put("one", "viewer", (), PASSWORD)
    users.put("two", "viewer", (), PASSWORD)
    assert users.path.stat().st_mode & 0o777 == 0o600
    assert PASSWORD.encode() not in users.path.read_bytes()
    hashes = [row[0] for row in sqlite3.connect(users.path).execute("SELECT password_hash FROM users")]
    assert len(set(hashes)) == 2 and all(text.startswith("$argon2id$") for text in hashes)


@pytest.mark.parametrize(
    ("name", "role", "regions", "password", "reason"),
    [
        ("", "viewer", (), PASSWORD, "user name"),
        ("a b", "viewer", (), PASSWORD, "user name"),
        ("a\n", "viewer", (), PASSWORD, "user name"),
        ("a", "root", (), PASSWORD, "say one of viewer, reviewer, administrator"),
        ("a", "reviewer", (), PASSWORD, "--region"),
        ("a", "reviewer", ("4212",), PASSWORD, "--region"),
        ("a", "viewer", ("421221",), PASSWORD, "sees every county"),
        ("a", "viewer", (), "short", "10 to 200"),
        ("a", "viewer", (), "x" * 201, "10 to 200"),
        ("someone", "viewer", (), "i-am-Someone", "must not hold"),
    ],
)
def test_what_will_not_do_is_refused(users: Users, name: str, role: str, regions: tuple[str, ...], password: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        users.put(name, role, regions, password)  # type: ignore[arg-type]
    assert users.all() == []


def test_an_unknown_account_is_named_with_those_there_are(users: Users) -> None:
    users.put("here", "viewer", (), PASSWORD)
    with pytest.raises(UserError, match="no user 'gone'; there are here"):
        users.remove("gone")
