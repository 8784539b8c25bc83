"""What forbids publication."""

import pytest

from quality.checks import Check, Severity
from quality.gate import CheckOutcome, blocking_failures


def _outcome(severity: Severity, unexpected: int = 0, *, error: str | None = None, threshold: int = 0, evaluated: int = 10) -> CheckOutcome:
    check = Check(f"{severity}-{unexpected}", "d", "validity", severity, "v", "e", threshold=threshold)
    return CheckOutcome(check, evaluated, unexpected, 0.1, error)


@pytest.mark.parametrize(
    ("outcome", "is_blocking"),
    [
        (_outcome("blocks_publication"), False),
        (_outcome("blocks_publication", 1), True),
        (_outcome("blocks_publication", 1, threshold=1), False),
        (_outcome("blocks_publication", 2, threshold=1), True),
        (_outcome("blocks_publication", error="no such table"), True),
        (_outcome("blocks_publication", evaluated=0), False),
        (_outcome("warn", 1_000_000), False),
        (_outcome("warn", error="no such table"), False),
    ],
)
def test_only_failed_checks_of_that_severity_block(outcome: CheckOutcome, is_blocking: bool) -> None:
    assert blocking_failures([outcome]) == ([outcome.check.check_id] if is_blocking else [])
    assert outcome.success is (
        not is_blocking if outcome.check.severity == "blocks_publication" else outcome.error is None and outcome.unexpected == 0
    )
