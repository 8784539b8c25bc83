"""The examples hold every number, unit and direction of the rule book: whoever changes one of them has an example judged otherwise.

Every rule version is changed in one thing (a mutant) and its examples are judged again by the SQL that judged them. A mutant whose examples keep
their verdicts has survived; it must be one that means the same.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from exports.answers.judging import CHOICES, judging
from tests.dbt.judged_examples import EXAMPLES, RULES, Version, judged_examples, subject_of, version_of

Row = dict[str, str]
Verdicts = dict[tuple[Version, str], str]

SUBJECTS = {(version_of(name), subject_of(name, case)) for name, told in EXAMPLES.items() for case in told}
LASTING = {"at_least", "exactly"}
#: Why a mutant means the same as its rule, and which ones do.
SAME_MEANING: dict[str, Callable[[Row, str, str], bool]] = {
    "a longer period counts as met by either": lambda rule, column, value: column == "kind" and {rule["kind"], value} == LASTING,
    "these notices know their day and no hour": lambda rule, column, value: (
        (column, value, rule["amount"]) == ("unit", "hour", "0") and rule["duty_event"] in {"land_notice_published", "equity_listed", "asset_listed"}
    ),
    "nought months are nought days": lambda rule, column, value: (
        column == "unit" and rule["amount"] == "0" and {rule["unit"], value} == {"calendar_day", "month"}
    ),
}


def _mutations() -> Iterator[tuple[str, Callable[[Row], str | None]]]:
    """What is changed and how: a column, and its new value in a rule, None where that rule has no such mutant."""
    for step in (1, -1):
        yield "amount", lambda rule, step=step: str(int(rule["amount"]) + step) if int(rule["amount"]) + step >= 0 else None
    for column in ("unit", "kind"):
        for value in CHOICES[column]:
            yield column, lambda rule, column=column, value=value: value if rule[column] != value else None
    yield "rolls_over_holiday", _rolled_otherwise


def _rolled_otherwise(rule: Row) -> str | None:
    """Only a last calendar day can move; where the limit lies before the trigger nothing is meant by it."""
    if rule["unit"] == "working_day" or rule["kind"] == "before":
        return None
    return "false" if rule["rolls_over_holiday"] == "true" else "true"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return judged_examples(tmp_path_factory.mktemp("rule_mutants"), tested=True)


def _verdicts(connection: duckdb.DuckDBPyConnection) -> Verdicts:
    """The verdicts of each rule version on its own examples. A duty that is there twice would have two."""
    rows = connection.execute(
        "SELECT rule_id, version, subject_id, string_agg(verdict, ' ' ORDER BY verdict) FROM obligations.judged_duties GROUP BY ALL"
    ).fetchall()
    return {((rule, version), subject): verdict for rule, version, subject, verdict in rows if ((rule, version), subject) in SUBJECTS}


@pytest.mark.thorough
def test_examples_kill_every_mutant_that_means_something_else(warehouse: Path) -> None:
    mutants, survivors = 0, []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        published = _verdicts(connection)
        assert set(published) == SUBJECTS
        for column, changed in _mutations():
            values = {version: value for version, rule in RULES.items() if (value := changed(rule)) is not None}
            rows = [{"rule_id": rule, "version": version, column: value} for (rule, version), value in values.items()]
            with judging(connection, rows, []):
                mutated = _verdicts(connection)
            killed = {version for version, subject in SUBJECTS if mutated.get((version, subject)) != published[version, subject]}
            mutants += len(values)
            survivors += [(version, column, value) for version, value in values.items() if version not in killed]
    explained = {survivor: reason for survivor in survivors for reason, applies in SAME_MEANING.items() if applies(RULES[survivor[0]], *survivor[1:])}
    unexplained = [
        f"{rule} version {version}: {column} {RULES[rule, version][column]} -> {value}"
        for (rule, version), column, value in survivors
        if ((rule, version), column, value) not in explained
    ]
    print(f"{mutants - len(survivors)} of {mutants} mutants killed, {len(explained)} mean the same")
    assert not unexplained, f"{len(unexplained)} of {mutants} mutants survive:\n" + "\n".join(unexplained)
    assert set(explained.values()) == set(SAME_MEANING), "an excuse that excuses nothing"
    # One more, three units and three kinds of each at the least.
    assert mutants >= 7 * len(RULES)
