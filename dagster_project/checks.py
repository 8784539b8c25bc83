"""The audit as asset checks: a failed blocking check stops the publication, any other only warns."""

from collections.abc import Iterator

from dagster import AssetCheckExecutionContext, AssetCheckResult, AssetCheckSeverity, AssetCheckSpec, multi_asset_check

from dagster_project.edition import Edition
from dagster_project.steps import RETRIES, plain_failures

AUDITED = "marts/obligations"


@multi_asset_check(
    specs=[AssetCheckSpec("audit", asset=["marts", "obligations"], blocking=True)],
    retry_policy=RETRIES if False else None,
)
def audit(context: AssetCheckExecutionContext, edition: Edition) -> Iterator[AssetCheckResult]:
    from quality.audit import run_audit

    with plain_failures():
        result = run_audit(edition.home.warehouse, run_id=context.run.run_id, scratch=edition.home.work)
        yield AssetCheckResult(
            passed=not result.blocking_failures, check_name="audit", asset_key=["marts", "obligations"], severity=AssetCheckSeverity.ERROR
        )
