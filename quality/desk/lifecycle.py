"""What may become of a finding: states, actions and roles as one table (``lifecycle.toml``), and the pure step from a status to the next."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from quality.desk.errors import DeskUsageError, Refusal

Role = Literal["viewer", "reviewer", "administrator"]
State = Literal["open", "assigned", "corrected", "disputed", "accepted", "closed"]
_TABLE = Path(__file__).with_name("lifecycle.toml")
#: What an action may say, beside who does it and when.
PARTICULARS = ("reason", "assignee", "due_on", "accepted_until")
_DATES = ("due_on", "accepted_until")
_LONGEST = 2000


@dataclass(frozen=True)
class Actor:
    """Who acts. ``regions``: the region codes of a reviewer, who sees and does nothing elsewhere; a code that ends in zeros stands for all below it."""

    name: str
    role: Role
    regions: tuple[str, ...] = ()

    def prefixes(self) -> tuple[str, ...] | None:
        """What the region code of a finding must begin with, any of these; None: no restriction. A reviewer without a region sees nothing."""
        if self.role == "administrator" or (self.role == "viewer" and not self.regions):
            return None
        return tuple(region_prefix(code) for code in self.regions)

    def covers(self, region_code: str | None) -> bool:
        """Whether findings of this region are the actor's."""
        prefixes = self.prefixes()
        return prefixes is None or (region_code is not None and region_code.startswith(prefixes))


def region_prefix(region_code: str) -> str:
    """What the codes of a region and of all below it begin with: 4212 of 421200."""
    return region_code.removesuffix("00").removesuffix("00")


@dataclass(frozen=True)
class Action:
    """One kind of action: from which states it leads to which (None: the state stays), who may do it, what it must and may say."""

    name: str
    label: Mapping[str, str]
    sources: frozenset[str]
    target: str | None
    roles: frozenset[str]
    needs: tuple[str, ...]
    may: tuple[str, ...]


@dataclass(frozen=True)
class Status:
    """How a finding stands. ``as_of`` is the day of the snapshot that shows it; days are days of snapshots, never of the clock."""

    finding_id: str
    state: str
    state_since: date
    region_code: str | None = None
    assignee: str | None = None
    due_on: date | None = None
    accepted_until: date | None = None
    #: Number of the last action in the log since the finding was opened; 0 where there is none.
    last_entry: int = 0


@cache
def actions() -> dict[str, Action]:
    """Every action by name."""
    found = {}
    for content in _content()["action"]:
        found[content["name"]] = Action(
            content["name"], content["label"], frozenset(content["from"]), content.get("to"),
            frozenset(content["roles"]), tuple(content["needs"]), tuple(content["may"]),
        )  # fmt: skip
    return found


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads(_TABLE.read_text(encoding="utf-8"))


def states() -> dict[str, dict[str, str]]:
    """Every state with its label by language, in the order of a finding's life."""
    return dict(_content()["states"])


def roles() -> dict[str, dict[str, str]]:
    """Every role with its label by language."""
    return dict(_content()["roles"])


def effective(status: Status, as_of: date) -> Status:
    """The status as of a day: an exception that is over is open again since the day after."""
    if status.state == "accepted" and status.accepted_until is not None and status.accepted_until < as_of:
        return replace(status, state="open", state_since=date.fromordinal(status.accepted_until.toordinal() + 1), accepted_until=None)
    return status


def allowed(status: Status, actor: Actor) -> list[str]:
    """The names of the actions that the actor may do to a finding in this state."""
    if not actor.covers(status.region_code):
        return []
    return [action.name for action in actions().values() if status.state in action.sources and actor.role in action.roles]


def read_particulars(action: str, given: Mapping[str, object], as_of: date) -> dict[str, Any]:
    """What an action says, checked and typed: texts trimmed, dates as dates, nothing missing and nothing that does not belong to it.

    Raises DeskUsageError that names the particular.
    """
    if action not in actions():
        raise DeskUsageError(
            f"action {action!r} is unknown; one of: {', '.join(actions())}", "unknown_action", action=action, actions=list(actions())
        )
    kind = actions()[action]
    said = {name: _typed(name, value) for name, value in given.items()}
    said = {name: value for name, value in said.items() if value is not None}
    if missing := [name for name in kind.needs if name not in said]:
        raise DeskUsageError(f"{action} needs {', '.join(missing)}", "missing", action=action, parts=missing)
    if extra := [name for name in said if name not in (*kind.needs, *kind.may)]:
        takes = (*kind.needs, *kind.may)
        raise DeskUsageError(
            f"{action} does not take {', '.join(extra)}; it takes: {', '.join(takes)}", "not_taken", action=action, parts=extra, takes=takes
        )
    for name in _DATES:
        if name in said and said[name] < as_of:
            message = f"{name} {said[name]} lies before {as_of}, the day of the snapshot; name a later day"
            raise DeskUsageError(message, "too_early", parts=[name], value=said[name], as_of=as_of)
    return said


def _typed(name: str, value: object) -> Any:
    if name not in PARTICULARS:
        raise DeskUsageError(f"{name} is nothing that an action says; one of: {', '.join(PARTICULARS)}", "unknown_part", value=name)
    if value is None or value == "":
        return None
    if name in _DATES:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            raise DeskUsageError(f"{name} {value!r} is no date; write YYYY-MM-DD", "no_date", parts=[name], value=value) from None
    text = " ".join("".join(character if character.isprintable() else " " for character in str(value)).split())
    if len(text) > _LONGEST:
        message = f"{name} has {len(text):,} characters; at most {_LONGEST:,}"
        raise DeskUsageError(message, "too_long", parts=[name], count=f"{len(text):,}", most=f"{_LONGEST:,}")
    return text or None


def refusal(status: Status, action: str, actor: Actor) -> Refusal | None:
    """Why the actor may not do this to the finding, or None."""
    kind = actions()[action]
    if actor.role not in kind.roles:
        whose = sorted(kind.roles)
        reason = f"{action} is not for the role {actor.role}; it is for: {', '.join(whose)}"
        return Refusal(status.finding_id, "not_this_role", reason, {"action": action, "role": actor.role, "roles": whose})
    if not actor.covers(status.region_code):
        reason = f"region {status.region_code or 'unknown'} is not one of {actor.name}'s"
        return Refusal(status.finding_id, "not_this_region", reason, {"region": status.region_code or "—", "actor": actor.name})
    if status.state not in kind.sources:
        possible = allowed(status, actor)
        reason = f"is {status.state}: {action} is not possible, but {', '.join(possible) or 'nothing'} is"
        return Refusal(status.finding_id, "not_in_this_state", reason, {"state": status.state, "action": action, "actions": possible})
    return None


def after(status: Status, action: str, said: Mapping[str, Any], as_of: date) -> Status:
    """The status after an action that is allowed."""
    target = actions()[action].target
    if target is None:
        return status
    return replace(
        status,
        state=target,
        state_since=status.state_since if target == status.state else as_of,
        assignee=None if target == "open" else said.get("assignee", status.assignee),
        due_on=None if target == "open" else said.get("due_on", status.due_on),
        accepted_until=said.get("accepted_until"),
    )
