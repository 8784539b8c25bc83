"""The audit as Dagster shows it: where a check hangs, and that an audit may leave checks out."""

from dagster import AssetKey

from dagster_project import checks
from quality.checks import all_checks
from sources.definitions import datasets


def test_a_check_hangs_on_what_it_speaks_of() -> None:
    asked = {check.check_id: checks.audited_asset(check) for check in all_checks()}
    assert asked["required_sections"] == AssetKey("deliveries")
    assert asked["conservation"] == AssetKey(["marts", "source_rows"])


def test_what_blocks_stops_no_model() -> None:
    for check in all_checks():
        if check.severity == "blocks_publication":
            assert checks.audited_asset(check).path[0] == "marts"
            assert check.dataset not in datasets()


def test_a_check_that_was_not_asked_is_missed_by_nobody() -> None:
    assert checks.audit.can_subset
    assert {spec.name for spec in checks.audit.check_specs} == {check.check_id for check in all_checks()}
    assert not any(output.is_required for output in checks.audit.node_def.output_defs)
