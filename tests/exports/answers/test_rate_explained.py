"""The change of a rate: that the effects add up for any cells, and that each of them means what its name says."""

from fractions import Fraction

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.answers.asking import AnswerError, members_of
from exports.answers.decomposition import EFFECTS, Counts, apportioned, decompose, explain_rate
from exports.answers.period import Period

pytestmark = pytest.mark.thorough

_CELLS = st.tuples(st.sampled_from(["T-01", "T-07", "P-08"]), st.sampled_from(["421202", "421221", "421222"]))
_VALUES = st.integers(1, 1000).flatmap(lambda judged: st.tuples(st.integers(0, judged), st.just(judged)))
COUNTS = st.dictionaries(_CELLS, _VALUES, min_size=1)


def rate(counts: Counts) -> Fraction:
    return Fraction(sum(met for met, _ in counts.values()), sum(judged for _, judged in counts.values()))


@given(before=COUNTS, after=COUNTS)
def test_the_effects_are_the_change_exactly(before: Counts, after: Counts) -> None:
    found = decompose(before, after)
    assert (found.before, found.after) == (rate(before), rate(after))
    assert sum(found.total(effect) for effect in EFFECTS) == rate(after) - rate(before)
    for side in (0, 1):
        assert sum(sum(terms) for terms in found.by(side).values()) == rate(after) - rate(before)


@given(before=COUNTS, after=COUNTS)
def test_the_way_back_is_the_way_there_with_the_other_sign(before: Counts, after: Counts) -> None:
    there, back = decompose(before, after), decompose(after, before)
    assert {cell: tuple(-term for term in terms) for cell, terms in there.terms.items()} == back.terms


@given(counts=COUNTS, factor=st.integers(1, 50))
def test_more_of_the_same_changes_nothing(counts: Counts, factor: int) -> None:
    more = {cell: (met * factor, judged * factor) for cell, (met, judged) in counts.items()}
    assert all(term == 0 for terms in decompose(counts, more).terms.values() for term in terms)


@pytest.mark.parametrize(
    ("after", "effects"),
    [
        # Half of the work was at 90 %, now three quarters are: nobody got worse.
        ({("A", "x"): (135, 150), ("B", "x"): (50, 50)}, (Fraction(-25, 1000), 0, 0)),
        # Rule A falls by ten points in the one county there is.
        ({("A", "x"): (80, 100), ("B", "x"): (100, 100)}, (0, Fraction(-5, 100), 0)),
    ],
)
def test_what_the_effects_mean(after: Counts, effects: tuple[Fraction, ...]) -> None:
    found = decompose({("A", "x"): (90, 100), ("B", "x"): (100, 100)}, after)
    assert tuple(found.total(effect) for effect in EFFECTS) == effects


def test_a_county_that_falls_while_its_rule_stands() -> None:
    before = {("A", "x"): (90, 100), ("A", "y"): (90, 100)}
    terms = decompose(before, {("A", "x"): (80, 100), ("A", "y"): (100, 100)}).by(1)
    assert terms == {"x": (0, 0, Fraction(-1, 20)), "y": (0, 0, Fraction(1, 20))}


@given(terms=st.lists(st.fractions(-1, 1), min_size=1, max_size=20))
def test_printed_terms_add_up_and_are_at_most_a_unit_off(terms: list[Fraction]) -> None:
    total = round(sum(terms) * 100_000)
    printed = apportioned(terms, total)
    assert sum(printed) == total
    assert all(abs(units - term * 100_000) <= 1 for units, term in zip(printed, terms, strict=True))


@pytest.mark.parametrize(
    ("tenths", "total", "printed"),
    [((9, 2, 4), 2, [1, 0, 1]), ((19, 12, 9), 4, [2, 1, 1]), ((-1, 4, 7), 1, [0, 0, 1]), ((-15, 5), -1, [-1, 0]), ((3, 3, 3), 1, [1, 0, 0])],
)
def test_what_is_over_goes_to_the_largest_remainders(tenths: tuple[int, ...], total: int, printed: list[int]) -> None:
    """Terms in tenths of a printed unit; of equal remainders the first is rounded up."""
    assert apportioned([Fraction(term, 1_000_000) for term in tenths], total) == printed


def test_the_printed_columns_add_up(snapshot: duckdb.DuckDBPyConnection) -> None:
    blocks = "\n".join(explain_rate(snapshot, "咸宁市", Period.read("2017Q3"))).split("\n\n")
    assert len(blocks) == 5
    assert "T-10 订立书面合同〔A〕 Conclusion of the written contract [A]" in blocks[3]

    def column(block: str, place: int) -> list[int]:
        numbers = [[word for word in line.split() if word[-4:-3] == "."] for line in block.splitlines()]
        return [round(float(words[place].replace("−", "-")) * 1000) for words in numbers if words]

    *effects, total = column(blocks[2], 0)
    assert sum(effects) == total != 0
    for block, own in ((blocks[3], effects[1]), (blocks[4], effects[2])):
        assert sum(column(block, 0)) == effects[0]
        assert sum(column(block, 1)) == own


def test_the_rates_are_those_of_the_mart(snapshot: duckdb.DuckDBPyConnection) -> None:
    for measure, mart in (("timeliness", "timeliness"), ("disclosure", "disclosure_rates")):
        ((met, judged),) = snapshot.execute(
            f"SELECT sum(met), sum(met + missed) FROM marts.{mart} WHERE period_kind = 'month' AND period_start = '2017-05-01' AND region_code = '421222'"
        ).fetchall()
        assert f"{met}/{judged}" in explain_rate(snapshot, "通城县", Period.read("2017-05"), measure=measure)[3]


def test_a_city_is_its_counties(snapshot: duckdb.DuckDBPyConnection) -> None:
    counties = members_of(snapshot, "421200")
    assert counties == members_of(snapshot, "咸宁市")
    assert {"421200", "421222", "421281"} <= set(counties)
    assert members_of(snapshot, "通城县") == {"421222": "通城县"}


@pytest.mark.parametrize(
    ("place", "period", "measure", "said"),
    [
        ("北京市", "2017", "timeliness", "no region '北京市' in the snapshot; there are 421200 咸宁市"),
        ("421222", "1999", "timeliness", "421222: nothing was judged in 1998; the snapshot has "),
        ("421222", "2017", "speed", "no measure 'speed'; there are disclosure, timeliness"),
    ],
)
def test_what_cannot_be_compared(snapshot: duckdb.DuckDBPyConnection, place: str, period: str, measure: str, said: str) -> None:
    with pytest.raises(AnswerError) as caught:
        explain_rate(snapshot, place, Period.read(period), measure=measure)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("text", "before"), [("2017", "2016"), ("2017-01", "2016-12"), ("2017Q1", "2016Q4"), ("2017q3", "2017Q2"), ("2017-12", "2017-11")]
)
def test_periods_and_the_ones_before(text: str, before: str) -> None:
    period = Period.read(text)
    assert str(period) == text.upper()
    assert str(period.before()) == before


@pytest.mark.parametrize("text", ["17", "2017-13", "2017-1", "2017Q5", "", "2017-05-01", "２０１７", "2017 "])
def test_no_period(text: str) -> None:
    with pytest.raises(AnswerError, match="2017Q2"):
        Period.read(text)
