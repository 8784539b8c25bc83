"""What is looked for at the desk and cannot be there is refused: nothing found would look like a finished queue."""

import pytest

from dagster_project.desk import filters_of
from dagster_project.errors import UsageError

NOTHING: dict[str, str | None] = {"region": None, "dataset": None, "check": None, "state": None}


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("region", "通山县", "six places, for example 421224"),
        ("dataset", "WIN", "one of: WIN_RESULT_ANNO"),
        ("check", "required_section", r"did you mean required_sections\?"),
        ("check", "zzz", "docs/quality.md names the checks"),
        ("state", "openn", "one of: open"),
    ],
)
def test_what_there_cannot_be_is_refused(option: str, value: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"--{option} '{value}' .*{message}"):
        filters_of(**{**NOTHING, option: value}, text="", overdue=False)  # type: ignore[arg-type]


def test_what_there_can_be_is_looked_for() -> None:
    for region in ("421224", "52P001"):
        found = filters_of(region=region, dataset="meta.deliveries", check="timeliness_98", state="open", text="", overdue=False)
        assert found.facets == {"dataset": ["meta.deliveries"], "check_id": ["timeliness_98"], "state": ["open"]}
