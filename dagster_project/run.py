"""``gongkai run``: the job of the UI, executed here, with its progress told and its outcome as an exit code."""

import os
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from rich.console import Console
from rich.markup import escape

from dagster_project.dbt_process import ready_dbt
from dagster_project.home import VARIABLE, Home
from dagster_project.imports import uncollected_imports
from dagster_project.instance import open_instance
from dagster_project.prepared_warehouse import prepare_warehouse
from dagster_project.progress import Progress, own_output
from dagster_project.project import QUIET_ENVIRONMENT, manifest_is_current, prepare_manifest
from dashboards.reasons import unread_text
from exports.publication import CURRENT, WAREHOUSE, current_manifest, current_snapshot, published_folder

if TYPE_CHECKING:
    from dagster import DagsterEvent, ExecuteInProcessResult
    from dagster_shared.error import SerializableErrorInfo

#: Of a check that only the thresholds make blocking, Dagster knows it when the snapshot refuses.
_FORBIDDEN = "PublicationForbidden"
_REFUSED_SHOWN = 10
_USAGE = frozenset({"UsageError", "DeliveryError"})


class Outcome(IntEnum):
    """How a command ended, as its exit code."""

    PUBLISHED = 0
    FAILED = 1
    BAD_USAGE = 2
    NOT_PUBLISHED = 3


def run_whole_way(home: Home, *, deliveries: Path | None, as_of: date | None, known_at: date | None, wait_seconds: float, verbose: bool) -> Outcome:
    """Load, model, audit and publish. Raises ModelsBroken when dbt cannot parse the models."""
    started = time.monotonic()
    os.environ.update(QUIET_ENVIRONMENT)
    os.environ[VARIABLE] = str(home.path)
    run_id = str(uuid.uuid4())
    log = home.logs / f"{run_id}.log"
    with own_output(None if verbose else log) as console:
        progress = Progress(console)
        if not manifest_is_current():
            progress.begin("准备 prepare the models")
        else:
            progress.begin("启动 start")
        try:
            prepare_manifest()
            prepare_warehouse()
            with ready_dbt():
                result = _execute(
                    home,
                    run_id,
                    progress,
                    deliveries=str(deliveries) if deliveries else None,
                    as_of=as_of.isoformat() if as_of else None,
                    known_at=known_at.isoformat() if known_at else None,
                    wait_seconds=wait_seconds,
                )
        finally:
            progress.end()
        outcome = _outcome(result)
        if outcome is Outcome.PUBLISHED:
            _tell_published(console, home, time.monotonic() - started)
        else:
            _tell_failed(console, home, result, outcome, log if not verbose else None)
    return outcome


def _execute(home: Home, run_id: str, progress: Progress, **settings: object) -> "ExecuteInProcessResult":
    with uncollected_imports():
        from dagster_project.definitions import defs
        from dagster_project.jobs import edition_config, whole_way

        opened = open_instance(home.dagster)
    with opened as instance:
        instance.add_event_listener(run_id, progress)
        return defs.resolve_job_def(whole_way.name).execute_in_process(
            run_config=edition_config(**settings),
            instance=instance,
            raise_on_error=False,
            run_id=run_id,
            # Started by a person who sees it fail: the daemon must not start it again.
            tags={"gongkai/command": "run", "dagster/max_retries": "0"},
        )


def _outcome(result: "ExecuteInProcessResult") -> Outcome:
    if result.success:
        return Outcome.PUBLISHED
    if any(_blocks(event) for event in result.all_events) or any(error.cls_name == _FORBIDDEN for error in _errors(result.all_events)):
        return Outcome.NOT_PUBLISHED
    return Outcome.BAD_USAGE if any(error.cls_name in _USAGE for error in _errors(result.all_events)) else Outcome.FAILED


def _blocks(event: "DagsterEvent") -> bool:
    """Whether the audit stopped the publication here; a failed dbt test is a failure of the models."""
    from dagster import AssetCheckSeverity

    if event.event_type_value != "ASSET_CHECK_EVALUATION" or event.step_key != "audit":
        return False
    evaluation = event.asset_check_evaluation_data
    return bool(evaluation.blocking and not evaluation.passed and evaluation.severity is AssetCheckSeverity.ERROR)


def _errors(events: Sequence["DagsterEvent"]) -> list["SerializableErrorInfo"]:
    """The innermost cause of everything that failed, in the order of its failing."""
    found = []
    for event in events:
        data = event.event_specific_data
        error = getattr(data, "error", None)
        if error is None or not event.is_failure:
            continue
        while error.cause:
            error = error.cause
        found.append(error)
    return found


def _message(error: "SerializableErrorInfo") -> str:
    """What an error says, without the name of its class before it."""
    first, _, rest = error.message.strip().partition(": ")
    return rest if first.rpartition(".")[2] == error.cls_name and rest else error.message.strip()


def _tell_failed(console: Console, home: Home, result: "ExecuteInProcessResult", outcome: Outcome, log: Path | None) -> None:
    if outcome is Outcome.NOT_PUBLISHED:
        failed = [event.asset_check_evaluation_data for event in result.all_events if _blocks(event)]
        names = ", ".join(evaluation.check_name for evaluation in failed) or "; ".join(
            dict.fromkeys(_message(error) for error in _errors(result.all_events))
        )
        console.print(f"[red]not published 未发布[/red]: the audit found what must not be published: {escape(names)}")
        for evaluation in failed:
            if evaluation.description:
                console.print(f"  {escape(evaluation.check_name)}: {escape(evaluation.description)}")
        console.print(f"  findings  {escape(str(home.warehouse))} · quality.findings")
    else:
        errors = _errors(result.all_events)
        console.print(f"[red]failed 失败[/red]: {escape(_message(errors[0]) if errors else 'the run ended without a reason')}")
    current = current_snapshot(home.path)
    console.print(f"  snapshot  {f'{current.name} stays as it is' if current else 'none was published yet'}")
    if log and outcome is not Outcome.BAD_USAGE:
        console.print(f"  log       {escape(str(log))}")


def _tell_published(console: Console, home: Home, seconds: float) -> None:
    manifest = current_manifest(home.path)
    current = published_folder(home.path) / CURRENT
    console.print()
    console.print(f"快照 snapshot  {manifest['snapshot']} · 截止 as of {manifest['as_of']}{_knowing(manifest)} · {seconds:.1f} s")
    for label, lines in (("交付 inputs", _inputs(manifest.get("inputs", {}))), ("判定 verdicts", _counts(manifest.get("verdicts", {})))):
        if lines:
            console.print(f"{label:<12} {lines}")
    if manifest.get("inputs", {}).get("files_refused"):
        _tell_refused(console, current)
    console.print(f"网页 page      {escape(str(current / 'site' / 'index.html'))}")
    if (bulletin := current / "site" / "quality" / "index.html").is_file():
        console.print(f"质量 quality   {escape(str(bulletin))}")
    for workbook in sorted((current / "exports").glob("*.xlsx")):
        console.print(f"表格 workbook  {escape(str(workbook))}")


def _tell_refused(console: Console, current: Path) -> None:
    """The files that were refused last, each with the reason; all of them stand on the page of the ledger."""
    with duckdb.connect(str(current / WAREHOUSE), read_only=True) as connection:
        refused = connection.execute(
            f"""SELECT file, rule, reason FROM meta.deliveries JOIN meta.quarantine USING (delivery_id, file)
            WHERE status = 'refused' ORDER BY delivery_number DESC LIMIT {_REFUSED_SHOWN}"""
        ).fetchall()
    for file, rule, reason in refused:
        console.print(f"[red]✗ 拒收[/red] refused {escape(file)}: {escape(unread_text(rule, reason, 'zh'))}")
    console.print(f"  全部 all     {escape(str(current / 'site' / 'ledger.html'))}")


def _knowing(manifest: Mapping[str, Any]) -> str:
    return f" · 所知至 known at {manifest['known_at']}" if manifest["known_at"] != manifest["as_of"] else ""


def _inputs(inputs: Mapping[str, Any]) -> str:
    if not inputs:
        return ""
    text = f"{inputs['files']} files · {inputs['rows_received']:,} rows received = {inputs['rows_loaded']:,} loaded"
    text += f" + {inputs['rows_quarantined']:,} quarantined + {inputs['rows_duplicate']:,} duplicate"
    return text + (f" · {inputs['files_refused']} files refused" if inputs["files_refused"] else "")


def _counts(counts: Mapping[str, int]) -> str:
    return " · ".join(f"{name} {count:,}" for name, count in counts.items())
