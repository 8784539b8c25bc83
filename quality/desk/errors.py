"""Errors of the desk, each one line that says what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

RefusalKind = Literal["unknown_finding", "unknown_action", "not_in_this_state", "not_this_role", "not_this_region", "incomplete", "stale"]


class DeskError(Exception):
    """Something that the desk cannot do."""


class DeskUsageError(DeskError):
    """What was asked of the desk cannot be done as asked: no snapshot, a date that is none, a file that is no workbook of the desk."""


class LogAltered(DeskError):
    """The log is not as it was written. ``entry`` is the number of the first entry that shows it."""

    def __init__(self, entry: int, what: str) -> None:
        super().__init__(f"desk log, entry {entry}: {what}; restore the folder desk from a backup")
        self.entry = entry


class LogBusy(DeskError):
    """Another process has been writing to the log for too long."""


@dataclass(frozen=True)
class Refusal:
    """One finding to which an action was not done: which kind of reason, and the reason in words."""

    finding_id: str
    kind: RefusalKind
    reason: str


class ActionRefused(DeskError):
    """An action that was not done, for no finding at all; ``refusals`` says why, a line a finding."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        first = refusals[0]
        more = f" (and {len(refusals) - 1:,} more)" if len(refusals) > 1 else ""
        super().__init__(f"finding {first.finding_id}: {first.reason}{more}")
        self.refusals = list(refusals)
