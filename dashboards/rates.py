"""Sums over the counts of the rate marts, and what follows from the sums. Nothing is judged here: verdicts were counted by the marts."""

import polars as pl

COUNTS = ("due", "met", "missed", "late", "absent", "too_short", "pending", "undecidable", "exempt")
"""The additive columns of `marts.disclosure_rates` and `marts.timeliness`."""

MEASURES = ("disclosure", "timeliness")

THRESHOLD_PERCENT = 98
"""The share that pushed records must reach in 及时性 and 准确性: the line drawn through every chart."""

SMALL_NUMBER = 100 // (100 - THRESHOLD_PERCENT)
"""Of fewer decided duties than this, one miss alone brings the rate below the threshold: such a rate is marked."""

SMALL_MARK = "†"

REACHED, BELOW, UNDETERMINED = "reached", "below", "undetermined"

NOT_APPLICABLE = "—"


def totals(rates: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Counts summed over everything but `keys`, with the rates of the sums.

    Takes rows with `keys` and `COUNTS`; gives one row per distinct `keys` in their order, one row in all without keys (also for no rows), with
    `COUNTS` and the columns of `with_rates`.
    """
    sums = pl.col(COUNTS).sum()
    return with_rates(rates.group_by(keys).agg(sums).sort(keys) if keys else rates.select(sums))


def with_rates(counts: pl.DataFrame) -> pl.DataFrame:
    """Adds to rows with `COUNTS`: judged (met + missed), rate, rate_low, rate_high (0–1, null without a denominator), their texts, and the
    threshold state. Formulas: docs/architecture.md, Rates."""
    met, due, best = pl.col("met"), pl.col("due"), pl.col("met") + pl.col("undecidable")
    judged = met + pl.col("missed")
    return counts.with_columns(
        judged.alias("judged"),
        _ratio(met, judged).alias("rate"),
        _ratio(met, due).alias("rate_low"),
        _ratio(best, due).alias("rate_high"),
        percent(met, judged).alias("rate_text"),
        percent(met, due).alias("rate_low_text"),
        percent(best, due).alias("rate_high_text"),
        threshold_state().alias("state"),
    )


def marked_rate() -> pl.Expr:
    """The text of the rate of rows of `with_rates`, with SMALL_MARK where it rests on fewer than SMALL_NUMBER."""
    return pl.when((pl.col("judged") > 0) & (pl.col("judged") < SMALL_NUMBER)).then(pl.col("rate_text") + SMALL_MARK).otherwise(pl.col("rate_text"))


def threshold_state(percent: int = THRESHOLD_PERCENT) -> pl.Expr:
    """`reached`, `below`, or `undetermined` where nothing is due or the undecidable could tip it. Compares integers, never rates."""
    worst, best, line = 100 * pl.col("met"), 100 * (pl.col("met") + pl.col("undecidable")), percent * pl.col("due")
    return (
        pl.when(pl.col("due") == 0)
        .then(pl.lit(UNDETERMINED))
        .when(worst >= line)
        .then(pl.lit(REACHED))
        .when(best < line)
        .then(pl.lit(BELOW))
        .otherwise(pl.lit(UNDETERMINED))
    )


def ten_thousandths(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part ÷ whole in whole ten-thousandths, cut off: 97.996 % stays 97.99 % and does not look as if it had reached 98. Null when whole is 0."""
    return pl.when(whole > 0).then(part.cast(pl.Int64) * 10_000 // whole.cast(pl.Int64))


def percent(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part ÷ whole as text such as `97.99%`, cut off after two places; `—` when whole is 0."""
    units = ten_thousandths(part, whole)
    text = pl.format("{}.{}%", units // 100, (units % 100).cast(pl.String).str.zfill(2))
    return pl.when(units.is_null()).then(pl.lit(NOT_APPLICABLE)).otherwise(text)


def rate_text(part: int, whole: int) -> str:
    """The text of `percent` for two numbers."""
    units = part * 10_000 // whole if whole else None
    return NOT_APPLICABLE if units is None else f"{units // 100}.{units % 100:02}%"


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)
