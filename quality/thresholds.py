"""How much is accepted, from ``thresholds.toml``: for a check, the whole or a region, and a day, the one row that holds."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, get_args

from quality.checks import Check, Dimension, Severity
from quality.desk.lifecycle import region_prefix
from quality.desk.texts import check_kind
from sources.definitions import datasets

THRESHOLDS = Path(__file__).with_name("thresholds.toml")
EACH_REGION = "*"
_STATUSES = ("A", "B", "R")


class ThresholdError(Exception):
    """A row of the thresholds that cannot be used; the message names file and line."""


@dataclass(frozen=True)
class Threshold:
    """One row. ``accepted``: so many violations; or ``kept`` of ``of`` records must be without one. ``line`` is where it begins in the file."""

    line: int
    check: str | None = None
    dataset: str | None = None
    dimension: str | None = None
    region: str | None = None
    accepted: int | None = None
    kept: int | None = None
    of: int | None = None
    severity: Severity | None = None
    source: str = ""
    status: str = ""
    valid_from: date = date.min
    valid_to: date = date.max

    def holds(self, check: Check, region: str | None, day: date | None) -> bool:
        """Whether the row is about this check, of the whole (None), of each region ("*") or of one region. Without a day: whether it holds still."""
        in_force = self.valid_to == date.max if day is None else self.valid_from <= day <= self.valid_to
        return (
            in_force
            and self.check in (None, check.check_id, check_kind(check.check_id, check.dataset))
            and self.dataset in (None, check.dataset)
            and self.dimension in (None, check.dimension)
            and self._is_about(region)
        )

    def _is_about(self, region: str | None) -> bool:
        if region is None or self.region is None:
            return region is None and self.region is None
        return self.region == EACH_REGION or (region != EACH_REGION and region.startswith(region_prefix(self.region)))

    def is_narrower(self, other: "Threshold", check: Check) -> bool:
        """Whether this row asks at least as much as the other in every respect."""
        return all(mine >= theirs for mine, theirs in zip(self._narrowness(check), other._narrowness(check), strict=True))

    def _narrowness(self, check: Check) -> tuple[int, int, int, int]:
        region = 0 if self.region in (None, EACH_REGION) else len(region_prefix(str(self.region)))
        return (0 if self.check is None else 1 + (self.check == check.check_id), self.dataset is not None, self.dimension is not None, region)


@dataclass(frozen=True)
class Thresholds:
    """All rows, and how sure a share must be before few records show it."""

    rows: tuple[Threshold, ...]
    confidence_percent: int
    file: str = THRESHOLDS.name

    def of(self, check: Check, region: str | None, day: date | None) -> Threshold | None:
        """The row that holds; None where none does. Raises ThresholdError when two hold of which neither is more specific."""
        holding = [row for row in self.rows if row.holds(check, region, day)]
        narrowest = [row for row in holding if all(row.is_narrower(other, check) for other in holding)]
        if holding and len(narrowest) != 1:
            rivals = narrowest or holding
            lines = " and ".join(str(row.line) for row in rivals[:2])
            where = "the whole" if region is None else "each region" if region == EACH_REGION else f"region {region}"
            raise ThresholdError(
                f"{self.file}, lines {lines}: both hold for {check.check_id} of {where}; make one more specific or end it before the other begins"
            )
        return narrowest[0] if narrowest else None

    def regions(self) -> list[str]:
        """The region codes that rows name, the narrowest first."""
        named = {row.region for row in self.rows if row.region is not None and row.region != EACH_REGION}
        return sorted(named, key=lambda code: (-len(region_prefix(code)), code))

    def applied(self, checks: Sequence[Check], day: date | None) -> list[Check]:
        """The checks with what is accepted of the whole, and their severity."""
        return [_applied(check, self.of(check, None, day)) for check in checks]

    def severities(self, check: Check, day: date | None) -> list[tuple[str | None, Severity]]:
        """The severity of a check's findings by region code, the narrowest first; that of all others last (None)."""
        found: list[tuple[str | None, Severity]] = []
        for region in [*self.regions(), EACH_REGION]:
            row = self.of(check, region, day)
            found.append((None if region == EACH_REGION else region, (row.severity if row else None) or check.severity))
        return found


def _applied(check: Check, row: Threshold | None) -> Check:
    if row is None:
        return check
    return replace(check, threshold=row.accepted or 0, kept=row.kept, of=row.of, severity=row.severity or check.severity)


@cache
def thresholds() -> Thresholds:
    """The thresholds of the house. Raises ThresholdError."""
    from quality.checks import all_checks

    return read_thresholds(THRESHOLDS, all_checks())


def read_thresholds(path: Path, checks: Sequence[Check]) -> Thresholds:
    """Read and check a file of thresholds against the checks there are. Raises ThresholdError naming file and line."""
    text = path.read_text(encoding="utf-8")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThresholdError(f"{path.name}: not valid TOML ({error})") from error
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if line.strip() == "[[threshold]]"]
    rows = [_row(path.name, line, row, checks) for line, row in zip(lines, content.get("threshold", []), strict=True)]
    found = Thresholds(tuple(rows), int(content.get("confidence_percent", 95)), path.name)
    # Asked of everything that a row could be about: an ambiguity must not wait for the day on which a region has records.
    days = {day for row in rows for day in (row.valid_from, row.valid_to)}
    for check, region, day in product(checks, [None, EACH_REGION, *found.regions()], sorted(days)):
        found.of(check, region, day)
    return found


_KEYS = frozenset(Threshold.__dataclass_fields__) - {"line"}


def _row(file: str, line: int, content: dict[str, Any], checks: Sequence[Check]) -> Threshold:
    def refuse(what: str) -> ThresholdError:
        return ThresholdError(f"{file}, line {line}: {what}")

    for complaint in _complaints(content, checks):
        raise refuse(complaint)
    try:
        row = Threshold(line=line, **content)
    except TypeError as error:
        raise refuse(str(error)) from error
    if row.valid_to < row.valid_from:
        raise refuse(f"valid_to {row.valid_to} lies before valid_from {row.valid_from}")
    return row


def _complaints(content: dict[str, Any], checks: Sequence[Check]) -> Iterable[str]:
    known: dict[str, Iterable[str]] = {
        "check": {check.check_id for check in checks} | {check_kind(check.check_id, check.dataset) for check in checks},
        "dataset": set(datasets()) | {check.dataset for check in checks},
        "dimension": get_args(Dimension),
        "severity": get_args(Severity),
        "status": _STATUSES,
    }
    if unknown := sorted(content.keys() - _KEYS):
        yield f"{unknown[0]} is unknown; one of: {', '.join(sorted(_KEYS))}"
    for name, values in known.items():
        if name in content and content[name] not in values:
            yield f"{name} {content[name]!r} is unknown; one of: {', '.join(sorted(values)[:60])}"
    for name in ("source", "status"):
        if not content.get(name):
            yield f"{name} is missing; every threshold says where it comes from and how far that was verified"
    for name in ("valid_from", "valid_to"):
        if name in content and not isinstance(content[name], date):
            yield f"{name} {content[name]!r} is no date; write 2018-01-25 without quotes"
    region = content.get("region")
    if region is not None and region != EACH_REGION and not (isinstance(region, str) and len(region) == 6 and region.isdigit()):
        yield f"region {region!r} is no code of six digits, nor *"
    if region is not None and content.get("severity") == "blocks_publication":
        yield "a region cannot block the publication of all; severity blocks_push or warn"
    yield from _amount_complaints(content)


def _amount_complaints(content: dict[str, Any]) -> Iterable[str]:
    amounts = {name: content[name] for name in ("accepted", "kept", "of") if name in content}
    for name, value in amounts.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            yield f"{name} {value!r} is no whole number"
            return
    if set(amounts) not in ({"accepted"}, {"kept", "of"}):
        yield "say either accepted, or kept and of"
    elif "of" in amounts and not 0 < amounts["kept"] < amounts["of"]:
        yield f"{amounts['kept']} of {amounts['of']} is no share between none and all; for none at all write accepted = 0"
