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
    def accepted(self) -> int:
        """How many violations are accepted: of a share, the most that leave it whole."""
        if self.check.kept is None or self.check.of is None:
            return self.check.threshold
        return self.evaluated * (self.check.of - self.check.kept) // self.check.of

    @property
    def success(self) -> bool:
        """Whether the violations stay within the threshold, compared as integers. A check that does not apply succeeds."""
        return self.error is None and self.unexpected <= self.accepted

    @property
    def is_applicable(self) -> bool:
        """Whether there was anything to ask the rule of."""
        return self.evaluated > 0


def blocking_failures(outcomes: Iterable[CheckOutcome]) -> list[str]:
    """The ids of the checks that forbid publication: failed, or not askable, and of severity ``blocks_publication``."""
    return [outcome.check.check_id for outcome in outcomes if outcome.check.severity == "blocks_publication" and not outcome.success]
