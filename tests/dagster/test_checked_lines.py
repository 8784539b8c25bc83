"""What `gongkai check-report` prints of a figure."""

from decimal import Decimal

import pytest

from dagster_project.exporting import checked_line
from exports.documents.report_check import Checked, Published


@pytest.mark.parametrize(
    ("operator", "value", "unit", "printed"),
    [("=", "135", "件", "135 件"), (">=", "30000", "条", ">= 30,000 条"), (">=", "98", "%", ">= 98%"), ("=", "2011", "year", "2011 年"), ("=", "2017-02", "month", "2017年2月"), ("=", "missing", "-", "未附"), ("=", "xx", "", "xx")],
)  # fmt: skip
def test_a_published_figure_reads_as_on_the_ledger_page(operator: str, value: str, unit: str, printed: str) -> None:
    line = checked_line(Checked(Published("i", operator, value, unit, "原文"), Decimal(3), None, "not_derivable", None))
    assert line[:3] == ("原文", printed, "3")
