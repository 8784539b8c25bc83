"""The audit as asset checks, one for every check of the house: a failed blocking one stops the publication, any other warns."""

from collections.abc import Iterator
from functools import partial

from dagster import AssetCheckExecutionContext, AssetCheckResult, AssetCheckSeverity, AssetCheckSpec, AssetKey, MetadataValue, multi_asset_check

from dagster_project.alerting import tell
from dagster_project.edition import Edition
from dagster_project.steps import RETRIES, plain_failures
from exports.alerts import failed_checks, new_findings
from exports.publication import published_log_heads
from quality.checks import Check, all_checks
from quality.desk.log import desk_folder
from quality.gate import CheckOutcome
from sources.definitions import datasets

#: What blocks stands at an asset that the snapshot is made from; the ledger where each of its rows can be followed.
#: Not at the deliveries: the models would then wait for checks of themselves.
_LEDGER = AssetKey(["marts", "source_rows"])
_DELIVERED = AssetKey("deliveries")


def audited_asset(check: Check) -> AssetKey:
    """The asset whose rows a check speaks of: the deliveries for a data set, or the table it names."""
    if check.dataset in datasets():
        return _DELIVERED
    schema, _, table = check.dataset.partition(".")
    return _LEDGER if schema == "meta" else AssetKey([schema, table])


def _spec(check: Check) -> AssetCheckSpec:
    return AssetCheckSpec(
        check.check_id, asset=audited_asset(check), blocking=check.severity == "blocks_publication", description=f"{check.label}（{check.dimension}）"
    )


@multi_asset_check(specs=[_spec(check) for check in all_checks()], name="audit", can_subset=True, retry_policy=RETRIES)
def audit(context: AssetCheckExecutionContext, edition: Edition) -> Iterator[AssetCheckResult]:
    """Ask every check where the data is; all violating rows are kept in ``quality.findings``. What was not delivered is not asked about."""
    from quality.audit import run_audit
    from quality.desk.tracking import follow

    home = edition.home
    with plain_failures():
        result = run_audit(home.warehouse, run_id=context.run.run_id, scratch=home.work, as_of=edition.day)
        seen = follow(
            home.warehouse, desk_folder(home.path), run_id=context.run.run_id, as_of=edition.day, known_at=edition.known_day,
            scratch=home.work, anchors=published_log_heads(home.path, only_current=True),
        )  # fmt: skip
        alert = partial(tell, log=context.log.warning)
        if result.blocking_failures:
            alert(failed_checks(result.blocking_failures, run_id=context.run.run_id, as_of=edition.day))
        # What is told again by a run that is repeated was told before.
        if seen.is_kept and seen.blocking:
            alert(new_findings(seen.blocking, run_id=context.run.run_id, as_of=edition.day))
        context.log.info(f"desk · 质量台 {seen.opened:,} opened · {seen.closed:,} closed · {seen.reopened:,} reopened · {seen.is_open:,} open")
        selected = {key.name for key in context.selected_asset_check_keys}
        for outcome in result.checks:
            if outcome.check.check_id in selected:
                yield _evaluation(outcome)


def _evaluation(outcome: CheckOutcome) -> AssetCheckResult:
    check = outcome.check
    found = outcome.error or f"{outcome.unexpected:,} of {outcome.evaluated:,} violate it (accepted: {outcome.accepted:,})"
    return AssetCheckResult(
        passed=outcome.success,
        check_name=check.check_id,
        asset_key=audited_asset(check),
        severity=AssetCheckSeverity.ERROR if check.severity == "blocks_publication" else AssetCheckSeverity.WARN,
        description=f"{check.label}: {found}",
        metadata={
            "检查数 evaluated": outcome.evaluated,
            "不符 unexpected": outcome.unexpected,
            "容许 threshold": outcome.accepted,
            "维度 dimension": check.dimension,
            "秒 seconds": round(outcome.seconds, 3),
            "明细 rows": MetadataValue.text(f"SELECT * FROM quality.findings WHERE check_id = '{check.check_id}'"),
        },
    )
