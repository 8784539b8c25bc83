"""Actions on findings: checked against the lifecycle and entered in the log, while nobody else can write."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from threading import Lock
from typing import Any

import duckdb

from quality.desk.errors import ActionRefused, Refusal
from quality.desk.lifecycle import Actor, Status, after, effective, read_particulars, refusal
from quality.desk.log import DeskLog, Head
from sources.masking import masked

_MASKING = Lock()


@dataclass(frozen=True)
class Request:
    """One action wished for one finding, with what it says. ``seen_state``: the state that the actor saw; another one refuses it."""

    finding_id: str
    action: str
    said: Mapping[str, object]
    seen_state: str | None = None
    #: The number of the last action that the actor saw of it; a later one refuses it.
    seen_entry: int | None = None


@dataclass(frozen=True)
class Done:
    """What was entered: for how many findings, which were refused and why, and the last entry of the log."""

    entered: int
    refusals: list[Refusal]
    head: Head


def act(
    log: DeskLog,
    requests: Sequence[Request],
    actor: Actor,
    *,
    acted_at: datetime,
    as_of: date,
    known: Mapping[str, Status],
    entries: int,
    partial: bool = False,
) -> Done:
    """Enter the requests that the lifecycle allows, an entry each.

    ``known``: how the findings stand in the snapshot, which tells of the first ``entries`` entries of the log and of the day ``as_of``; actions since are
    read from the log. Without ``partial`` nothing is entered when one is refused, and ActionRefused tells all. Raises DeskUsageError for particulars that
    are missing, unreadable or out of place.
    """
    said_by_request = _said(requests, as_of)
    (name,) = masked_texts([actor.name])
    batch = uuid.uuid4().hex[:12]
    refusals: list[Refusal] = []
    entered = 0

    def contents(tail: Any) -> list[dict[str, Any]]:
        nonlocal entered
        since = tail.last_actions(entries)
        stands = dict(known)
        found = []
        for request, said in zip(requests, said_by_request, strict=True):
            status = stands.get(request.finding_id)
            if status is not None and request.finding_id in since and status.state != "closed":
                status = with_action(status, since[request.finding_id], as_of)
            reason = _reason_against(request, status, actor)
            if reason or status is None:
                refusals.append(reason or Refusal(request.finding_id, "unknown_finding", "is not in this snapshot"))
                continue
            now = after(status, request.action, said, as_of)
            found.append(_entry(request, said, status, now, replace(actor, name=name), acted_at, as_of, batch))
            # The same finding twice in one batch: the second follows the first.
            stands[request.finding_id] = now
            since.pop(request.finding_id, None)
        if refusals and not partial:
            raise ActionRefused(refusals)
        entered = len(found)
        return found

    if not requests:
        return Done(0, [], log.head())
    head = log.append(contents)
    return Done(entered, refusals, head)


def with_action(status: Status, content: Mapping[str, Any], as_of: date) -> Status:
    """The status after an action of the log, as of a day."""
    day = date.fromisoformat
    return effective(
        Status(
            status.finding_id, content["state"], day(content["state_since"]), status.region_code, content.get("assignee"),
            day(content["due_on"]) if content.get("due_on") else None,
            day(content["accepted_until"]) if content.get("accepted_until") else None,
            int(content["number"]),
        ),
        as_of,
    )  # fmt: skip


def _reason_against(request: Request, status: Status | None, actor: Actor) -> Refusal | None:
    if status is None:
        return Refusal(request.finding_id, "unknown_finding", "is not in this snapshot")
    reason = refusal(status, request.action, actor)
    if reason and reason.kind != "not_in_this_state":
        return reason
    if request.seen_state is not None and request.seen_state != status.state:
        return Refusal(request.finding_id, "stale", f"is {status.state} now and was {request.seen_state}; look again", {"state": status.state})
    if request.seen_entry is not None and status.last_entry != request.seen_entry:
        return Refusal(request.finding_id, "stale", "somebody acted on it since; look again", {"state": status.state})
    return reason


def _said(requests: Sequence[Request], as_of: date) -> list[dict[str, Any]]:
    """The particulars of each request, checked, personal data in free text masked: the log is kept for good. Equal ones are read once."""
    read: dict[tuple[Any, ...], dict[str, Any]] = {}
    found = []
    for request in requests:
        key = (request.action, *sorted((name, str(value)) for name, value in request.said.items()))
        if key not in read:
            read[key] = read_particulars(request.action, request.said, as_of)
        found.append(read[key])
    texts = list(dict.fromkeys(value for said in read.values() for value in said.values() if isinstance(value, str)))
    clean = dict(zip(texts, masked_texts(texts), strict=True))
    for said in read.values():
        said.update({name: clean[value] for name, value in said.items() if isinstance(value, str)})
    return found


def masked_texts(texts: Sequence[str]) -> list[str]:
    """Texts with identity numbers, telephone numbers and e-mail addresses masked."""
    if not texts:
        return []
    with _MASKING:
        rows = _masker().execute(f"SELECT {masked('text')} FROM (SELECT unnest(?::VARCHAR[]) AS text)", [list(texts)]).fetchall()
    return [row[0] for row in rows]


@cache
def _masker() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": "1", "memory_limit": "200MB", "autoload_known_extensions": "false"})


def _entry(
    request: Request, said: Mapping[str, Any], before: Status, now: Status, actor: Actor, acted_at: datetime, as_of: date, batch: str
) -> dict[str, Any]:
    return {
        "kind": "action",
        "acted_at": acted_at.isoformat(timespec="seconds"),
        "as_of": as_of.isoformat(),
        "batch": batch,
        "finding_id": request.finding_id,
        "action": request.action,
        "from_state": before.state,
        "state": now.state,
        "state_since": now.state_since.isoformat(),
        "actor": actor.name,
        "actor_role": actor.role,
        "reason": said.get("reason"),
        "assignee": now.assignee,
        "due_on": now.due_on.isoformat() if now.due_on else None,
        "accepted_until": now.accepted_until.isoformat() if now.accepted_until else None,
    }
