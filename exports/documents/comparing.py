"""Numbers beside those of another period, exact and rounded once, for showing."""

from decimal import ROUND_HALF_UP, Decimal

from dashboards.rates import NOT_APPLICABLE

_HUNDREDTH = Decimal("0.01")
_TEN_THOUSAND = Decimal(10_000)


def ten_thousands(yuan: Decimal | None) -> Decimal | None:
    """元 in 万元, two decimals, rounded half up."""
    return None if yuan is None else (yuan / _TEN_THOUSAND).quantize(_HUNDREDTH, ROUND_HALF_UP)


def share_text(part: Decimal | None, whole: Decimal | None) -> str:
    """part ÷ whole as `7.39%`; a dash where there is nothing to divide by."""
    if part is None or not whole:
        return NOT_APPLICABLE
    return f"{(100 * part / whole).quantize(_HUNDREDTH, ROUND_HALF_UP)}%"


def change_text(now: Decimal | int | None, before: Decimal | int | None) -> str:
    """(now − before) ÷ before as `+12.34%`; a dash where the earlier period was not told or is zero."""
    if now is None or not before:
        return NOT_APPLICABLE
    return f"{(100 * (Decimal(now) - Decimal(before)) / Decimal(before)).quantize(_HUNDREDTH, ROUND_HALF_UP):+}%"
