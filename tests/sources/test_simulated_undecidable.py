"""What is planted to be undecidable or withdrawn: a plain second computation comes to the same, for each of the rules that an answer names."""

import json
from datetime import date
from pathlib import Path

import pytest

from sources.simulated import simulate_sections

pytestmark = pytest.mark.thorough

YEAR, COVERS_TO, AS_OF = 2017, date(2018, 1, 24), date(2018, 1, 25)
UNDECIDABLE = {"trigger_time_missing", "duty_time_missing", "duty_before_trigger"}


@pytest.mark.parametrize("seed", [1, 2])
def test_undecidable_and_withdrawn_duties_are_those_of_the_answers(seed: int, tmp_path: Path) -> None:
    pytest.importorskip("chinese_calendar")
    from tests.end_to_end.recomputation import judge, read_city

    faults = json.loads(simulate_sections(3000, seed, tmp_path, year=YEAR).answers.read_text(encoding="utf-8"))["faults"]

    def planted(expected: str) -> set[tuple[str, str]]:
        return {(rule, fault["subject"]) for fault in faults if fault["expected"] == expected for rule in (fault["rule_id"], *fault["also"])}

    verdicts = judge(read_city(tmp_path, date(YEAR, 1, 1), COVERS_TO, AS_OF, AS_OF))
    assert {(rule, code) for (rule, code, _), (outcome, _) in verdicts.items() if outcome in UNDECIDABLE} == planted("undecidable")
    assert planted("undecidable") and planted("withdrawn")
    assert planted("withdrawn").isdisjoint({(rule, code) for rule, code, _ in verdicts})
