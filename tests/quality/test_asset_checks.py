"""The audit as Dagster shows it: where a check hangs, and that an audit may leave checks out."""

from pathlib import Path

import pytest
from dagster import AssetKey

from dagster_project import checks
from quality.checks import all_checks
from sources.definitions import datasets


def test_a_check_hangs_on_the_model_of_its_data_set_or_else_on_the_deliveries(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    check = next(check for check in all_checks() if check.check_id == "required_sections")
    assert checks.audited_asset(check) == AssetKey(["staging", "stg_sections"])
    monkeypatch.setattr(checks, "_MODELS", tmp_path)
    assert checks.audited_asset(check) == AssetKey("deliveries")


def test_no_model_waits_for_a_check_of_itself() -> None:
    # What blocks stops everything after its asset: on the deliveries that would be the models it speaks of.
    for check in all_checks():
        if check.severity == "blocks_publication":
            assert checks.audited_asset(check) != AssetKey("deliveries")
            assert check.dataset not in datasets()


def test_a_check_that_was_not_asked_is_missed_by_nobody() -> None:
    assert checks.audit.can_subset
    assert {spec.name for spec in checks.audit.check_specs} == {check.check_id for check in all_checks()}
    assert not any(output.is_required for output in checks.audit.node_def.output_defs)
