"""What may be published: pure, decided from the outcomes of the checks."""

from collections.abc import Iterable
from dataclasses import dataclass

from quality.checks import Check


@dataclass(frozen=True)
class CheckOutcome:
    """What a check found. ``error`` is the message of a check that could not be asked at all: it counts as failed."""

    check: Check
    evaluated: int
    unexpected: int
    seconds: float
    error: str | None = None

    @property
    def success(self) -> bool:
        """Whether the violations stay within the threshold, compared as integers."""
        return self.error is None and self.unexpected <= self.check.threshold


def blocking_failures(outcomes: Iterable[CheckOutcome]) -> list[str]:
    """The ids of failed checks that forbid publication."""
    return [outcome.check.check_id for outcome in outcomes if outcome.check.severity == "blocks_publication" and not outcome.success]
