"""A model tagged ``only_with_…`` is not built where nothing of that data set was delivered: built all the same, it has no row there."""

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.built_models import ONLY_WITH, without_rows
from dagster_project.project import prepare_manifest
from sources.definitions import datasets
from sources.loader import load_deliveries
from sources.simulated import simulate_city, simulate_sections
from tests.dbt.building import build, prepared_warehouse


def _tagged() -> dict[str, str]:
    """The tag of every ``schema.model`` that has one."""
    nodes = json.loads(prepare_manifest().read_text(encoding="utf-8"))["nodes"].values()
    return {f"{node['schema']}.{node['alias']}": tag for node in nodes for tag in node["tags"] if tag.startswith(ONLY_WITH)}


def test_tags_name_data_sets_and_issued_statements() -> None:
    tagged = _tagged()
    assert len(tagged) > 20
    assert {tag.removeprefix(ONLY_WITH) for tag in tagged.values()} <= {*datasets(), "issued_statements"}


@pytest.mark.thorough
@pytest.mark.parametrize("city", ["xianning-2017", "zhejiang-city", None])
def test_without_what_they_speak_of_the_models_are_empty(tmp_path: Path, city: str | None) -> None:
    if city:
        simulate_city(city, tmp_path / "deliveries")
    else:
        simulate_sections(20, 5, tmp_path / "deliveries")
    warehouse = prepared_warehouse(tmp_path / "warehouse.duckdb")
    load_deliveries(warehouse, tmp_path / "deliveries", home=tmp_path, received_at=datetime(2018, 1, 25, tzinfo=UTC))
    build(warehouse, tmp_path, as_of="2018-01-25")
    tagged = _tagged()
    absent = without_rows(warehouse, tagged.values())
    assert absent
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for model, tag in tagged.items():
            if tag in absent:
                assert connection.execute(f"SELECT count(*) FROM {model}").fetchall() == [(0,)], model
