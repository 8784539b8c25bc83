"""The figures of workbooks, Word documents and data files, as another library than wrote them reads them."""

import csv
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from tests.exports.documents.told_figures import (
    ALL_PERIODS,
    TOTAL,
    YEAR,
    Figure,
    Told,
    paper_tables,
    paper_text,
    plain,
    quarter,
    sheets,
    so_far,
    tell_office,
    tell_rates,
    tell_trade,
    under,
)  # fmt: skip

EACH = ("subject_type", "subject_id", "estimate_yuan", "award_yuan", "savings_yuan", "added_yuan", "bidders")


def tell_each_transaction(told: Told, place: str, rows: list[dict[str, object]]) -> None:
    for row in rows:
        for name in EACH[2:]:
            told.tell(place, Figure("transaction", "", name, str(row["subject_type"]), subject=str(row["subject_id"])), row[name])


def tell_trade_reports(told: Told, folder: Path) -> None:
    for path in sorted(folder.glob("公共资源交易[月季]报_*.*")):
        found = re.search(r"第(\d)季度|年(\d+)月", path.stem)
        assert found
        months = int(found[1]) * 3 if found[1] else int(found[2])
        period = quarter(int(found[1])) if found[1] else f"{YEAR}-{months:02}"
        if path.suffix == ".docx":
            for rows in paper_tables(path):
                if rows[0][0] in ("类别", "地区"):
                    tell_trade(told, path.name, period, so_far(months), list(under(str(rows[0][0]), rows)))
            _tell_sentences(told, path, period)
        else:
            book = sheets(path)
            for name, heading, lines in (("类别", "类别", 1), ("地区", "地区", 1), ("地区×类别", "地区", 2)):
                tell_trade(told, f"{path.name} {name}", period, so_far(months), list(under(heading, book[name], lines)))


def _tell_sentences(told: Told, path: Path, period: str) -> None:
    sentence = re.compile(
        r"(?P<of>\S+?)，共成交(?P<concluded>[\d,]+)项，成交额(?P<award>[\d,.]+)万元(?:.*?节约资金(?P<savings>[\d,.]+)万元，节约率(?P<savings_of_estimate>[\d.]+%))?(?:.*?增值(?P<added>-?[\d,.]+)万元，增值率(?P<added_rate>-?[\d.]+%))?。"
    )
    for found in sentence.finditer(paper_text(path)):
        values = found.groupdict()
        of = values.pop("of")
        for measure, value in values.items():
            told.tell(f"{path.name} text", Figure("trade", period, measure, kind="" if of.startswith(YEAR) else of), value)


def tell_bulletins(told: Told, folder: Path) -> None:
    for path in sorted(folder.glob("信息公开情况通报_*.docx")):
        period = quarter(int(path.stem[-3]))
        for rows in paper_tables(path):
            if rows[0][0] == "名次":
                for line in [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]:
                    region = "" if line["地区"] == TOTAL else str(line["地区"])
                    tell_rates(told, path.name, "timeliness", period, {name: cell for name, cell in line.items() if name != "披露率"}, region=region)
                    told.tell(path.name, Figure("disclosure", period, "rate", region=region), line["披露率"])
                    told.tell(path.name, Figure("push", period, "timeliness", region=region), line["推送及时率"])
                    told.tell(path.name, Figure("push", period, "accuracy", region=region), line["推送准确率"])
            elif rows[0][:2] == ["职责", "未按期"]:
                for line in under("职责", rows):
                    tell_rates(told, path.name, "timeliness", period, line, subject=str(line["职责"]).split()[0])
        found = re.search(r"应办事项(\d+)件，按期(\d+)件，未按期(\d+)件.*?不能判定(\d+)件；及时率([\d.]+%)，披露率([\d.]+%)", paper_text(path))
        assert found, path.name
        for (topic, measure), cell in zip(
            (*(("timeliness", name) for name in ("due", "met", "missed", "undecidable", "rate")), ("disclosure", "rate")), found.groups(), strict=True
        ):
            told.tell(f"{path.name} text", Figure(topic, period, measure), cell)


def tell_rates_workbook(told: Told, folder: Path) -> None:
    (path,) = folder.glob("*.xlsx")
    for sheet, topic in (("披露率", "disclosure"), ("及时率", "timeliness")):
        for line in under("地区", sheets(path)[sheet], 2):
            region = "" if line["地区"] == TOTAL else str(line["地区"])
            for heading, cell in list(line.items())[1:]:
                duty, _, measure = heading.partition("·")
                tell_rates(
                    told, f"{path.name} {sheet}", topic, ALL_PERIODS, {measure: cell}, region=region, subject="" if duty == TOTAL else duty.split()[0]
                )


#: Rows of the form of requests and of the table of decisions.
_FORM_ROWS = {
    "一、本年新收政府信息公开申请数量": ("requests", "received", ""), "二、上年结转政府信息公开申请数量": ("requests", "carried_over", ""), "四、结转下年度继续办理": ("requests", "carried_forward", ""),
    "（七）总计": ("requests", "answered", ""), "（一）予以公开": ("requests", "outcome", "予以公开"), "（三）不予公开": ("requests", "outcome", "不予公开"), "（四）无法提供": ("requests", "outcome", "无法提供"),
    "（五）不予处理": ("requests", "outcome", "不予处理"), "（六）其他处理": ("requests", "outcome", "其他处理"), "行政许可": ("register", "decisions", "许可"), "行政处罚": ("register", "decisions", "处罚"),
}  # fmt: skip
_OF_REVIEWS = ("upheld", "corrected", "other", "pending", "filed")


def _tell_form(told: Told, place: str, rows: list[list[object]]) -> None:
    """A table of the form since 2021: each cell under its row and column, and under the figure that other places call otherwise."""
    for row in rows:
        name, cells = str(row[0] or "").strip("　 "), [cell for cell in row[1:] if cell not in (None, "")]
        # The last cell of a table that is narrower than those over and under it reaches to the edge.
        if (
            not cells
            or row[1 : 1 + len(cells)] != cells
            or all(not isinstance(plain(cell), str) or not re.fullmatch(r"[\d.]+|暂缺", str(plain(cell))) for cell in cells)
        ):
            continue
        for column, cell in enumerate(cells):
            told.tell(place, Figure("form", YEAR, str(column), subject=f"{name} of {len(cells)}"), cell)
        if name in _FORM_ROWS:
            topic, measure, subject = _FORM_ROWS[name]
            told.tell(place, Figure(topic, YEAR, measure, subject=subject), cells[-1])
        if name == "件数":
            for measure, cell in zip(_OF_REVIEWS, cells, strict=False):
                told.tell(place, Figure("disputes", YEAR, measure, subject="复议"), cell)


def _tell_information(told: Told, folder: Path) -> None:
    statistics, report = folder / f"政府信息公开情况统计表_{YEAR}年_office.xlsx", folder / f"政府信息公开工作年度报告_{YEAR}年_office.docx"
    for name, rows in sheets(statistics).items():
        if name[:1].isdigit():
            _tell_form(told, f"{statistics.name} {name}", rows)
        elif any(row and row[0] == "类别" for row in rows):
            for line in under("类别", rows):
                _, items, allotted, rounded, *_ = line.values()
                if line["类别"] != TOTAL and items is not None and rounded is not None:
                    for measure, cell in (("items", items), ("rounded_percent", rounded), ("allotted_percent", allotted)):
                        told.tell(f"{statistics.name} {name}", Figure("register", YEAR, measure, subject=str(line["类别"])), cell)
    for rows in paper_tables(report):
        _tell_form(told, report.name, rows)
    text = paper_text(report)
    for measure, pattern in {
        "published": r"共主动公开政府信息(\d+)条", "received": r"新收政府信息公开申请(\d+)件", "carried_over": r"上年结转(\d+)件", "answered": r"，办结(\d+)件",
        "answered_in_time": r"按时办结(\d+)件", "carried_forward": r"结转下年度继续办理(\d+)件",
    }.items():  # fmt: skip
        found = re.search(pattern, text)
        assert found, pattern
        told.tell(f"{report.name} text", Figure("register" if measure == "published" else "requests", YEAR, measure), found[1])
    book = folder / f"政府信息发布登记簿_{YEAR}年_office.xlsx"
    for line in under("科室", sheets(book)["按科室汇总"]):
        if line["科室"] != TOTAL:
            tell_office(told, book.name, YEAR, line)
    book = folder / f"依申请公开信息登记簿_{YEAR}年_office.xlsx"
    (total,) = (line for line in under("科室", sheets(book)["按科室汇总"]) if line["科室"] == TOTAL)
    told.tell(book.name, Figure("requests", YEAR, "received"), total["收到"])
    for form, count in Counter(str(line["形式"]) for line in under("科室", sheets(book)["登记明细"])).items():
        told.tell(f"{book.name} 登记明细", Figure("requests", YEAR, "form", subject=form), count)


def _tell_credit(told: Told, folder: Path) -> None:
    notices = folder / f"不良行为量化通知书_{YEAR}年_office.docx"
    (rows,) = (rows for rows in paper_tables(notices) if rows[0][0] == "文号")
    for row in rows[1:]:
        for measure, cell in (("points", row[3]), ("issued", row[4]), ("expires", row[5])):
            told.tell(notices.name, Figure("sanctions", YEAR, measure, subject=str(row[0])), cell)
    found = re.search(r"本年发出(\d+)份", paper_text(notices))
    assert found
    told.tell(f"{notices.name} text", Figure("sanctions", YEAR, "notices"), found[1])
    workbook, paper = (folder / f"信用红黑榜_{YEAR}年{suffix}" for suffix in (".xlsx", ".docx"))
    black = list(under("标记", sheets(workbook)["黑榜"]))
    told.tell(workbook.name, Figure("sanctions", YEAR, "listed"), len(black))
    in_paper = [row for rows in paper_tables(paper) for row in rows if str(row[0]).endswith("黑榜")]
    told.tell(paper.name, Figure("sanctions", YEAR, "listed"), len(in_paper))
    for line, row in zip(black, in_paper, strict=True):
        (listed,) = (
            place
            for place, heading in enumerate(line)
            if heading.startswith("列入") and re.fullmatch(r"\d{4}-\d\d-\d\d", str(list(line.values())[place]))
        )
        told.tell(workbook.name, Figure("sanctions", YEAR, "listed", subject=str(line["主体"])), list(line.values())[listed])
        told.tell(paper.name, Figure("sanctions", YEAR, "listed", subject=str(line["主体"])), row[listed])


def _tell_data(told: Told, folder: Path, regions: Mapping[str, str]) -> None:
    with zipfile.ZipFile(folder / f"公共资源交易开放数据包_{YEAR}年.zip") as package:
        for suffix in ("csv", "parquet"):

            def table(name: str, suffix: str = suffix, package: zipfile.ZipFile = package) -> list[dict[str, object]]:
                content = package.read(f"{name}.{suffix}")
                if suffix == "csv":
                    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))  # type: ignore[arg-type]
                return pl.read_parquet(content).to_dicts()

            tell_each_transaction(told, f"transactions.{suffix}", table("transactions"))
            for topic, name in (("disclosure", "disclosure_rates"), ("timeliness", "timeliness")):
                sums: Counter[Figure] = Counter()
                for row in table(name):
                    start = str(row["period_start"])
                    period = {"month": start[:7], "year": start[:4], "quarter": quarter((int(start[5:7]) + 2) // 3, start[:4])}[
                        str(row["period_kind"])
                    ]
                    for region in (regions[str(row["region_code"])], ""):
                        for rule in (str(row["rule_id"]), ""):
                            for measure in ("due", "met", "missed", "late", "absent", "too_short", "pending", "undecidable", "exempt"):
                                sums[Figure(topic, period, measure, region=region, subject=rule)] += int(str(row[measure]))
                for figure, value in sums.items():
                    told.tell(f"{name}.{suffix}", figure, value)
    with zipfile.ZipFile(folder / f"公共资源交易OCDS数据_{YEAR}年.zip") as archive:
        for name in archive.namelist():
            if name.startswith("records"):
                for record in json.loads(archive.read(name), parse_float=str)["records"]:
                    release = record["compiledRelease"]
                    scope = {"kind": "section", "subject": release["ocid"].removeprefix("ocds-gongka-")}
                    if "value" in release.get("tender", {}):
                        told.tell("OCDS", Figure("transaction", "", "estimate_yuan", **scope), release["tender"]["value"]["amount"])
                    values = [award["value"] for award in release.get("awards", []) if "value" in award]
                    if len(values) == 1 and values[0]["currency"] == "CNY":
                        told.tell("OCDS", Figure("transaction", "", "award_yuan", **scope), values[0]["amount"])


def tell_documents(told: Told, folder: Path, regions: Mapping[str, str]) -> None:
    """Every document of the year that lies in the folder."""
    tell_trade_reports(told, folder)
    tell_bulletins(told, folder)
    _tell_information(told, folder)
    _tell_credit(told, folder)
    _tell_data(told, folder, regions)
