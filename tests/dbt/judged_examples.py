"""The examples of the rules, delivered, loaded and judged for real: what they say, and the warehouse that says it."""

import csv
import tomllib
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from sources.definitions import datasets
from sources.loader import load_deliveries
from tests.dbt.building import build, prepared_warehouse

HERE = Path(__file__).parent
RULE_BOOK = HERE.parents[1] / "dbt" / "seeds" / "rule_book.csv"
EXAMPLES: dict[str, dict[str, dict[str, dict[str, str]]]] = tomllib.loads((HERE / "rule_examples.toml").read_text(encoding="utf-8"))
Version = tuple[str, int]

with RULE_BOOK.open(encoding="utf-8", newline="") as _stream:
    RULES: dict[Version, dict[str, str]] = {(row["rule_id"], int(row["version"])): row for row in csv.DictReader(_stream)}

#: The sources that deliver the examples, what they answer for, and since when a version is an example of theirs.
SOURCES = (
    ("examples", "covers_from = 2016-01-01\ncovers_to = 2018-01-24", "0000-00-00"),
    ("examples-2019", "covers_from = 2019-01-01\ncovers_to = 2019-12-31", "2018-01-01"),
)


def version_of(name: str) -> Version:
    """The rule version that a name in the examples stands for: ``P-08_2`` is version 2 of P-08."""
    rule, _, version = name.partition("_")
    return rule, int(version or 1)


def subject_of(name: str, case: str) -> str:
    """What the records of an example are about."""
    return f"{name}-{case}".upper()


def judged_examples(home: Path, *, tested: bool) -> Path:
    """Deliver, load and build all examples below a new folder, with dbt's own tests if asked; the warehouse."""
    warehouse = prepared_warehouse(home / "work" / "warehouse.duckdb")
    cases = [(name, case) for name, told in EXAMPLES.items() for case in told]
    source_of = {case: max(source for source in SOURCES if RULES[version_of(case[0])]["valid_from"] >= source[2]) for case in cases}
    for source in SOURCES:
        folder = home / source[0]
        _deliver(folder, [case for case in cases if source_of[case] == source], source[1])
        summary = load_deliveries(warehouse, folder, home=home, received_at=datetime(2020, 1, 10, tzinfo=UTC))
        assert summary.rows_loaded == summary.rows_received
    build(warehouse, home, as_of="2020-01-10", tested=tested)
    return warehouse


def _deliver(folder: Path, cases: list[tuple[str, str]], covers: str) -> None:
    folder.mkdir()
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for rule, case in cases:
        for dataset_name, record in EXAMPLES[rule][case].items():
            dataset = datasets()[dataset_name]
            rows[dataset_name].append({dataset.column(str(dataset.subject)).national: subject_of(rule, case), **record})
    for dataset_name, records in rows.items():
        headings = sorted({heading for record in records for heading in record})
        with (folder / f"{dataset_name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, headings, restval="")
            writer.writeheader()
            writer.writerows(records)
    # A source that delivers a data set answers for its absences; land results and the like are delivered even where no example has one.
    (folder / "delivery.toml").write_text(f'source_id = "{folder.name}"\nregion_code = "421200"\n{covers}\n', encoding="utf-8")
