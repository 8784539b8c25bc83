"""What is expected, as data: one check states one rule as the rows that violate it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from quality.desk.texts import check_title
from sources.warehouse import ROWS_PER_DELIVERY

Dimension = Literal["timeliness", "accuracy", "completeness", "consistency", "uniqueness", "validity"]
Severity = Literal["blocks_publication", "blocks_push", "warn"]

SUITES = Path(__file__).parent / "suites"

#: What a violation may say of itself, with types; a check's SQL selects those it knows, the rest is null.
#: ``dataset`` is given only where one check speaks of several data sets.
VIOLATION_COLUMNS = {
    "record_key": "VARCHAR",
    "dataset": "VARCHAR",
    "column_name": "VARCHAR",
    "value": "VARCHAR",
    "reason": "VARCHAR",
    "rule_id": "VARCHAR",
    "region_code": "VARCHAR",
    "source_row": "BIGINT",
}


@dataclass(frozen=True)
class Check:
    """One rule of quality.

    ``violations`` selects one row per violation, in columns of VIOLATION_COLUMNS. ``evaluated`` selects one number: of how many rows (or cells) the
    rule was asked; 0 means that it does not apply. ``threshold`` is the number of violations that is still accepted;
    where ``kept`` and ``of`` stand instead, so many of so many must be without a violation (``quality.thresholds`` fills them in).
    """

    check_id: str
    dataset: str
    dimension: Dimension
    severity: Severity
    violations: str
    evaluated: str
    expectation: str = "expect_no_violations"
    threshold: int = 0
    kept: int | None = None
    of: int | None = None

    @property
    def label(self) -> str:
        """What it is called in Chinese."""
        return check_title(self.check_id, self.dataset, "zh") or self.check_id


def all_checks() -> list[Check]:
    """Every check: those that follow from the definitions of the data sets, those of what could not be read, then the hand-written suites."""
    from quality.generated import generated_checks
    from quality.unread import unread_checks

    return generated_checks() + unread_checks() + hand_written()


def hand_written(folder: Path = SUITES) -> list[Check]:
    """The ``[[check]]`` of every TOML file in ``folder``; ``{ROWS_PER_DELIVERY}`` in their SQL is the factor of a source_row.

    A missing or unknown key raises TypeError naming it.
    """
    checks = []
    for path in sorted(folder.glob("*.toml")):
        for content in tomllib.loads(path.read_text(encoding="utf-8")).get("check", []):
            sql = {
                name: content.pop(name).replace("{ROWS_PER_DELIVERY}", str(ROWS_PER_DELIVERY))
                for name in ("violations", "evaluated")
                if name in content
            }
            checks.append(Check(**content, **sql))
    return checks
