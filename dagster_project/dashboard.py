"""``gongkai dashboard``: the live app on a home, and the accounts that may sign in to it."""

import getpass
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dagster_project.errors import UsageError
from dagster_project.home import Home
from dashboards.live.users import UserError, Users
from exports.publication import current_snapshot, read_manifest
from quality.desk.lifecycle import Role
from quality.desk.log import desk_folder

HOST, PORT = "127.0.0.1", 8400


def serve(home: Home, host: str, port: int, public_name: str | None) -> int:
    """Answer until interrupted. Raises UsageError when the port is taken, or nobody could sign in."""
    from dashboards.live.app import Settings
    from dashboards.live.server import PortTakenError, is_loopback
    from dashboards.live.server import serve as answer

    if not users_of(home).all():
        raise UsageError("nobody can sign in yet; make an account first: gongkai dashboard --add-user NAME --role administrator")
    if not is_loopback(host) and public_name is None:
        raise UsageError(
            f"{host} can be reached from outside and passwords would travel in the open: listen on 127.0.0.1, let a proxy on this machine speak TLS, "
            "and name it with --public-name"
        )
    settings = Settings(
        desk=desk_folder(home.path),
        inbox=home.inbox,
        current=lambda: current_snapshot(home.path),
        manifest=read_manifest,
        now=lambda: datetime.now(UTC),
        hosts=(public_name, "127.0.0.1", "localhost") if public_name else ("127.0.0.1", "localhost", "[::1]"),
        behind_tls=public_name is not None,
    )
    try:
        answer(settings, host, port, home.logs / "dashboard.log")
    except PortTakenError as error:
        raise UsageError(str(error)) from error
    except KeyboardInterrupt:
        pass
    return 0


def add_user(home: Home, name: str, role: Role, regions: tuple[str, ...]) -> int:
    """Make an account, or give it another role and password."""
    password = _asked_for_password()
    is_new = _said(lambda: users_of(home).put(name, role, regions, password))
    sys.stdout.write(
        f"{name}: {role}{' ' + ' '.join(regions) if regions else ''} {'added' if is_new else 'changed; every session of it has ended'}\n"
    )
    return 0


def remove_user(home: Home, name: str) -> int:
    """Take an account away."""
    _said(lambda: users_of(home).remove(name))
    sys.stdout.write(f"{name}: removed\n")
    return 0


def list_users(home: Home) -> int:
    """A line an account: name, role, regions."""
    for user in users_of(home).all():
        sys.stdout.write(" ".join([user.name, user.role, *user.regions]) + "\n")
    return 0


def users_of(home: Home) -> Users:
    """The accounts of a home."""
    return Users(desk_folder(home.path) / "users.sqlite")


def _asked_for_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("密码 password: ")
    if getpass.getpass("再输一次 again: ") != password:
        raise UsageError("the two passwords differ; nothing was changed")
    return password


def _said(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except UserError as error:
        raise UsageError(str(error)) from error
