"""Every kind of check has its texts in both languages, and no text is left over."""

from dataclasses import asdict

from quality.checks import all_checks, check_kind
from quality.desk.texts import explanations
from sources.definitions import datasets


def test_every_kind_of_check_is_explained_and_nothing_else() -> None:
    kinds = {check_kind(check.check_id, check.dataset) for check in all_checks()}
    assert kinds == explanations().keys()
    assert {kind for kind in kinds if kind.endswith(tuple(dataset.table for dataset in datasets().values()))} == set()
    for kind, explained in explanations().items():
        for name, texts in asdict(explained).items():
            assert texts.keys() == {"zh", "en"}, f"{kind}.{name}"
            assert all(text.strip() for text in texts.values()), f"{kind}.{name}"
