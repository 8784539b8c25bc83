"""Explanations, word for word; and what is said of an obligation that does not exist."""

import os
from pathlib import Path

import duckdb
import pytest

from exports.answers.asking import AnswerError, asking
from exports.answers.obligation import explain

GOLDEN = Path(__file__).with_name("explanations.txt")
EXPLAINED = ["P-08:IN-TIME", "P-08:LATE", "P-08:BEFORE-ITS-TRIGGER", "T-10:ABSENT", "T-10:UNPUBLISHED", "T-10:PENDING"]


def test_explanations_are_as_written(snapshot: duckdb.DuckDBPyConnection) -> None:
    told = "\n\n\n".join("\n".join(explain(snapshot, number)) for number in EXPLAINED) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(told, encoding="utf-8")
    assert told == GOLDEN.read_text(encoding="utf-8"), "read it, then: UPDATE_GOLDEN=1 pytest tests/exports/answers"


def test_a_period_longer_than_set_is_met_and_told_so(snapshot: duckdb.DuckDBPyConnection) -> None:
    """The notice of a result stays one working day: from a Friday to Monday, or to Tuesday."""
    told = {}
    for subject in ("AS-SET", "LONGER"):
        ((number,),) = snapshot.execute("SELECT obligation_id FROM marts.obligations WHERE rule_id = 'P-09' AND subject_id = ?", [subject]).fetchall()
        told[subject] = "\n".join(explain(snapshot, number))
        assert "须为1个工作日 exactly 1 working days" in told[subject]
        assert "2017-11-06（不得早于此日 not before this day）" in told[subject]
        assert "按期 met" in told[subject]
    assert "比规定的 2017-11-06 更长" in told["LONGER"]
    assert "在 2017-11-06，不早于 2017-11-06。" in told["AS-SET"]


def test_days_that_one_request_is_allowed_more_are_counted(snapshot: duckdb.DuckDBPyConnection) -> None:
    """Fifteen working days from 2017-09-15, two suspended and one extended: the eighteenth is 10-17, seven days off in between not counted."""
    ((number,),) = snapshot.execute("SELECT obligation_id FROM marts.obligations WHERE rule_id = 'G-02' AND subject_id = 'EXTENDED'").fetchall()
    days = [line for line in explain(snapshot, number) if " 周" in line]
    assert days[-1].split()[-3:] == ["2017-10-17", "周二", "18"]
    assert not any("→" in line for line in days)


def test_the_last_day_counted_is_the_due_date(snapshot: duckdb.DuckDBPyConnection) -> None:
    rows = snapshot.execute(
        """
        SELECT max(obligation_id), arg_max(due_on, obligation_id), arg_max(amount, obligation_id), any_value(kind)
        FROM marts.obligations AS o JOIN marts.rules AS rules ON o.rule_id = rules.rule_id AND o.rule_version = rules.version
        WHERE due_on IS NOT NULL AND subject_id <> 'EXTENDED' GROUP BY o.rule_id, verdict
        """
    ).fetchall()
    assert len(rows) > 20
    for number, due_on, amount, kind in rows:
        lines = explain(snapshot, number)
        days = [line for line in lines if " 周" in line]
        assert any(f"{due_on}（" in line for line in lines)
        if amount:
            edge = days[0] if kind == "before" else days[-1]
            assert str(due_on) in edge
            assert f"  {amount}" in edge or "→" in edge


def test_an_unknown_number_names_the_nearest(snapshot: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(AnswerError, match=r"^no obligation 'P-08:LATER'; nearest: P-08:LATE, "):
        explain(snapshot, "P-08:LATER")
    with pytest.raises(AnswerError) as caught:
        explain(snapshot, "x\n\x1b[31m')--")
    assert str(caught.value).isprintable()


def test_a_home_without_a_snapshot(tmp_path: Path) -> None:
    with pytest.raises(AnswerError, match="gongkai run --home"), asking(tmp_path):
        pass


def test_the_snapshot_cannot_be_written(snapshot: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        snapshot.execute("DELETE FROM marts.rules")
