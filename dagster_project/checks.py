"""The audit as asset checks, one for every check of the house: a failed blocking one stops the publication, any other warns.

A check that the audit did not ask, because nothing of its data set was ever loaded, has no evaluation of the run.
"""

from collections.abc import Iterator

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    MetadataValue,
    multi_asset_check,
)

from dagster_project.edition import Edition
from dagster_project.project import DBT
from dagster_project.steps import RETRIES, plain_failures
from quality.checks import Check, all_checks
from quality.gate import CheckOutcome
from sources.definitions import datasets

#: What speaks of the ledger is shown where every row of it can be followed. Not at the deliveries: the models would then wait for checks of themselves.
_LEDGER = AssetKey(["marts", "source_rows"])
_MODELS = DBT / "models" / "staging"


def audited_asset(check: Check) -> AssetKey:
    """The asset whose rows a check speaks of: the current rows of a data set (the deliveries, where no model stages it), or the table it names."""
    if check.dataset in datasets():
        model = f"stg_{datasets()[check.dataset].table}"
        return AssetKey(["staging", model]) if (_MODELS / f"{model}.sql").is_file() else AssetKey("deliveries")
    schema, _, table = check.dataset.partition(".")
    return _LEDGER if schema == "meta" else AssetKey([schema, table])


def _spec(check: Check) -> AssetCheckSpec:
    return AssetCheckSpec(
        check.check_id, asset=audited_asset(check), blocking=check.severity == "blocks_publication", description=f"{check.label}（{check.dimension}）"
    )


@multi_asset_check(specs=[_spec(check) for check in all_checks()], name="audit", can_subset=True, retry_policy=RETRIES)
def audit(context: AssetCheckExecutionContext, edition: Edition) -> Iterator[AssetCheckResult]:
    """Ask every check where the data is; all violating rows are kept in ``quality.findings``.

    The whole audit is run even where a part of it was selected: the publication looks at all of it.
    """
    from quality.audit import run_audit

    with plain_failures():
        result = run_audit(edition.home.warehouse, run_id=context.run.run_id, scratch=edition.home.work)
        for outcome in result.checks:
            if AssetCheckKey(audited_asset(outcome.check), outcome.check.check_id) in context.selected_asset_check_keys:
                yield _evaluation(outcome)


def _evaluation(outcome: CheckOutcome) -> AssetCheckResult:
    check = outcome.check
    found = outcome.error or f"{outcome.unexpected:,} of {outcome.evaluated:,} violate it (accepted: {check.threshold:,})"
    return AssetCheckResult(
        passed=outcome.success,
        check_name=check.check_id,
        asset_key=audited_asset(check),
        severity=AssetCheckSeverity.ERROR if check.severity == "blocks_publication" else AssetCheckSeverity.WARN,
        description=f"{check.label}: {found}",
        metadata={
            "检查数 evaluated": outcome.evaluated,
            "不符 unexpected": outcome.unexpected,
            "容许 threshold": check.threshold,
            "维度 dimension": check.dimension,
            "秒 seconds": round(outcome.seconds, 3),
            "明细 rows": MetadataValue.text(f"SELECT * FROM quality.findings WHERE check_id = '{check.check_id}'"),
        },
    )
