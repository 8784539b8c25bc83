"""A warehouse that holds what no data changes: seeds, reference tables and staging views, built and tested once for each change of the models.

A new home begins with a copy of it. Where none could be made, the run builds everything itself and says what is wrong.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from dagster_project.built_models import remember_settled
from dagster_project.project import DBT, QUIET_ENVIRONMENT, manifest_path, models_digest, rooms_digest

#: What data does not change: built and tested again only when the models themselves were changed.
SETTLED = "path:seeds path:models/reference path:models/staging,config.materialized:view"
_FOLDER = DBT / "target" / "prepared"
_WAREHOUSE = "warehouse.duckdb"  # its name stands in the views
_RESULTS = "run_results.json"
_STAMP = "made_from"


def prepare_warehouse() -> None:
    """Make the prepared warehouse when models or data sets changed; the models must be parsed. Safe to be called by several processes at once."""
    if _is_current():
        return
    with FileLock(_FOLDER.with_suffix(".lock")):
        if _is_current():
            return
        made_from, digest = _content(), models_digest()
        building = _FOLDER.with_name(f"prepared-{os.getpid()}")
        building.mkdir(parents=True, exist_ok=True)
        try:
            if _build(building):
                remember_settled(building / _WAREHOUSE, digest)
                shutil.rmtree(_FOLDER, ignore_errors=True)
                (building / _STAMP).write_text(made_from, encoding="utf-8")
                building.replace(_FOLDER)
        finally:
            shutil.rmtree(building, ignore_errors=True)


def begin_with_prepared(warehouse: Path) -> None:
    """Give a home without a warehouse a copy of the prepared one, if there is one of the models as they are; written beside and renamed, so never half."""
    if warehouse.exists() or not _is_current():
        return
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    partial = warehouse.with_suffix(".part")
    shutil.copyfile(_FOLDER / _WAREHOUSE, partial)
    partial.replace(warehouse)


def succeeded_when_prepared() -> list[str]:
    """The unique ids of dbt's nodes and tests that succeeded when the warehouse was prepared, in the order they were carried out."""
    results = json.loads((_FOLDER / _RESULTS).read_text(encoding="utf-8"))["results"]
    return [result["unique_id"] for result in results if result["status"] in {"success", "pass"}]


def _content() -> str:
    """A digest of what the prepared warehouse is made from: the raw tables that views read come from the data sets."""
    return rooms_digest(["dbt", "sources"])


def _is_current() -> bool:
    stamp = _FOLDER / _STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _content()


def _build(folder: Path) -> bool:
    from sources.warehouse import open_warehouse

    with open_warehouse(folder / _WAREHOUSE):
        pass
    places = {"DBT_PROJECT_DIR": DBT, "DBT_PROFILES_DIR": DBT, "DBT_TARGET_PATH": folder, "DBT_LOG_PATH": folder}
    environment = (
        os.environ | QUIET_ENVIRONMENT | {name: str(path) for name, path in places.items()} | {"GONGKAI_WAREHOUSE": str(folder / _WAREHOUSE)}
    )
    # Everything, over no record: what no delivery fills stands there empty, and a run need not make it.
    command = ["build", "--exclude-resource-type", "unit_test", "--full-refresh"]
    done = subprocess.run(
        [sys.executable, "-c", "from dagster_project.dbt_process import main; main()", *command],
        cwd=manifest_path().parent,
        env=environment | {"PYTHONPATH": os.pathsep.join([str(DBT.parent), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode == 0
