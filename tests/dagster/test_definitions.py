"""What Dagster loads: every asset says what it is, the audit stands before the publication, and loading does no work."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from dagster import Definitions

from dagster_project.project import prepare_manifest

ROOT = Path(__file__).resolve().parents[2]
#: Seconds to import, and not needed before the step that uses it.
HEAVY = ("great_expectations", "plotly", "polars", "pyarrow", "pandas", "xlsxwriter", "numpy")


@pytest.fixture(scope="module")
def graph(definitions: Definitions):  # type: ignore[no-untyped-def]
    return definitions.resolve_asset_graph()


def test_every_asset_has_description_owner_group_and_kind(graph) -> None:  # type: ignore[no-untyped-def]
    nodes = [graph.get(key) for key in graph.get_all_asset_keys()]
    assert {node.group_name for node in nodes} >= {"sources", "staging", "marts", "published"}
    for node in nodes:
        name = node.key.to_user_string()
        assert node.description, f"{name} has no description"
        assert [owner for owner in node.owners if owner.startswith("team:")], f"{name} has no owner"
        assert node.kinds, f"{name} has no kind"
    for name in ("deliveries", "snapshot"):
        description = next(node.description for node in nodes if node.key.to_user_string() == name)
        assert re.search(r"[一-鿿]", description), f"{name} is not described in Chinese"
        assert re.search(r"[a-z]{4}", description), f"{name} is not described in English"


def test_the_way_is_deliveries_models_snapshot(graph) -> None:  # type: ignore[no-untyped-def]
    from dagster import AssetKey

    assert AssetKey(["staging", "stg_sections"]) in graph.get(AssetKey("deliveries")).child_keys
    assert AssetKey(["marts", "obligations"]) in graph.get(AssetKey("snapshot")).parent_keys
    documents = {key for key in graph.get(AssetKey("snapshot")).child_keys if key.path[0] == "documents"}
    assert graph.get(AssetKey("snapshot")).child_keys - documents == {AssetKey("province")} and len(documents) > 8


def test_every_check_of_the_audit_is_an_asset_check_and_the_blocking_ones_stand_before_the_snapshot(graph) -> None:  # type: ignore[no-untyped-def]
    from dagster import AssetKey

    from quality.checks import all_checks

    published_from = graph.get(AssetKey("snapshot")).parent_keys
    shown = {key.name: key.asset_key for key in graph.asset_check_keys}
    severity = {check.check_id: check.severity for check in all_checks()}
    assert severity.keys() <= shown.keys()
    blocking = {key.name for key in graph.asset_check_keys if key.name in severity and graph.get(key).blocking}
    assert blocking == {name for name, value in severity.items() if value == "blocks_publication"}
    assert {shown[name] for name in blocking} <= published_from


def test_the_job_holds_everything_and_runs_in_one_process(definitions: Definitions) -> None:
    job = definitions.resolve_job_def("whole_way")
    steps = {node.name for node in job.nodes}
    assert {"deliveries", "models", "audit", "snapshot"} <= steps
    # A push leaves the house: it has a job of its own.
    assert "province" not in steps
    assert [node.name for node in definitions.resolve_job_def("push_to_province").nodes] == ["province"]
    assert job.executor_def.name == "in_process"


def test_importing_the_definitions_does_no_work() -> None:
    prepare_manifest()
    code = f"""
import sys, json
import dagster_project.definitions
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []
