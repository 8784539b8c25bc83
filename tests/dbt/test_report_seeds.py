"""What the annual reports are compared by: the seeds agree with each other and with what the data sets may say."""

import csv
import tomllib
from collections import defaultdict
from pathlib import Path

from dagster_project.project import DBT
from dashboards.labels import section
from quality.checks import SUITES


def _seed(name: str) -> list[dict[str, str]]:
    with (DBT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_listed_values_are_those_of_the_code_lists() -> None:
    code_lists = tomllib.loads((SUITES / "codes.toml").read_text(encoding="utf-8"))["code_lists"]
    listed = defaultdict(list)
    for row in _seed("listed_values"):
        listed[row["list"]].append((int(row["position"]), row["value"]))
    for name, values in listed.items():
        assert sorted(values) == list(enumerate(code_lists[name], start=1))


def test_identities_are_of_figures_that_their_report_has() -> None:
    published = {(row["report"], row["indicator"]) for row in _seed("published_figures_of_reports")}
    for row in _seed("identities_of_reports"):
        assert (row["report"], row["part"]) in published
        assert (row["report"], row["whole"]) in published or row["whole"].isdigit()


def test_every_identity_has_its_words() -> None:
    assert {row["identity"] for row in _seed("identities_of_reports")} == set(section("identity"))
    assert {row["relation"] for row in _seed("identities_of_reports")} == set(section("identity_relation"))


def test_indicators_of_items_are_published_somewhere_and_by_one_measure() -> None:
    published = {row["indicator"] for row in _seed("published_figures_of_reports")}
    measures = defaultdict(set)
    for row in _seed("indicators_of_items"):
        assert row["indicator"] in published
        measures[row["indicator"]].add(row["measure"])
    assert all(len(found) == 1 for found in measures.values())


def test_a_phrase_says_its_words_itself() -> None:
    assert not [row for row in _seed("published_figures_of_reports") if row["phrase"].startswith("(")]


def test_every_subject_area_is_compared() -> None:
    models: set[str] = {path.stem.removeprefix("figures_of_") for path in Path(DBT / "models" / "figures").glob("figures_of_*.sql")}
    listed = (DBT / "models" / "figures" / "compared_figures.sql").read_text(encoding="utf-8").split("%}")[0]
    assert models == {line.strip(" ',") for line in listed.splitlines() if line.strip().startswith("'")}
