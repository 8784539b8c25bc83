"""What falls due: counted from the obligations themselves."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pytest

from exports.answers.asking import AnswerError
from exports.answers.forecasting import forecast


def test_every_open_duty_of_the_coming_working_days(snapshot: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    lines = forecast(snapshot, 5, tmp_path / "out.csv")
    # Thursday 2018-01-25; the fifth working day after it is Thursday 02-01.
    assert lines[0].endswith("2018-02-01")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    told = {(row["region_code"], row["office"], row["rule_id"], date.fromisoformat(row["due_on"])): int(row["open"]) for row in rows}
    entities = dict(snapshot.execute("SELECT subject_id, procuring_entity FROM events.subjects").fetchall())
    counted = Counter(
        (region, entities[subject] or "", rule, due_on)
        for region, subject, rule, due_on in snapshot.execute(
            "SELECT region_code, subject_id, rule_id, due_on FROM marts.obligations WHERE verdict = 'pending' AND due_on <= DATE '2018-02-01'"
        ).fetchall()
    )
    assert told == counted
    assert told["421281", "", "T-10", date(2018, 2, 1)] >= 1, "the section PENDING"
    assert any("T-10 订立书面合同〔A〕 Conclusion of the written contract [A]" in line for line in lines)
    assert {row["label_en"] for row in rows if row["rule_id"] == "T-10"} == {"Conclusion of the written contract"}
    assert len(told) == len(rows)
    assert str(sum(told.values())) in lines[-1].split()


def test_the_office_is_whoever_buys(snapshot: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    lines = forecast(snapshot, 30, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        offices = {(row["region"], row["office"]) for row in csv.DictReader(stream) if row["office"]}
    assert len(offices) > 1
    assert all(any(line.startswith(region) and office in line for line in lines) for region, office in offices)


def test_one_more_day_is_never_less(snapshot: duckdb.DuckDBPyConnection) -> None:
    def total(days: int) -> int:
        return int(next(word for word in forecast(snapshot, days)[-1].split() if word.isdigit()))

    assert 0 < total(5) <= total(6) <= total(30)


@pytest.mark.parametrize("days", [0, -1, 10_000])
def test_days_that_cannot_be_counted(snapshot: duckdb.DuckDBPyConnection, days: int) -> None:
    with pytest.raises(AnswerError, match="--days"):
        forecast(snapshot, days)
