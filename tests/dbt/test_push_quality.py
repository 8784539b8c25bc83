"""The marts of the push beside a computation in plain Python from the delivered lines, and the exact interval beside fractions."""

import csv
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.definitions import datasets
from sources.loader import load_deliveries
from sources.simulated.cities import made_up_city
from sources.simulated.delivery import write_city
from sources.simulated.receipts import DATASET
from tests.dbt.building import build, prepared_warehouse

pytestmark = pytest.mark.thorough

AS_OF = datetime(2017, 12, 20, 23, 59, 59)
LOST_RECEIPTS = 40
Row = dict[str, str]


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _time(text: str | None) -> datetime | None:
    return datetime.strptime(text, "%Y%m%d%H%M%S") if text else None


def _as_known(row: Row) -> Row:
    """A receipt as it was known on the day asked about."""
    accepted = _time(row["ACCEPTED_TIME"])
    return row | {"STATUS": "待回执", "ACCEPTED_TIME": ""} if accepted and accepted > AS_OF else row


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city with receipts, of which some were lost, and one record is refused for good."""
    folder = tmp_path_factory.mktemp("push_quality")
    write_city(replace(made_up_city(700, 3, 2017, False), pushes=True), folder / "deliveries")
    path = folder / "deliveries" / f"{DATASET}.csv"
    receipts = _rows(path)
    lost = {row["PUSHED_KEY"] for row in receipts[:LOST_RECEIPTS]}
    kept = [row for row in receipts if row["PUSHED_KEY"] not in lost]
    kept[0] |= {"STATUS": "已退回", "ACCEPTED_TIME": "", "REFUSAL_CODE": "amount_out_of_range", "REFUSAL_REASON": "=1+1"}
    kept[1] |= {"STATUS": "待回执", "ACCEPTED_TIME": ""}
    # Sent on the day asked about or two days before it and accepted after it: nobody knew of the acceptance then.
    for sent, accepted in (("20171220", "20171222080000"), ("20171218", "20171221080000")):
        row = next(row for row in kept if row["SENT_TIME"].startswith(sent) and row["STATUS"] == "已接收")
        row["ACCEPTED_TIME"] = accepted
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(kept[0]))
        writer.writeheader()
        writer.writerows(kept)
    return folder


@pytest.fixture(scope="module")
def warehouse(delivered: Path) -> Path:
    path = prepared_warehouse(delivered / "work" / "warehouse.duckdb")
    load_deliveries(path, delivered / "deliveries", home=delivered, received_at=datetime(2018, 3, 1, tzinfo=UTC))
    build(path, delivered, as_of=AS_OF.date().isoformat(), select="+push_quality +push_shortfalls", tested=True)
    return path


@dataclass
class Pushed:
    """What the lines say of one record."""

    dataset: str
    version: datetime | None = None
    attempts: list[tuple[int, Row]] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        ordered = [_as_known(row) for _, row in sorted(self.attempts, key=lambda pair: pair[0])]
        sent = [moment for row in ordered if (moment := _time(row["SENT_TIME"]))]
        accepted = [moment for row in ordered if row["STATUS"] == "已接收" and (moment := _time(row["ACCEPTED_TIME"]))]
        published = [moment for row in ordered if row["OPERATION"] == "1" and (moment := _time(row["PUBLISHED_TIME"]))]
        start = min(published) if published else self.version
        assert start is not None
        due = start + timedelta(hours=24)
        outcome = (
            ("on_time" if min(accepted) <= due else "late") if accepted
            else ("not_due" if due > AS_OF else "never_sent") if not sent
            else ("pending" if due > AS_OF else "unanswered") if ordered[-1]["STATUS"] == "待回执"
            else "refused"
        )  # fmt: skip
        first = bool(accepted) and ordered[0]["STATUS"] == "已接收"
        corrected = any(row["OPERATION"] == "2" and row["STATUS"] == "已接收" for row in ordered)
        return {"start": start, "outcome": outcome, "sent": bool(sent), "accepted": bool(accepted), "first": first, "corrected": corrected}


@pytest.fixture(scope="module")
def expected(delivered: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """By data set and key, from the delivered lines alone."""
    records: dict[tuple[str, str], Pushed] = {}
    for dataset in datasets().values():
        path = delivered / "deliveries" / f"{dataset.name}.csv"
        if dataset.number and path.exists():
            for row in _rows(path):
                version = _time(row["DATA_TIMESTAMP"])
                assert version is not None
                if version <= AS_OF:
                    records[dataset.name, row["DATA_KEY"]] = Pushed(dataset.name, version)
    for row in _rows(delivered / "deliveries" / f"{DATASET}.csv"):
        sent = _time(row["SENT_TIME"])
        if sent is not None and sent <= AS_OF:
            key = (row["PUSHED_DATASET"], row["PUSHED_KEY"])
            records.setdefault(key, Pushed(row["PUSHED_DATASET"])).attempts.append((int(row["ATTEMPT"]), row))
    return {key: record.told() for key, record in records.items()}


def test_each_record_has_the_outcome_that_its_lines_give(warehouse: Path, expected: dict[tuple[str, str], dict[str, Any]]) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = {
            (name, key): outcome
            for name, key, outcome in connection.execute("SELECT dataset, pushed_key, outcome FROM marts.pushed_records").fetchall()
        }
    assert found == {key: told["outcome"] for key, told in expected.items()}
    assert {"on_time", "late", "refused", "never_sent", "pending", "unanswered"} <= set(found.values())


def test_the_counts_of_each_month_are_those_of_the_records(warehouse: Path, expected: dict[tuple[str, str], dict[str, Any]]) -> None:
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (name, _), told in expected.items():
        month = counted[name, told["start"].strftime("%Y-%m")]
        month["records"] += told["outcome"] != "not_due"
        month["pushed"] += told["sent"]
        month["accepted"] += told["accepted"]
        month["on_time"] += told["outcome"] == "on_time"
        month["accurate"] += told["accepted"] and told["first"] and not told["corrected"]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            """SELECT dataset, strftime(period_start, '%Y-%m'), sum(records), sum(pushed), sum(accepted), sum(on_time), sum(accurate)
            FROM marts.push_quality WHERE period_kind = 'month' GROUP BY ALL"""
        ).fetchall()
    names = ("records", "pushed", "accepted", "on_time", "accurate")
    assert {(row[0], row[1]): row[2:] for row in rows} == {key: tuple(month[name] for name in names) for key, month in counted.items()}


def test_every_shortfall_is_listed_with_a_reason(warehouse: Path, expected: dict[tuple[str, str], dict[str, Any]]) -> None:
    short = {
        key for key, told in expected.items()
        if told["outcome"] in ("late", "refused", "unanswered", "never_sent") or (told["outcome"] == "on_time" and (not told["first"] or told["corrected"]))
    }  # fmt: skip
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute("SELECT dataset, pushed_key, reason, region_code FROM marts.push_shortfalls").fetchall()
    assert {row[:2] for row in rows} == short
    assert len(rows) == len(short) > LOST_RECEIPTS
    assert all(reason and region for _, _, reason, region in rows)


def _shown(kept: int, judged: int) -> bool | None:
    """The definition in fractions: too few when even a faultless record leaves the bound below; false when the whole interval does."""
    if judged == 0:
        return None
    share, doubt = Fraction(98, 100), Fraction(5, 100)
    if share**judged <= doubt:
        return 100 * kept >= 98 * judged
    tail = sum(math.comb(judged, i) * share**i * (1 - share) ** (judged - i) for i in range(kept + 1))
    return False if tail < doubt else None


def test_what_few_records_show_is_decided_by_the_exact_interval(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute("SELECT judged, on_time, meets_timeliness, accurate, meets_accuracy, meets_98 FROM marts.push_quality").fetchall()
    answers = Counter()
    for judged, on_time, timeliness, accurate, accuracy, both in rows:
        assert timeliness == _shown(on_time, judged), (on_time, judged)
        assert accuracy == _shown(accurate, judged), (accurate, judged)
        assert both == (False if False in (timeliness, accuracy) else None if None in (timeliness, accuracy) else True)
        answers[both] += 1
    assert answers[None] and answers[False]
    assert [_shown(148, 148), _shown(149, 149), _shown(8, 10), _shown(9, 10), _shown(147, 150), _shown(146, 150)] == [
        None,
        True,
        False,
        None,
        True,
        False,
    ]
