"""The one job, and what starts it by itself: a day's schedule and the inbox."""

import hashlib
import json

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    RunRequest,
    ScheduleEvaluationContext,
    SensorEvaluationContext,
    SkipReason,
    define_asset_job,
    in_process_executor,
    schedule,
    sensor,
)

from dagster_project.home import Home
from dagster_project.intake import has_files
from sources.clock import BEIJING
from sources.deliveries import visible_files

#: One process: DuckDB has one writer, and the edition is held in memory from the first step to the last.
whole_way = define_asset_job(
    "whole_way",
    selection=AssetSelection.all() - AssetSelection.groups("push", "documents"),
    executor_def=in_process_executor,
    description="全流程：入库、建模、审核、发布。The whole way: load, model, audit, publish. `gongkai run` executes this job.",
)


@schedule(
    job=whole_way,
    cron_schedule="30 6 * * *",
    execution_timezone="Asia/Shanghai",
    default_status=DefaultScheduleStatus.RUNNING,
    description="每日：以当日为截止日重新判定收件箱的交付。Every morning as of that day, once the inbox holds a delivery.",
)
def every_day(context: ScheduleEvaluationContext) -> RunRequest | SkipReason:
    """A day older, duties fall due: judged anew as of the day the schedule stands for, never the clock's."""
    if not has_files(Home.at().inbox):
        return SkipReason("the inbox is empty; put a delivery into it")
    as_of = context.scheduled_execution_time.astimezone(BEIJING).date().isoformat()
    return RunRequest(run_key=as_of, run_config=edition_config(as_of=as_of), tags={"as_of": as_of})


@sensor(
    job=whole_way,
    minimum_interval_seconds=30,
    default_status=DefaultSensorStatus.RUNNING,
    description="收件箱：文件不再增长后运行一次。Runs once for what lies in the inbox, when two looks in a row saw the same.",
)
def inbox(context: SensorEvaluationContext) -> RunRequest | SkipReason:
    """One run per content of the inbox, by names, sizes and times; a file that still grows makes two looks differ, and nothing is started."""
    listing = _listing(Home.at())
    if not listing:
        return SkipReason("the inbox is empty")
    seen = hashlib.sha256(json.dumps(listing).encode()).hexdigest()[:16]
    if context.cursor != seen:
        context.update_cursor(seen)
        return SkipReason(f"{len(listing)} files; waiting until they stop changing")
    return RunRequest(run_key=seen)


def _listing(home: Home) -> list[tuple[str, int, int]]:
    """Name, size and modification time of every visible file, the sender's statement among them: it may change the day."""
    return [(file.name, file.size_bytes, file.modified_ns) for file in visible_files(home.inbox)]


def edition_config(**settings: object) -> dict[str, object]:
    """Run configuration with these settings of the edition; what is None keeps its default."""
    return {"resources": {"edition": {"config": {name: value for name, value in settings.items() if value is not None}}}}
