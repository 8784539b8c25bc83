"""The push as an asset: after publication, by a job and a schedule of its own, and only where a province is configured."""

import os
from datetime import datetime, timedelta

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetSelection,
    Backoff,
    DefaultScheduleStatus,
    FreshnessPolicy,
    Jitter,
    MaterializeResult,
    MetadataValue,
    RetryPolicy,
    RunRequest,
    ScheduleEvaluationContext,
    SkipReason,
    asset,
    define_asset_job,
    in_process_executor,
    schedule,
)

from dagster_project.home import Home
from sources.clock import BEIJING

_URL = "GONGKAI_PUSH_URL"
#: A province that is down may be up again in a quarter of an hour; what a person must mend is not tried again.
_RETRIES = RetryPolicy(max_retries=3, delay=300, backoff=Backoff.EXPONENTIAL, jitter=Jitter.PLUS_MINUS)


@asset(
    group_name="push",
    owners=["team:publication"],
    kinds={"python", "xml", "http"},
    deps=["snapshot"],
    retry_policy=_RETRIES,
    freshness_policy=FreshnessPolicy.time_window(fail_window=timedelta(hours=24), warn_window=timedelta(hours=6)),
    description=(
        "推送：把快照中应报省的记录送到省平台，逐条收回执；可重复执行，省里每条只有一份。\n\n"
        "What the published snapshot has for the province, delivered at least once and there exactly once; every record is accepted, refused with a code, "
        "parked, blocked or waiting. Needs GONGKAI_PUSH_URL."
    ),
)
def province(context: AssetExecutionContext) -> MaterializeResult:
    """Push the current snapshot. Fails with one line, without further attempts, when it is not the province that must be waited for."""
    from dagster import Failure

    from exports.push.errors import ProvinceUnreachable, PushError
    from exports.push.pushing import push
    from exports.push.settings import PushSettings

    try:
        settings = PushSettings.from_environment(os.environ)
        pushed = push(
            Home.at().path,
            settings,
            "xml",
            lambda: datetime.now(BEIJING),
            lambda package, settled: context.log.info(
                f"{package.name} · {package.dataset} · {package.records:,} records · {settled.refused:,} refused"
            ),
        )
    except ProvinceUnreachable:
        raise
    except PushError as error:
        raise Failure(str(error), allow_retries=False) from error
    stands = pushed.status
    return MaterializeResult(
        metadata={
            "dagster/row_count": stands.at_province,
            "快照 snapshot": pushed.filling.snapshot,
            "接收 accepted": pushed.settled.accepted,
            "退回 refused": stands.refused,
            "搁置 parked": stands.parked,
            "阻断 blocked": stands.blocked,
            "待上级 waiting": stands.waiting,
            "回执 receipts": MetadataValue.text(str(pushed.receipts) if pushed.receipts else "–"),
        }
    )


push_to_province = define_asset_job(
    "push_to_province",
    selection=AssetSelection.assets(AssetKey("province")),
    executor_def=in_process_executor,
    description="推送：把当前快照送到省平台。Push the current snapshot to the province. `gongkai push` does the same.",
)


@schedule(
    job=push_to_province,
    cron_schedule="*/30 * * * *",
    execution_timezone="Asia/Shanghai",
    default_status=DefaultScheduleStatus.RUNNING,
    description="每半小时推送一次；未配置省平台地址时跳过。Every half hour, where GONGKAI_PUSH_URL names a province.",
)
def every_half_hour(context: ScheduleEvaluationContext) -> RunRequest | SkipReason:
    """One run each time; what is already there costs one comparison."""
    if not os.environ.get(_URL):
        return SkipReason(f"no province is configured; set {_URL}")
    from exports.publication import current_snapshot

    if current_snapshot(Home.at().path) is None:
        return SkipReason("nothing was published yet")
    return RunRequest(run_key=context.scheduled_execution_time.isoformat())
