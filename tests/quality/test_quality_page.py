"""The page on quality names every check."""

import re
from pathlib import Path

from quality.checks import all_checks, hand_written
from quality.unread import unread_checks
from sources.definitions import datasets

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "quality.md").read_text(encoding="utf-8")


def test_every_hand_written_check_is_described_with_its_severity() -> None:
    described = dict(re.findall(r"^\| `(\w+)` \| (blocks_publication|blocks_push|warn) \|", PAGE, re.MULTILINE))
    assert described == {check.check_id: check.severity for check in [*hand_written(), *unread_checks()]}


def test_every_kind_of_generated_check_is_described_with_its_dimension() -> None:
    tables = "|".join(sorted((dataset.table for dataset in datasets().values()), key=len, reverse=True))
    generated = [check for check in all_checks() if check not in [*hand_written(), *unread_checks()]]
    kinds = {(re.sub(rf"_({tables})$", "", check.check_id), check.dimension) for check in generated}
    blocking = {kind for kind, _ in kinds if any(check.check_id.startswith(f"{kind}_") and check.severity != "warn" for check in generated)}
    assert blocking == {"required", "code_list"}, "the page says which kinds block the push"
    assert set(re.findall(r"^\| `(\w+)` \| (\w+ness|\w+ity|consistency|accuracy) \|", PAGE, re.MULTILINE)) == kinds
