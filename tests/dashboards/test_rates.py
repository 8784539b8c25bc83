from fractions import Fraction

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dashboards.rates import BELOW, COUNTS, REACHED, UNDETERMINED, percent, ten_thousandths, totals

counts = st.integers(0, 3_000_000)


def _row(met: int, missed: int, undecidable: int = 0, pending: int = 0, region: str = "a") -> dict[str, object]:
    zero = dict.fromkeys(COUNTS, 0)
    return {"region": region, **zero, "due": met + missed + undecidable, "met": met, "missed": missed, "undecidable": undecidable, "pending": pending}


@given(st.lists(st.tuples(counts, counts, counts, st.sampled_from("abc")), min_size=1, max_size=12))
def test_rates_are_those_of_the_sums(rows: list[tuple[int, int, int, str]]) -> None:
    frame = pl.DataFrame([_row(met, missed, undecidable, region=region) for met, missed, undecidable, region in rows])
    whole = totals(frame).row(0, named=True)
    met, missed, undecidable = (sum(row[place] for row in rows) for place in range(3))
    assert (whole["met"], whole["judged"], whole["due"]) == (met, met + missed, met + missed + undecidable)
    if met + missed:
        assert whole["rate"] == met / (met + missed)
        assert whole["rate_low"] <= whole["rate"] <= whole["rate_high"]
    else:
        assert whole["rate"] is None and whole["rate_text"] == "—"
    by_region = totals(frame, "region")
    assert by_region["region"].to_list() == sorted({row[3] for row in rows})
    assert by_region["met"].sum() == met


@given(counts, st.integers(0, 60_000), st.integers(0, 60))
def test_the_state_is_certain_only_when_every_outcome_of_the_undecidable_agrees(met: int, missed: int, undecidable: int) -> None:
    due = met + missed + undecidable
    reached = {Fraction(met + good, due) >= Fraction(98, 100) for good in range(undecidable + 1)} if due else set()
    expected = {frozenset({True}): REACHED, frozenset({False}): BELOW}.get(frozenset(reached), UNDETERMINED)
    assert totals(pl.DataFrame([_row(met, missed, undecidable)]))["state"].item() == expected


def test_ninety_eight_of_a_hundred_reaches_and_one_less_in_a_million_does_not() -> None:
    def state(met: int, missed: int) -> str:
        return totals(pl.DataFrame([_row(met, missed)]))["state"].item()

    assert state(98, 2) == REACHED
    assert state(979_999, 20_001) == BELOW


@given(counts, counts)
def test_a_percentage_never_looks_better_than_it_is(part: int, rest: int) -> None:
    whole = part + rest
    text = pl.select(percent(pl.lit(part), pl.lit(whole))).item()
    units = pl.select(ten_thousandths(pl.lit(part), pl.lit(whole))).item()
    if not whole:
        assert (text, units) == ("—", None)
        return
    shown = Fraction(text.removesuffix("%")) / 100
    assert shown == Fraction(units, 10_000) <= Fraction(part, whole) < shown + Fraction(1, 10_000)
    assert (text == "100.00%") == (rest == 0)


def test_no_rows_give_one_row_of_zeros_and_no_group() -> None:
    nothing = pl.DataFrame(schema={"region": pl.String, **dict.fromkeys(COUNTS, pl.Int64)})
    whole = totals(nothing)
    assert whole.select(COUNTS).row(0) == (0,) * len(COUNTS)
    assert (whole["rate_text"].item(), whole["state"].item()) == ("—", UNDETERMINED)
    assert totals(nothing, "region").height == 0
