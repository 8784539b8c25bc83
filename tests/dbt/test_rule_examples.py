"""Every rule of the book with an example that passes, one that fails and one that cannot be judged: delivered, loaded and built for real."""

import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from sources.definitions import datasets
from sources.loader import load_deliveries
from tests.dbt.building import build

HERE = Path(__file__).parent
EXAMPLES: dict[str, dict[str, dict[str, dict[str, str]]]] = tomllib.loads((HERE / "rule_examples.toml").read_text(encoding="utf-8"))
RULE_BOOK = HERE.parents[1] / "dbt" / "seeds" / "rule_book.csv"
CASES = [(rule, verdict) for rule, cases in EXAMPLES.items() for verdict in cases]


#: Rules that came into force after 2018; their examples come from a source that answers for 2019.
LATER = {"G-03"}


def _deliver(folder: Path, cases: list[tuple[str, str]], covers: str) -> None:
    folder.mkdir()
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for rule, verdict in cases:
        for name, record in EXAMPLES[rule][verdict].items():
            dataset = datasets()[name]
            subject = dataset.column(str(dataset.subject)).national
            rows[name].append({subject: f"{rule}-{verdict}".upper(), **record})
    for name, records in rows.items():
        headings = sorted({heading for record in records for heading in record})
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, headings, restval="")
            writer.writeheader()
            writer.writerows(records)
    # A source that delivers a data set answers for its absences; land results and the like are delivered even where no example has one.
    (folder / "delivery.toml").write_text(f'source_id = "{folder.name}"\nregion_code = "421200"\n{covers}\n')


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], tuple[str, str | None]]]:
    home = tmp_path_factory.mktemp("rule_examples")
    warehouse = home / "work" / "warehouse.duckdb"
    for name, covers, later in (
        ("examples", "covers_from = 2016-01-01\ncovers_to = 2018-01-24", False),
        ("examples-2019", "covers_from = 2019-01-01\ncovers_to = 2019-12-31", True),
    ):
        _deliver(home / name, [case for case in CASES if (case[0] in LATER) == later], covers)
        summary = load_deliveries(warehouse, home / name, home=home, received_at=datetime(2020, 1, 10, tzinfo=UTC))
        assert summary.rows_loaded == summary.rows_received
    build(warehouse, home, as_of="2020-01-10", tested=True)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "SELECT rule_id, subject_id, verdict, coalesce(missed_reason, undecidable_reason) FROM marts.obligations"
        ).fetchall()
    yield {(rule, subject): (verdict, reason) for rule, subject, verdict, reason in rows}


@pytest.mark.parametrize(("rule", "verdict"), CASES)
def test_example_is_judged_as_it_says(verdicts: dict[tuple[str, str], tuple[str, str | None]], rule: str, verdict: str) -> None:
    assert verdicts[rule, f"{rule}-{verdict}".upper()][0] == verdict, verdicts[rule, f"{rule}-{verdict}".upper()]


def test_every_rule_has_the_three_examples() -> None:
    with RULE_BOOK.open(encoding="utf-8") as stream:
        rules = {row["rule_id"] for row in csv.DictReader(stream)}
    assert set(EXAMPLES) == rules
    assert all(set(cases) == {"met", "missed", "undecidable"} for cases in EXAMPLES.values())
