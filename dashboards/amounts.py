"""Amounts, shares and changes as they are read, on pages and in documents: exact, and rounded once, half up, to two places."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from dashboards.labels import Language, label
from dashboards.rates import NOT_APPLICABLE

_SCALES: Mapping[Language, Sequence[tuple[str, int]]] = {
    "zh": (("hundred_million", 10**8), ("ten_thousand", 10**4)),
    "en": (("billion", 10**9), ("million", 10**6)),
}

Number = Decimal | int


def yuan(amount: Number | None, language: Language) -> str:
    """An amount of yuan in the largest unit that leaves a whole part: `12.34 亿元`; smaller ones in yuan. `—` for None."""
    if amount is None:
        return NOT_APPLICABLE
    exact = Decimal(amount)
    for unit, size in _SCALES[language]:
        if abs(exact) >= size:
            return label(f"amount.{unit}", language, amount=f"{_rounded(exact / size):,}")
    return label("amount.yuan", language, amount=f"{_rounded(exact):,}")


def chart_unit(largest: Number, language: Language) -> tuple[str, int]:
    """The unit that a chart with this largest amount is drawn in: its name, and how many yuan it has."""
    for unit, size in _SCALES[language]:
        if largest >= size:
            return label(f"amount.unit_{unit}", language), size
    return label("amount.unit_yuan", language), 1


def ten_thousands(amount: Number) -> Decimal:
    """Yuan in 万元, the unit of tables."""
    return _rounded(Decimal(amount) / 10_000)


def ten_thousand_yuan(amount: Number | None) -> str:
    """Yuan in 万元 as text. `—` for None."""
    return NOT_APPLICABLE if amount is None else f"{ten_thousands(amount):,}"


def share(part: Number | None, whole: Number | None) -> str:
    """part ÷ whole as `7.39%`; `—` where there is no part, or nothing to divide by."""
    exact = share_exact(part, whole)
    return NOT_APPLICABLE if exact is None else f"{exact:.2%}"


def share_exact(part: Number | None, whole: Number | None) -> Decimal | None:
    """part ÷ whole as the number 0.0739, rounded as `share` shows it; None where there is no part, or nothing to divide by."""
    return None if part is None or not whole else _rounded(Decimal(100 * part) / whole) / 100


def change(now: Number | None, before: Number | None) -> str:
    """(now − before) ÷ before as `+12.34%`; `—` where there was nothing before, or it is not told: no share can be taken of that."""
    exact = change_exact(now, before)
    return NOT_APPLICABLE if exact is None else f"{exact:+.2%}"


def change_exact(now: Number | None, before: Number | None) -> Decimal | None:
    """(now − before) ÷ before as a number, rounded as `change` shows it; None where there was nothing before, or it is not told."""
    return None if now is None or before is None or before <= 0 else _rounded(Decimal(100 * (now - before)) / before) / 100


def average(whole: Number, count: int) -> str:
    """whole ÷ count as `5.20`; `—` of none."""
    return f"{average_exact(whole, count)}" if count else NOT_APPLICABLE


def average_exact(whole: Number, count: int) -> Decimal:
    """whole ÷ count, rounded to two places; `count` is above zero."""
    return _rounded(Decimal(whole) / count)


def points(now: tuple[int, int], before: tuple[int, int], language: Language) -> str:
    """The difference of two rates, each part and whole, in percentage points with its sign; both wholes are above zero."""
    difference = Decimal(100 * now[0]) / now[1] - Decimal(100 * before[0]) / before[1]
    return label("amount.points", language, points=f"{_rounded(difference):+}")


def _rounded(number: Decimal) -> Decimal:
    # Zero has no sign: a change of −0.001 is no fall.
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP) + 0
