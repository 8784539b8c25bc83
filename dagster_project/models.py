"""dbt's models as assets: one run of ``dbt build`` on the working warehouse."""

import importlib.metadata
import os
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any, TypeAlias

from dagster import AssetCheckEvaluation, AssetCheckResult, AssetExecutionContext, AssetKey, AssetMaterialization, AssetObservation, Output
from dagster_dbt import DagsterDbtCliRuntimeError, DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliInvocation, DbtCliResource, dbt_assets
from packaging.version import Version

from dagster_project.built_models import begin_build, end_build, without_rows
from dagster_project.edition import Edition
from dagster_project.errors import ModelsBroken
from dagster_project.imports import import_ahead
from dagster_project.prepared_warehouse import SETTLED, succeeded_when_prepared
from dagster_project.project import DBT, QUIET_ENVIRONMENT, dbt_executable, manifest_path, models_digest
from dagster_project.steps import RETRIES, plain_failures
from exports.publication import table_rows

DbtEvent: TypeAlias = Output | AssetMaterialization | AssetCheckResult | AssetObservation | AssetCheckEvaluation

DELIVERIES = AssetKey("deliveries")
_UNIQUE_ID = "dagster_dbt/unique_id"
_EMPTY = "没有交付，没有行 nothing delivered, no row"
_PREPARED = "随模型备好 prepared with the models"
_COUNTED = frozenset({"error", "fail", "runtime error"})


class HouseTranslator(DagsterDbtTranslator):
    """Every dbt source is the deliveries asset; a model's group is its folder, its owner the data engineers."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        return DELIVERIES if dbt_resource_props["resource_type"] == "source" else super().get_asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        folders = dbt_resource_props["fqn"][1:-1]
        return folders[0] if folders else "reference"

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return ["team:data-engineering"]


class HouseDbt(DbtCliResource):
    """dbt without two detours of dagster-dbt: asking dbt for its version, which asks the network, and opening the warehouse beside dbt."""

    @property
    def _cli_version(self) -> Version:
        return Version(importlib.metadata.version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: object) -> Any:
        return None


def dbt_resource() -> HouseDbt:
    """dbt of this environment on the models of this checkout."""
    return HouseDbt(project_dir=str(DBT), profiles_dir=str(DBT), dbt_executable=str(dbt_executable().with_name("gongkai-dbt")))


#: What the steps after this one import, in their order; dbt works in a process of its own meanwhile.
_NEEDED_LATER = ("quality.expectations", "dashboards.site", "dashboards.desk.papers", "exports.rates_workbook")


@dbt_assets(manifest=manifest_path(), name="models", dagster_dbt_translator=HouseTranslator(), retry_policy=RETRIES)
def models(context: AssetExecutionContext, edition: Edition, dbt: HouseDbt) -> Iterator[DbtEvent]:
    """Build and test every model as of the edition's day; each materialisation carries its rows.

    dbt writes from a process of its own, so rows can be counted only when it has ended: events are kept until then, and said as log lines meanwhile.
    """
    target = edition.home.work / "dbt"
    days = {"GONGKAI_AS_OF": edition.day.isoformat(), "GONGKAI_KNOWN_AT": edition.known_day.isoformat()}
    os.environ |= {**QUIET_ENVIRONMENT, "GONGKAI_WAREHOUSE": str(edition.home.warehouse), "DBT_LOG_LEVEL_FILE": "warn", **days}
    import_ahead(_NEEDED_LATER)
    with plain_failures():
        digest = models_digest()
        last = begin_build(edition.home.warehouse, digest, edition.day, edition.known_day)
        # What has no row is there, and empty, since the models were prepared.
        empty = without_rows(edition.home.warehouse, _tags()) if last.same_models and not context.is_subset else []
        leave_out = ["--exclude", " ".join([SETTLED, *(f"tag:{tag}" for tag in empty)])] if last.same_models and not context.is_subset else []
        from_the_ground = [] if last.goes_on and not context.is_subset else ["--full-refresh"]
        command = ["build", "--exclude-resource-type", "unit_test", *leave_out, *from_the_ground]
        invocation = dbt.cli(command, context=context, target_path=target)
        events, broken = [], None
        try:
            for event in invocation.stream():
                events.append(event)
                if isinstance(event, Output):
                    context.log.info(f"{len(events)} · {event.output_name}")
        except DagsterDbtCliRuntimeError as error:
            broken = error
        rows = table_rows(edition.home.warehouse)
        came_along = {} if context.is_subset or broken else _prepared() if last.prepared else dict.fromkeys(_tagged(empty), _EMPTY)
        for event in _with(came_along, context, events):
            if isinstance(event, Output):
                node = invocation.manifest["nodes"][event.metadata["unique_id"].value]
                table = f"{node['schema']}.{node['alias']}"
                if table in rows:
                    context.add_output_metadata({"dagster/row_count": rows[table]}, output_name=event.output_name)
            yield event
        if broken:
            # What dbt complained of is in the message; Dagster's own error would be shown before it.
            raise ModelsBroken(f"dbt failed: {_complaints(invocation) or _last_line(broken)}") from None
        if not context.is_subset:
            end_build(edition.home.warehouse, digest, edition.day, edition.known_day)


def _tags() -> set[str]:
    """Every tag of a model."""
    return {tag for tags in models.tags_by_key.values() for tag in tags}


def _tagged(tags: Sequence[str]) -> list[str]:
    """The unique ids of the models with one of these tags."""
    keys = [key for key, own in models.tags_by_key.items() if not own.keys().isdisjoint(tags)]
    return [spec.metadata[_UNIQUE_ID] for spec in models.specs if spec.key in keys]


def _prepared() -> dict[str, str]:
    """What the prepared warehouse brought into a home whose first build this is: its tables, and the tests that they passed."""
    return dict.fromkeys(succeeded_when_prepared(), _PREPARED)


def _with(came_along: Mapping[str, str], context: AssetExecutionContext, events: Sequence[DbtEvent]) -> Iterator[DbtEvent]:
    """The events of a build and those of what stood there without being built: who reads it waits to be told. ``came_along`` says why, by unique id.

    Whatever is read is told before what reads it; what was built is told once, as built.
    """
    if not came_along:
        yield from events
        return
    outputs = {event.output_name: event for event in events if isinstance(event, Output)}
    names = {spec.key: context.output_for_asset_key(spec.key) for spec in models.specs}
    for spec in models.specs:
        unique_id = spec.metadata[_UNIQUE_ID]
        if unique_id in came_along:
            outputs.setdefault(names[spec.key], Output(None, names[spec.key], metadata={"unique_id": unique_id, came_along[unique_id]: True}))
    readings = {spec.key: {dependency.asset_key for dependency in spec.deps} for spec in models.specs}
    yield from (outputs[names[key]] for key in TopologicalSorter(readings).static_order() if names.get(key) in outputs)
    asked = {(event.asset_key, event.check_name) for event in events if isinstance(event, AssetCheckResult | AssetCheckEvaluation)}
    for check in models.check_specs:
        if (why := came_along.get(check.metadata[_UNIQUE_ID])) and (check.asset_key, check.name) not in asked:
            yield AssetCheckResult(passed=True, asset_key=check.asset_key, check_name=check.name, metadata={why: True})
    yield from (event for event in events if not isinstance(event, Output))


def _complaints(invocation: DbtCliInvocation) -> str:
    """The first failed models and tests, by name, with dbt's message."""
    try:
        results = invocation.get_artifact("run_results.json")["results"]
    except OSError:
        return ""
    failed = [
        f"{result['unique_id'].split('.')[2]}: {' '.join((result['message'] or '').split())}" for result in results if result["status"] in _COUNTED
    ]
    more = f" (and {len(failed) - 3} more)" if len(failed) > 3 else ""
    return "; ".join(failed[:3]) + more


def _last_line(error: Exception) -> str:
    return str(error).strip().splitlines()[-1]


def mart_keys() -> list[AssetKey]:
    """The assets that readers get."""
    return [key for key, group in models.group_names_by_key.items() if group == "marts"]
