"""Errors of the desk, each one line that says what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

#: Why something asked of the desk cannot be done as asked.
ComplaintKind = Literal[
    "no_desk", "unknown_filter", "unknown_action", "missing", "not_taken", "unknown_part", "no_date", "too_early", "too_long",
    "unreadable", "no_columns", "several_sources", "another_source", "unreadable_inbox", "sample_size", "nothing_to_draw",
]  # fmt: skip
#: Why an action was not done to one finding.
RefusalKind = Literal["unknown_finding", "not_in_this_state", "not_this_role", "not_this_region", "stale"]


class DeskError(Exception):
    """Something that the desk cannot do."""


class DeskUsageError(DeskError):
    """What was asked of the desk cannot be done as asked: no snapshot, a date that is none, a file that is no workbook of the desk.

    The message is one line for a terminal. ``kind`` and ``said`` (names of columns, parts, values) tell the same without words: a page words them in the
    language of its reader.
    """

    def __init__(self, message: str, kind: ComplaintKind, **said: object) -> None:
        super().__init__(message)
        self.kind = kind
        self.said: Mapping[str, object] = said


class LogAltered(DeskError):
    """The log is not as it was written. ``entry`` is the number of the first entry that shows it."""

    def __init__(self, entry: int, what: str) -> None:
        super().__init__(f"desk log, entry {entry}: {what}; restore the folder desk from a backup")
        self.entry = entry


class LogBusy(DeskError):
    """Another process has been writing to the log for too long."""


@dataclass(frozen=True)
class Refusal:
    """One finding to which an action was not done: which kind of reason, the reason in words, and what it speaks of (``said``) for whoever words it anew."""

    finding_id: str
    kind: RefusalKind
    reason: str
    said: Mapping[str, object] = field(default_factory=dict)


class ActionRefused(DeskError):
    """An action that was not done, for no finding at all; ``refusals`` says why, a line a finding."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        first = refusals[0]
        more = f" (and {len(refusals) - 1:,} more)" if len(refusals) > 1 else ""
        super().__init__(f"finding {first.finding_id}: {first.reason}{more}")
        self.refusals = list(refusals)
