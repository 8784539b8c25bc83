"""An exception lasts to the end of its last day: read of a status, and of an action in the log."""

from datetime import date, timedelta

import pytest

from quality.desk.acting import with_action
from quality.desk.lifecycle import Status, effective

LAST = date(2018, 1, 31)
ACCEPTED = Status("f", "accepted", date(2018, 1, 25), accepted_until=LAST)


@pytest.mark.parametrize(("day", "state", "since"), [(LAST, "accepted", date(2018, 1, 25)), (LAST + timedelta(days=1), "open", LAST + timedelta(days=1)), (LAST + timedelta(days=9), "open", LAST + timedelta(days=1))])  # fmt: skip
def test_an_exception_holds_on_its_last_day_and_is_open_since_the_next(day: date, state: str, since: date) -> None:
    told = effective(ACCEPTED, day)
    assert (told.state, told.state_since, told.accepted_until) == (state, since, LAST if state == "accepted" else None)
    logged = {"state": "accepted", "state_since": "2018-01-25", "accepted_until": f"{LAST}", "number": 7}
    assert with_action(Status("f", "open", date(2018, 1, 1)), logged, day).state == state
