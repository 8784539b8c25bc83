"""What the cells of a form must keep, where they do not: every relation, with numbers just at its edge and just over it."""

from decimal import Decimal

import pytest

from exports.documents.figures import Valued, figures
from exports.documents.filling import FilledTable, fill
from exports.documents.forms import form_of

pytestmark = pytest.mark.thorough


class Told:
    """Figures as they are told here, by what they are asked with; all others are missing."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self.numbers = numbers

    def figure(self, name: str, **parameters: str) -> Valued:
        key = " ".join([name, *parameters.values()])
        number = self.numbers.get(key)
        return Valued(figures()[name], parameters, None if number is None else Decimal(number))


def _filled(year: int, numbers: dict[str, int], before: dict[str, int] | None = None) -> list[FilledTable]:
    return fill(form_of(year), Told(numbers), None if before is None else Told(before))  # type: ignore[arg-type]


def _states(tables: list[FilledTable], beginning: str) -> list[str]:
    return [check.state for table in tables for check in table.checks if check.words.startswith(beginning)]


_FORMS = {"requests_of_form 当面": 1, "requests_of_form 传真": 2, "requests_of_form 网络": 3, "requests_of_form 信函": 4}


@pytest.mark.parametrize(("received", "state"), [(10, "holds"), (9, "contradicts"), (11, "contradicts"), (None, "unknown")])
def test_a_whole_is_the_sum_of_its_parts(received: int | None, state: str) -> None:
    told = _FORMS | ({} if received is None else {"requests_received": received})
    assert _states(_filled(2017, told), "（一）收到申请数 =") == [state]


@pytest.mark.parametrize(("part", "state"), [(5, "holds"), (6, "contradicts"), (0, "holds")])
def test_a_part_is_no_more_than_the_whole(part: int, state: str) -> None:
    assert _states(_filled(2017, {"info_published_total": 5, "normative_documents_disclosed": part}), "主动公开规范性文件数 ≤") == [state]


@pytest.mark.parametrize(("once", "state"), [(6, "contradicts"), (7, "holds"), (12, "holds"), (13, "contradicts")])
def test_what_is_counted_once_lies_between_the_largest_channel_and_all_together(once: int, state: str) -> None:
    form = form_of(2017)
    channels = {row.key: row.parameters["channels"] for row in form.tables[0].rows if "channels" in row.parameters}
    counts = dict(zip(("1.2.1", "1.2.2", "1.2.3", "1.2.4"), (1, 7, 2, 2), strict=True))
    told = {f"items_over_channel {channels[key]}": count for key, count in counts.items()} | {f"items_over_other_channels {channels['1.2.5']}": 0}
    assert _states(_filled(2017, told | {"info_published_total": once}), "（一）主动公开政府信息数") == [state]


@pytest.mark.parametrize(("carried_over", "before", "state"), [(3, 3, "holds"), (3, 4, "contradicts"), (3, None, "unknown")])
def test_a_year_begins_with_what_the_last_one_left(carried_over: int, before: int | None, state: str) -> None:
    tables = _filled(2022, {"requests_carried_over": carried_over}, {} if before is None else {"requests_carried_forward": before})
    assert _states(tables, "二、上年结转政府信息公开申请数量 = 上年的四") == [state]


def test_parts_of_zero_are_zero_down_to_the_last_and_nothing_else_is() -> None:
    (table,) = _filled(2017, {"answers": 0, "requests_received": 1})
    cells = {row: table.cells[row, "number"] for row in ("3.3.4", "3.3.4.6", "3.1.1", "8.1")}
    assert [(cell.text, cell.is_part_of_zero) for cell in cells.values()] == [("0", True), ("0", True), ("暂缺", False), ("暂缺", False)]
