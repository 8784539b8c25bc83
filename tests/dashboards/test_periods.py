"""The periods and moments that pages speak of."""

import pytest

from dashboards.periods import minute


@pytest.mark.parametrize(
    ("moment", "words"),
    [("2018-01-25T00:30:29+00:00", "2018-01-25 08:30"), ("2018-01-25T08:00:00+08:00", "2018-01-25 08:00"), ("never", "never"), (None, "—")],
)
def test_a_moment_is_told_in_beijing_to_the_minute(moment: str | None, words: str) -> None:
    assert minute(moment) == words
