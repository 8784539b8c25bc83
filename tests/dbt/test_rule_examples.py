"""Every rule version of the book with an example that passes, one that fails and one that cannot be judged: delivered, loaded and built for real."""

import duckdb
import pytest

from tests.dbt.judged_examples import EXAMPLES, RULES, judged_examples, subject_of, version_of

CASES = [(name, case) for name, told in EXAMPLES.items() for case in told]
Judged = dict[tuple[str, int, str], tuple[str, str | None]]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    warehouse = judged_examples(tmp_path_factory.mktemp("rule_examples"), tested=False)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "SELECT rule_id, rule_version, subject_id, verdict, coalesce(missed_reason, undecidable_reason) FROM marts.obligations"
        ).fetchall()
    return {(rule, version, subject): (verdict, reason) for rule, version, subject, verdict, reason in rows}


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_example_is_judged_as_it_says(verdicts: Judged, rule: str, case: str) -> None:
    judged = verdicts[*version_of(rule), subject_of(rule, case)]
    assert judged[0] == case.partition("_")[0], judged


def test_every_rule_version_has_the_three_examples() -> None:
    assert {version_of(name) for name in EXAMPLES} == set(RULES)
    assert all({case.partition("_")[0] for case in told} == {"met", "missed", "undecidable"} for told in EXAMPLES.values())
