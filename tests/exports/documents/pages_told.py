"""The figures of the pages of the site, as they stand in their tables."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import html

from tests.exports.documents.told_figures import ALL_PERIODS, PUSH, TRADE, YEAR, Figure, Told, change_of, tell_office, tell_rates, tell_trade

Line = dict[str, str]
_CROSSED = re.compile(r"(?P<rate>[\d.]+%)[†？]* \((?P<met>\d+)/(?P<decided>\d+)\)")
_DUTY = re.compile(r"[A-Z]-\d\d ")
_TOPIC_OF = {"披露率": "disclosure", "及时率": "timeliness"}


def tell_site(told: Told, folder: Path) -> None:
    """Every Chinese page."""
    for path in sorted(folder.rglob("*.html")):
        if not path.name.endswith(".en.html"):
            year = re.search(r"-(\d{4})$", path.stem)
            tell_page(told, path, year[1] if year else ALL_PERIODS)


def tell_page(told: Told, path: Path, period: str) -> None:
    """Every table of a page whose figures another place tells too."""
    seen_of_push = 0
    for number, (headings, rows) in enumerate(page_tables(path)):
        place, lines = f"{path.name} table {number}", [dict(zip(headings, row, strict=False)) for row in rows]
        first, second = [*headings, "", ""][:2]
        if first in ("交易类别", "地区") and {"占比", "有公告"} & set(headings):
            tell_trade(told, place, period, period, lines)
        elif first == "月份":
            _tell_months(told, place, headings, lines)
        elif first in ("地区", "职责") and "下限" in headings:
            _tell_rates(told, place, period, path, headings, lines)
        elif first == "地区" and _DUTY.match(second):
            _tell_crossed(told, place, "disclosure" if second.startswith("E-") else "timeliness", period, lines)
        elif path.stem == "push":
            _tell_push(told, place, headings, lines, ("timeliness", "accuracy")[seen_of_push % 2])
            seen_of_push += first == "地区" and "应推送" not in headings
        elif first == "地区" and path.stem == "index":
            _tell_counties(told, place, lines)
        elif path.stem == "sanctions":
            _tell_sanctions(told, place, headings, lines)
        elif path.stem.startswith("registers-"):
            _tell_register(told, place, period, headings, lines)


def page_tables(path: Path) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Headings and rows of every table of a page, by another reader than the product's."""
    page = html.fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    for table in page.iter("table"):
        told = [
            (row.find("td") is None, [" ".join(cell.text_content().split()) for cell in row if cell.tag in ("td", "th")]) for row in table.iter("tr")
        ]
        headings = [cells for is_heading, cells in told if is_heading]
        yield (headings[-1] if headings else []), [cells for is_heading, cells in told if not is_heading]


def _tell_months(told: Told, place: str, headings: Sequence[str], lines: list[Line]) -> None:
    for line in lines:
        month, *cells = line.values()
        month = month.rstrip("*")
        if "按期/应办" in headings:
            met, due = line["按期/应办"].split("/")
            rates = {**line, "按期": met, "应办": due}
            tell_rates(told, place, _TOPIC_OF[rates.pop("职责")], month, rates)
        elif "指标" in headings:
            kept, rate = ("on_time", "timeliness") if line["指标"] == "推送及时率" else ("accurate", "accuracy")
            for measure, heading in (("judged", "可判定"), (kept, "合格"), (rate, "率")):
                told.tell(place, Figure("push", month, measure), line[heading])
        elif headings[1] in TRADE:
            told.tell(place, Figure("trade", month, TRADE[headings[1]]), cells[0])
            for heading, cell in zip(headings[2:], cells[1:], strict=True):
                if heading in ("同比", "环比"):
                    than = "last_year" if heading == "同比" else "before"
                    told.tell(place, Figure("trade", month, f"{TRADE[headings[1]]}_{than}"), change_of(cell))
                else:
                    told.tell(place, Figure("trade", month, TRADE[heading]), cell)


def _tell_rates(told: Told, place: str, period: str, path: Path, headings: Sequence[str], lines: list[Line]) -> None:
    topic, duty = "disclosure" if "披露率" in headings else "timeliness", path.stem if path.parent.name == "rules" else ""
    for line in lines:
        name = line[headings[0]]
        scope = {"region": name, "subject": duty} if headings[0] == "地区" else {"subject": name.partition(" ")[0]}
        tell_rates(told, place, topic, period, line, **scope)


def _tell_crossed(told: Told, place: str, topic: str, period: str, lines: list[Line]) -> None:
    """Rates of regions and duties, each with what they are made of."""
    for line in lines:
        region, *cells = line.items()
        for heading, cell in cells:
            if found := _CROSSED.fullmatch(cell):
                for measure, value in found.groupdict().items():
                    told.tell(place, Figure(topic, period, measure, region=region[1], subject=heading.partition(" ")[0]), value)


def _tell_push(told: Told, place: str, headings: Sequence[str], lines: list[Line], crossed: str) -> None:
    for line in lines:
        if "应推送" in headings:
            scope = {"region" if headings[0] == "地区" else "subject": line[headings[0]]}
            for heading in headings:
                if heading in PUSH:
                    told.tell(place, Figure("push", ALL_PERIODS, PUSH[heading], **scope), line[heading])
        elif headings[0] == "名次":
            for heading in ("推送及时率", "推送准确率"):
                told.tell(place, Figure("push", f"{YEAR}-12", PUSH[heading], region=line["地区"]), line[heading])
        elif headings[0] == "地区":
            for heading, cell in list(line.items())[1:]:
                if found := _CROSSED.fullmatch(cell):
                    kept = "on_time" if crossed == "timeliness" else "accurate"
                    for measure, value in ((crossed, found["rate"]), (kept, found["met"]), ("judged", found["decided"])):
                        told.tell(place, Figure("push", YEAR, measure, region=line["地区"], subject=heading), value)


def _tell_counties(told: Told, place: str, lines: list[Line]) -> None:
    """The overview tells of the year to its month, here December."""
    for line in lines:
        for topic, measure, heading in (
            ("disclosure", "rate", "披露率"),
            ("timeliness", "rate", "及时率"),
            ("trade", "concluded", "成交项数"),
            ("push", "timeliness", "推送及时率"),
        ):
            told.tell(place, Figure(topic, YEAR, measure, region=line["地区"]), line[heading])


def _tell_sanctions(told: Told, place: str, headings: Sequence[str], lines: list[Line]) -> None:
    if headings[0] == "通知书":
        told.tell(place, Figure("sanctions", YEAR, "notices"), len(lines))
    elif headings[0] == "主体":
        told.tell(place, Figure("sanctions", YEAR, "listed"), len(lines))
    for line in lines:
        if "通知书数" in headings:
            told.tell(place, Figure("sanctions", ALL_PERIODS, "notices", region=line["地区"]), line["通知书数"])
        elif headings[0] == "通知书":
            for heading, measure in (("分值", "points"), ("发出", "issued"), ("有效期至", "expires")):
                told.tell(place, Figure("sanctions", YEAR, measure, subject=line["通知书"]), line[heading])
        elif headings[0] == "主体":
            told.tell(place, Figure("sanctions", YEAR, "listed", subject=line["主体"]), line["列入"])


def _tell_register(told: Told, place: str, period: str, headings: Sequence[str], lines: list[dict[str, str]]) -> None:
    for line in lines:
        cells = list(line.values())
        match list(headings[:2]):
            case ["类别", "条数"]:
                for measure, cell in zip(("items", "rounded_percent", "allotted_percent"), cells[1:], strict=True):
                    told.tell(place, Figure("register", period, measure, subject=cells[0]), cell)
            case ["渠道", "条数"]:
                told.tell(place, Figure("register", period, "items_over_channel", subject=cells[0]), cells[1])
                told.tell(place, Figure("register", period, "items_over_channel_alone", subject=cells[0]), cells[2])
            case ["部门", "类别"]:
                told.tell(place, Figure("register", period, "decisions", subject=cells[1]), cells[2])
            case ["分组", "项目"]:
                told.tell(place, Figure("requests", period, "form" if "形式" in cells[0] else "outcome", subject=cells[1]), cells[2])
            case ["类型", "收到"]:
                for measure, cell in zip(("filed", "upheld", "corrected", "other", "pending"), cells[1:], strict=True):
                    told.tell(place, Figure("disputes", period, measure, subject=cells[0]), cell)
            case ["年度", "科室"]:
                tell_office(told, place, period, line)
