"""The warehouse and a second computation in plain Python, apart from dbt, agree on every obligation of the simulated cities."""

import csv
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from sources.loader import load_deliveries
from sources.simulated import simulate_city, simulate_sections
from tests.dbt.building import build
from tests.end_to_end.recomputation import judge, read_city

COVERS_FROM, COVERS_TO = date(2017, 1, 1), date(2018, 1, 24)
Judgement = dict[tuple[str, str], Counter[tuple[str, date | None]]]


def _deliver(city: str, folder: Path) -> None:
    if city == "xianning-2017":
        simulate_city(city, folder)
    else:
        simulate_sections(int(city), 20171, folder)


def _warehouse(deliveries: Path, home: Path, as_of: date, known_at: date) -> Judgement:
    warehouse = home / "work" / "warehouse.duckdb"
    load_deliveries(warehouse, deliveries, home=home, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    build(warehouse, home, as_of=as_of.isoformat(), variables=f"known_at: '{known_at}'")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "SELECT rule_id, subject_id, coalesce(missed_reason, undecidable_reason, verdict), due_on FROM marts.obligations"
        ).fetchall()
    found: Judgement = defaultdict(Counter)
    for rule, subject, outcome, due in rows:
        found[rule, subject][outcome, due] += 1
    return found


def _recomputed(deliveries: Path, as_of: date, known_at: date) -> Judgement:
    found: Judgement = defaultdict(Counter)
    for (rule, subject, _), judgement in judge(read_city(deliveries, COVERS_FROM, COVERS_TO, as_of, known_at)).items():
        found[rule, subject][judgement] += 1
    return found


@pytest.mark.parametrize(
    ("city", "as_of", "known_at"),
    [
        ("250", date(2018, 1, 25), date(2018, 1, 25)),
        ("250", date(2017, 8, 1), date(2017, 9, 15)),
        pytest.param("xianning-2017", date(2018, 1, 25), date(2018, 1, 25), marks=pytest.mark.slow),
        pytest.param("xianning-2017", date(2017, 7, 14), date(2017, 7, 14), marks=pytest.mark.slow),
        pytest.param("2500", date(2018, 1, 25), date(2018, 1, 25), marks=pytest.mark.slow),
    ],
)
def test_every_obligation_agrees(tmp_path: Path, city: str, as_of: date, known_at: date) -> None:
    deliveries = tmp_path / "deliveries"
    _deliver(city, deliveries)
    from_warehouse = _warehouse(deliveries, tmp_path, as_of, known_at)
    recomputed = _recomputed(deliveries, as_of, known_at)
    different = {
        key: (dict(from_warehouse.get(key, {})), dict(recomputed.get(key, {})))
        for key in from_warehouse.keys() | recomputed.keys()
        if from_warehouse.get(key) != recomputed.get(key)
    }
    assert not different, f"{len(different)} of {len(recomputed)} differ, such as {dict(list(different.items())[:5])}"
    if city == "xianning-2017" and as_of.year == 2018:
        _agrees_with_the_report(tmp_path / "work" / "warehouse.duckdb", deliveries)
    assert sum(sum(counter.values()) for counter in from_warehouse.values()) > 1000
    assert {outcome for counter in from_warehouse.values() for outcome, _ in counter} >= {"met", "late", "pending"}


def _agrees_with_the_report(warehouse: Path, deliveries: Path) -> None:
    """The report of 2017, from the delivered lines and from the mart."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute("SELECT indicator, computed, verdict FROM marts.published_figures WHERE computed IS NOT NULL").fetchall()
    mart = {indicator: int(computed) for indicator, computed, _ in rows}
    own = {"EVALUATION_REPORT", "INFORMATION_REQUEST", "POINT_NOTICE", "CREDIT_COMMITMENT"}
    lines = {path.stem: list(csv.DictReader(path.open(encoding="utf-8"))) for path in deliveries.glob("*.csv")}
    areas = [line["AREA"] for line in lines["VIOLATING_LAWS_RULES_INFO"]]
    assert mart == {
        "records_pushed_to_province": sum(len(found) for name, found in lines.items() if name not in own),
        "county_subcentres": len({line["REGION_CODE"] for line in lines["SECTION"]} - {"421200"}),
        "requests_received": len(lines["INFORMATION_REQUEST"]),
        "requests_answered_in_time": 135,
        "requests_refused": 0,
        "fees_collected": 0,
        "city_cases": areas.count("421200"),
        "county_cases": len(areas) - areas.count("421200"),
        "cases_all": 17,
        "quantification_notices": len(lines["POINT_NOTICE"]),
        "blacklisted_subjects": len({line["BODY_CODE"] for line in lines["BLACK_LIST"]}),
        "credit_commitments": len(lines["CREDIT_COMMITMENT"]),
    }
    assert {verdict for *_, verdict in rows} == {"reproduced"}
