"""Who may sign in: names, roles and password hashes in one SQLite file of the home."""

import re
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask_login import UserMixin

from quality.desk.lifecycle import Actor, Role, roles

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
_NAME = re.compile(r"[^\W_][\w.@-]{0,63}")
_REGION = re.compile(r"\d{2}[0-9A-Z]{4}")
_COLUMNS = "name, role, regions, session_key"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, regions TEXT NOT NULL, password_hash TEXT NOT NULL, session_key TEXT NOT NULL UNIQUE
) STRICT
"""


class UserError(Exception):
    """An account that cannot be made, changed or found as asked; the message is one line that says what to do."""


@dataclass(frozen=True)
class User(UserMixin):
    """One account. regions: the codes of the counties that a reviewer acts for, a code that ends in zeros standing for all below it; none for the other
    roles. session_key: what a session of theirs carries; another one ends all sessions of the account."""

    name: str
    role: Role
    regions: tuple[str, ...]
    session_key: str

    def get_id(self) -> str:
        """What Flask-Login keeps in the session."""
        return self.session_key

    @property
    def actor(self) -> Actor:
        """Who acts, as the desk knows them."""
        return Actor(self.name, self.role, self.regions)

    def may_see(self, region_code: str | None) -> bool:
        """Whether records and findings of a region are open to them: a reviewer is shown those of their own counties."""
        return self.actor.covers(region_code)


class Users:
    """The accounts of a home. Every call opens the file anew, so that the command line and the app may use it at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Argon2id as the OWASP cheat sheet on storing passwords recommends it: little memory, so that many who try at once cannot exhaust it.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def put(self, name: str, role: Role, regions: Sequence[str], password: str) -> bool:
        """Makes the account, or gives an existing one this role and password and ends its sessions. True when it is new.

        Raises UserError for a name, role, region or password that will not do.
        """
        _refuse_wrong(name, role, regions, password)
        account = {
            "name": name,
            "role": role,
            "regions": " ".join(regions),
            "password_hash": self._hasher.hash(password),
            "session_key": _session_key(),
        }
        with self._open() as connection:
            known = connection.execute("SELECT 1 FROM users WHERE name = ?", [name]).fetchone()
            connection.execute("INSERT OR REPLACE INTO users VALUES (:name, :role, :regions, :password_hash, :session_key)", account)
        return known is None

    def remove(self, name: str) -> None:
        """Takes the account away; its sessions end. What was done under the name stays in the log. Raises UserError for an unknown name."""
        with self._open() as connection:
            if not connection.execute("DELETE FROM users WHERE name = ?", [name]).rowcount:
                raise UserError(f"no user {name!r}; there are {', '.join(user.name for user in self.all()) or 'none'}")

    def all(self) -> list[User]:
        """Every account by name."""
        return [_user(row) for row in self._rows(f"SELECT {_COLUMNS} FROM users ORDER BY name")]

    def of_session(self, session_key: str) -> User | None:
        """The account whose session it is, None when that session has ended."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM users WHERE session_key = ?", session_key)
        return _user(rows[0]) if rows else None

    def check(self, name: str, password: str) -> User | None:
        """The account when name and password are right. A wrong name takes as long as a wrong password."""
        rows = self._rows(f"SELECT {_COLUMNS}, password_hash FROM users WHERE name = ?", name)
        try:
            self._hasher.verify(rows[0][4] if rows else self._nobody, password[:LONGEST_PASSWORD])
        except VerificationError:
            return None
        return _user(rows[0][:4]) if rows else None

    def end_sessions(self, name: str) -> None:
        """Ends every session of the account, wherever it was signed in."""
        with self._open() as connection:
            connection.execute("UPDATE users SET session_key = ? WHERE name = ?", [_session_key(), name])

    def _rows(self, sql: str, *parameters: str) -> list[tuple]:
        if not self.path.exists():
            return []
        with self._open() as connection:
            return connection.execute(sql, parameters).fetchall()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Hashes are nobody else's to read.
            self.path.touch(mode=0o600)
        connection = sqlite3.connect(self.path, timeout=10)
        try:
            with connection:
                connection.execute(_SCHEMA)
                yield connection
        finally:
            connection.close()


def _user(row: tuple) -> User:
    name, role, regions, session_key = row
    return User(name, role, tuple(regions.split()), session_key)


def _session_key() -> str:
    return secrets.token_urlsafe(24)


def _refuse_wrong(name: str, role: str, regions: Sequence[str], password: str) -> None:
    if not _NAME.fullmatch(name):
        raise UserError(f"user name {name!r}: letters, digits, and . @ _ - after the first, at most 64")
    if role not in roles():
        raise UserError(f"role {role!r}: say one of {', '.join(roles())}")
    if role == "reviewer" and not (regions and all(_REGION.fullmatch(code) for code in regions)):
        raise UserError("a reviewer acts for counties: name each with --region, the six places of its region code, for example 421221")
    if role != "reviewer" and regions:
        raise UserError(f"--region goes with the role reviewer; a {role} sees every county")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise UserError(f"the password needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if name.casefold() in password.casefold():
        raise UserError("the password must not hold the user's name")
