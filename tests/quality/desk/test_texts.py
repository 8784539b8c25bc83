"""Every kind of check has its texts in both languages, and no text is left over."""

import re
from dataclasses import asdict

from quality.checks import all_checks
from quality.desk.texts import check_kind, check_title, explanations
from sources.definitions import datasets


def test_every_kind_of_check_is_explained_and_nothing_else() -> None:
    kinds = {check_kind(check.check_id, check.dataset) for check in all_checks()}
    assert kinds == explanations().keys()
    assert {kind for kind in kinds if kind.endswith(tuple(dataset.table for dataset in datasets().values()))} == set()
    for kind, explained in explanations().items():
        for name, texts in asdict(explained).items():
            assert texts.keys() == {"zh", "en"}, f"{kind}.{name}"
            assert all(text.strip() for text in texts.values()), f"{kind}.{name}"


def test_a_check_has_one_title_in_two_languages() -> None:
    chinese = re.compile("[\u4e00-\u9fff]")
    for check in all_checks():
        zh, en = (check_title(check.check_id, check.dataset, language) for language in ("zh", "en"))
        assert check.label == zh and chinese.search(zh) and en and not chinese.search(en), check.check_id
    assert check_title("required_sections", "SECTION", "zh") == "标段(包)：必填项均有值"
    assert check_title("required_sections", "SECTION", "en") == "SECTION: Mandatory cells are filled"
    # A finding may name another data set than its check.
    assert check_title("no_value_is_held", "SECTION", "en") == "No value is unreadable"
    assert check_title("gone_sections", "SECTION", "en") == ""
