"""What every place tells: each cell of pages, workbooks, Word documents, data files and marts under the figure that it shows, to be held against each other."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import docx
import openpyxl
from docx.table import Table

YEAR = "2022"
ALL_PERIODS = ""
TOTAL = "合计"
NOT_COMPARED = "不可比"
Row = list[object]


class Figure(NamedTuple):
    """What a cell tells of. Empty names mean all of them: all kinds, all regions, all duties or data sets."""

    topic: str
    period: str
    measure: str
    kind: str = ""
    region: str = ""
    subject: str = ""


class Told:
    """Values by figure, each with the place that tells it."""

    def __init__(self) -> None:
        self.values: dict[Figure, list[tuple[str, str]]] = defaultdict(list)

    def tell(self, place: str, figure: Figure, cell: object) -> None:
        value = plain(cell)
        if value is not None:
            self.values[figure].append((place, value))

    def copy(self) -> "Told":
        """The same values, to be added to."""
        copied = Told()
        copied.values.update({figure: list(values) for figure, values in self.values.items()})
        return copied

    def differing(self) -> dict[Figure, list[tuple[str, str]]]:
        """Figures that two places tell differently."""
        return {figure: told for figure, told in self.values.items() if len({value for _, value in told}) > 1}

    def compared(self) -> dict[Figure, list[tuple[str, str]]]:
        """Figures that more than one place tells."""
        return {figure: told for figure, told in self.values.items() if len({place for place, _ in told}) > 1}


_NUMBER = re.compile(r"[+-]?[\d,]*\d(\.\d+)?%?")


def plain(cell: object) -> str | None:
    """A cell without its dress: separators, marks, zeros behind, per cent. Nothing for an empty one."""
    text = "" if cell is None else str(cell).strip().rstrip("†？")
    if not _NUMBER.fullmatch(text):
        return text or None
    number = Decimal(text.rstrip("%").replace(",", "")) / (100 if text.endswith("%") else 1)
    return f"{number.normalize() + 0:f}"


def change_of(cell: object) -> object:
    """A comparison: pages say 暂缺 and documents a dash where there is none."""
    return NOT_COMPARED if cell in ("—", "暂缺") else cell


def sheets(path: Path) -> dict[str, list[Row]]:
    """The cells of every sheet of a workbook."""
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in openpyxl.load_workbook(path, read_only=True)}


def paper_tables(path: Path) -> list[list[Row]]:
    """The cells of every table of a Word document."""
    return [[[cell.text for cell in row.cells] for row in Table(table, None).rows] for table in docx.Document(str(path)).element.body.iter("{*}tbl")]  # type: ignore[arg-type]


def paper_text(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)


def under(heading: str, rows: Sequence[Row], lines: int = 1) -> Iterator[dict[str, object]]:
    """The rows of a list under its headings, of which the first is told; where headings have two lines, each column is called `group·heading`."""
    start = next(place for place, row in enumerate(rows) if row and row[0] == heading)
    names, group = [], ""
    for place, name in enumerate(rows[start]):
        group = str(name) if name else group
        names.append(f"{group}·{rows[start + 1][place]}" if lines == 2 and place else group)
    for row in rows[start + lines :]:
        if row and row[0] and len(row) > 1 and row[1] is not None and not str(row[0]).endswith("："):
            yield dict(zip(names, row, strict=False))


TRADE: Mapping[str, str] = {
    "成交项数": "concluded", "有金额": "with_amount", "成交额（万元）": "award", "占比": "amount_share", "节约额（万元）": "savings", "节约率（÷估算）": "savings_of_estimate",
    "节约率（÷预算）": "savings_of_estimate", "节约率（÷成交）": "savings_of_award", "增值额（万元）": "added", "增值率（÷起始价）": "added_rate", "增值率": "added_rate",
    "增值不可比（项）": "not_comparable", "流标（次）": "failed", "其他异常（次）": "otherwise_ended", "有投标人数的标段": "bid_sections", "投标人": "bidders",
    "每标段投标人": "average_bidders",
}  # fmt: skip
CHANGES: Mapping[str, tuple[str, str]] = {
    f"{heading}{change}": (measure, name)
    for heading, measure in (("项数", "concluded"), ("成交额", "award"), ("流标", "failed"))
    for change, name in (("环比", "before"), ("同比", "last_year"))
}
SO_FAR: Mapping[str, str] = {"累计项数": "concluded", "累计成交额（万元）": "award"}
RATES: Mapping[str, str] = {
    "应公开": "due", "应办": "due", "已公开": "met", "按期": "met", "未公开": "missed", "未按期": "missed", "逾期": "late", "缺失": "absent", "时长不足": "too_short",
    "未到期": "pending", "不能判定": "undecidable", "豁免": "exempt", "披露率": "rate", "及时率": "rate", "率": "rate", "下限": "rate_low", "上限": "rate_high",
}  # fmt: skip
PUSH: Mapping[str, str] = {
    "应推送": "records", "已推送": "pushed", "已接收": "accepted", "可判定": "judged", "及时": "on_time", "准确": "accurate", "被退回": "refused", "无回执": "unanswered",
    "未推送": "never_sent", "待回执": "pending", "推送及时率": "timeliness", "推送准确率": "accuracy", "完整率": "completeness",
}  # fmt: skip


def quarter(number: int, year: str = YEAR) -> str:
    return f"{year}Q{number}"


def so_far(months: int, year: str = YEAR) -> str:
    """January to this month: the whole year where that is December, and a quarter where there is one with these months."""
    return year if months == 12 else quarter(1, year) if months == 3 else f"{year}-01 to {months:02}" if months > 1 else f"{year}-01"


def tell_trade(told: Told, place: str, period: str, until: str, lines: Iterator[dict[str, object]] | list[dict[str, object]]) -> None:
    """A list of transactions by kind or region; what stands in it of the year so far is of `until`."""
    for line in lines:
        (by, name), *cells = line.items()
        scope = {} if name == TOTAL else {"region" if by == "地区" else "kind": str(name)}
        for heading, cell in cells:
            if heading in TRADE:
                told.tell(place, Figure("trade", period, TRADE[heading], **scope), cell)
            elif heading in CHANGES:
                measure, than = CHANGES[heading]
                told.tell(place, Figure("trade", period, f"{measure}_{than}", **scope), change_of(cell))
            elif heading in SO_FAR:
                told.tell(place, Figure("trade", until, SO_FAR[heading], **scope), cell)
            elif "·" in heading:
                group, _, name_of = heading.partition("·")
                told.tell(place, Figure("trade", period, TRADE[name_of], kind="" if group == TOTAL else group, **scope), cell)


def tell_rates(told: Told, place: str, topic: str, period: str, line: Mapping[str, object], **scope: str) -> None:
    """A line of counts and rates, of disclosure or timeliness."""
    for heading, cell in line.items():
        if heading in RATES:
            told.tell(place, Figure(topic, period, RATES[heading], **scope), cell)


OFFICE = {
    "条数": "items", "主动公开": "proactive", "依申请公开": "on_request", "不公开": "withheld", "已公开": "published", "审查在前": "reviewed_before", "审查在后": "reviewed_after",
    "未经审查": "not_reviewed", "不能判定": "undecidable", "与属性不符": "against", "✗ 与属性不符": "against",
}  # fmt: skip


def tell_office(told: Told, place: str, period: str, line: Mapping[str, object]) -> None:
    """A line of the register of disclosures by office."""
    for heading, cell in line.items():
        if heading in OFFICE:
            told.tell(place, Figure("offices", period, OFFICE[heading], subject=str(line["科室"])), cell)
