"""The pure steps of a finding's life: an exception lasts to the end of its last day, a region holds all below it."""

from datetime import date, timedelta

import pytest

from quality.desk.acting import with_action
from quality.desk.lifecycle import Actor, Status, effective

LAST = date(2018, 1, 31)
ACCEPTED = Status("f", "accepted", date(2018, 1, 25), accepted_until=LAST)


@pytest.mark.parametrize(("day", "state", "since"), [(LAST, "accepted", date(2018, 1, 25)), (LAST + timedelta(days=1), "open", LAST + timedelta(days=1)), (LAST + timedelta(days=9), "open", LAST + timedelta(days=1))])  # fmt: skip
def test_an_exception_holds_on_its_last_day_and_is_open_since_the_next(day: date, state: str, since: date) -> None:
    told = effective(ACCEPTED, day)
    assert (told.state, told.state_since, told.accepted_until) == (state, since, LAST if state == "accepted" else None)
    logged = {"state": "accepted", "state_since": "2018-01-25", "accepted_until": f"{LAST}", "number": 7}
    assert with_action(Status("f", "open", date(2018, 1, 1)), logged, day).state == state


@pytest.mark.parametrize(
    ("own", "seen", "foreign"),
    [
        ("420000", ("420000", "421200", "421202", "420102"), ("410000", "450000", None)),
        ("421200", ("421200", "421202", "421281"), ("420000", "421302", "420502")),
        ("421202", ("421202",), ("421200", "421203", None)),
        ("421000", ("421000", "421002"), ("421100", "420000")),
    ],
)
def test_a_code_that_ends_in_zeros_stands_for_all_below_it(own: str, seen: tuple[str, ...], foreign: tuple[str | None, ...]) -> None:
    actor = Actor("审核人", "reviewer", (own,))
    assert [code for code in (*seen, *foreign) if actor.covers(code)] == list(seen)
