"""Amounts and changes as they are read: 万 and 亿, points and per cent. Amounts come as whole hundredths of a yuan, so that sums are exact."""

from decimal import ROUND_HALF_UP, Decimal

from dashboards.labels import Language, label
from dashboards.rates import NOT_APPLICABLE

_FEN = 100
_SCALES = {"zh": (("hundred_million", 10**8), ("ten_thousand", 10**4)), "en": (("billion", 10**9), ("million", 10**6))}


def yuan(fen: int | None, language: Language) -> str:
    """An amount in the largest unit that leaves a whole part, with two places: `12.34 亿元`; smaller ones in yuan. `—` for None."""
    if fen is None:
        return NOT_APPLICABLE
    for unit, size in _SCALES[language]:
        if abs(fen) >= size * _FEN:
            return label(f"amount.{unit}", language, amount=f"{_rounded(Decimal(fen) / (size * _FEN)):,}")
    return label("amount.yuan", language, amount=f"{_rounded(Decimal(fen) / _FEN):,}")


def chart_unit(largest_fen: int, language: Language) -> tuple[str, int]:
    """The unit that a chart with this largest amount is drawn in: its name, and how many hundredths of a yuan it has."""
    for unit, size in _SCALES[language]:
        if largest_fen >= size * _FEN:
            return label(f"amount.unit_{unit}", language), size * _FEN
    return label("amount.unit_yuan", language), _FEN


def ten_thousand_yuan(fen: int | None) -> str:
    """An amount in 万元 with two places, the unit of the tables. `—` for None."""
    return NOT_APPLICABLE if fen is None else f"{_rounded(Decimal(fen) / (10_000 * _FEN)):,}"


def share(part: int, whole: int) -> str:
    """part ÷ whole as per cent with two places, rounded half up; `—` where there is no whole."""
    return f"{_rounded(Decimal(100 * part) / whole)}%" if whole else NOT_APPLICABLE


def change(now: int, before: int) -> str:
    """(now − before) ÷ before with its sign; `—` where there was nothing before, which no share can be taken of."""
    return f"{_rounded(Decimal(100 * (now - before)) / before):+}%" if before > 0 else NOT_APPLICABLE


def points(now: tuple[int, int], before: tuple[int, int], language: Language) -> str:
    """The difference of two rates, each part and whole, in percentage points with its sign; both wholes are above zero."""
    difference = Decimal(100 * now[0]) / now[1] - Decimal(100 * before[0]) / before[1]
    return label("amount.points", language, points=f"{_rounded(difference):+}")


def _rounded(number: Decimal) -> Decimal:
    # Zero has no sign: a change of −0.001 is no fall.
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP) + 0
