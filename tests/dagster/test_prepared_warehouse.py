"""What no data changes is built once for each change of the models: a new home begins with it, and its assets and checks say so."""

import json
from pathlib import Path

import duckdb
import pytest

from dagster_project.built_models import LastBuild, begin_build
from dagster_project.prepared_warehouse import begin_with_prepared, prepare_warehouse, succeeded_when_prepared
from dagster_project.project import models_digest, prepare_manifest
from tests.conftest import Gongkai
from tests.dbt.building import build


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    prepare_manifest()
    prepare_warehouse()
    warehouse = tmp_path_factory.mktemp("prepared") / "work" / "warehouse.duckdb"
    begin_with_prepared(warehouse)
    return warehouse


def _tables(warehouse: Path, schema: str) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = ? ORDER BY 1", [schema]).fetchall()
        return {name: sorted(connection.execute(f'FROM {schema}."{name}"').fetchall(), key=repr) for (name,) in names}


@pytest.mark.thorough
def test_it_holds_what_a_build_from_the_ground_makes(prepared: Path, tmp_path: Path) -> None:
    from sources.warehouse import open_warehouse

    warehouse = tmp_path / "warehouse.duckdb"
    with open_warehouse(warehouse):
        pass
    build(warehouse, tmp_path, as_of="2018-01-25", select="path:seeds path:models/reference")
    assert _tables(prepared, "reference") == _tables(warehouse, "reference")
    assert len(_tables(prepared, "reference")["calendar_exceptions"]) > 500


def test_a_first_build_leaves_it_alone_and_begins_all_else_from_the_ground(prepared: Path, tmp_path: Path) -> None:
    from datetime import date

    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(prepared.read_bytes())
    day = date(2018, 1, 25)
    assert begin_build(copy, models_digest(), day, day) == LastBuild(same_models=True, goes_on=False, prepared=True)
    assert begin_build(copy, models_digest(), day, day) == LastBuild(same_models=False, goes_on=False)
    copy.write_bytes(prepared.read_bytes())
    assert begin_build(copy, "other models", day, day) == LastBuild(same_models=False, goes_on=False)


def test_a_warehouse_that_is_there_stays(prepared: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    warehouse.write_bytes(b"mine")
    begin_with_prepared(warehouse)
    assert warehouse.read_bytes() == b"mine"


def test_every_test_of_what_it_holds_passed(prepared: Path) -> None:
    manifest = json.loads(prepare_manifest().read_text(encoding="utf-8"))
    settled = {name for name, node in manifest["nodes"].items() if node["resource_type"] == "seed" or node["path"].startswith("reference/")}
    asked = {
        name
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "test" and node["depends_on"]["nodes"] and settled.issuperset(node["depends_on"]["nodes"])
    }
    assert len(asked) > 40
    assert asked <= set(succeeded_when_prepared())


@pytest.mark.thorough
def test_a_run_in_a_new_home_tells_the_assets_and_checks_that_came_with_it(gongkai: Gongkai, tmp_path: Path) -> None:
    deliveries = tmp_path / "deliveries"
    assert gongkai("simulate", "--sections", "3", "--seed", "1", "--out", deliveries).returncode == 0
    done = gongkai("run", "--deliveries", deliveries, "--home", tmp_path / "home")
    assert done.returncode == 0, done.stdout + done.stderr
    from dagster import AssetCheckKey, AssetKey, DagsterInstance

    from dagster_project.definitions import defs

    with DagsterInstance.from_config(str(tmp_path / "home" / "dagster")) as instance:
        graph = defs.resolve_asset_graph()
        # What goes to the province, and what is handed in, goes by jobs of its own.
        whole_way = {key for key in graph.materializable_asset_keys if graph.get(key).group_name not in ("push", "documents")}
        assert {key for key in whole_way if instance.get_latest_materialization_event(key)} == whole_way
        check = AssetCheckKey(AssetKey(["reference", "rule_book"]), "not_null_rule_book_legal_source")
        assert instance.event_log_storage.get_asset_check_execution_history(check, limit=1)[0].status.value == "SUCCEEDED"
