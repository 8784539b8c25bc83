"""The workbook of disclosure and timeliness rates by region and duty, as a clerk hands it in: merged headings, totals, signatures, ready to print."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from xlsxwriter.worksheet import Worksheet

from dashboards.labels import label, section
from dashboards.rates import BELOW, MEASURES, NOT_APPLICABLE, ten_thousandths, totals
from dashboards.regions import ordered_regions
from dashboards.rules import ordered_rules, rule_name, rules_table
from dashboards.snapshot import read_as_of, read_rates, read_rule_versions, read_sources, reading, rules_of
from exports.publication import MANIFEST, read_manifest
from exports.workbooks import Formats, row_height, set_paper, writing

_TOTAL = "合计"
"""Stands for all regions, or for all duties, in the key of a cell."""
_COUNTS = ("due", "met", "undecidable")
_GROUP = len(_COUNTS) + 1
_FIRST_ROW = 4
_GROUPS_OF_A_PAGE, _SCALE = 4, 75
"""Duties that stand side by side on a sheet of A4, and the size in per cent in which they do: twenty on one would not be legible."""
_RULE_WIDTHS = (9, 6, 12, 20, 18, 26, 20, 11, 11, 40)


@dataclass(frozen=True)
class _Report:
    """What all sheets print: who reports, as of when, over which months, from which snapshot."""

    unit: str
    as_of: date | None
    period: str
    manifest: Mapping[str, object]


def write_rates_workbook(warehouse: Path, out: Path) -> Path:
    """Writes `披露率与及时率_<as of>.xlsx` from a published snapshot into the folder `out` and returns its path.

    One sheet per measure: a row per region, four columns per duty (due, met, undecidable, rate) and the totals of both, from the same integers;
    then a sheet on the data with every duty, clause and how far the clause was verified. The same snapshot gives the same bytes; the file appears whole.
    Rates are cut off after four decimals, as on the page. Raises SnapshotError when the warehouse cannot be read.
    """
    with reading(warehouse) as connection:
        rates, versions = read_rates(connection), read_rule_versions(connection)
        as_of, sources = read_as_of(connection), read_sources(connection)
    manifest = read_manifest(warehouse.parent) if (warehouse.parent / MANIFEST).is_file() else {}
    if as_of is None and manifest.get("as_of"):
        as_of = date.fromisoformat(str(manifest["as_of"])[:10])
    report = _Report("、".join(sources) or label("page.no_source"), as_of, _period(rates), manifest)

    path = out / f"{'_'.join(filter(None, [label('workbook.file'), str(as_of or '')]))}.xlsx"
    created = datetime.combine(as_of or date(1980, 1, 1), datetime.min.time())
    with writing(path, label("page.title"), created) as (workbook, formats):
        rules = ordered_rules(rules_of(versions)).with_columns(rule_name().alias("name"))
        for measure in MEASURES:
            of_measure = rates.filter((pl.col("measure") == measure) & (pl.col("period_kind") == "year"))
            of_duties = rules.filter(pl.col("measure") == measure)
            _write_rates(workbook.add_worksheet(label(f"{measure}.rate")), formats, measure, of_measure, of_duties, report)
        _write_about(workbook.add_worksheet(label("workbook.about")), formats, versions, report)
    return path


def _period(rates: pl.DataFrame) -> str:
    months = rates.filter((pl.col("period_kind") == "month") & (pl.col("due") > 0))["period_start"].dt.strftime("%Y-%m").sort()
    return f"{months[0]} 至 {months[-1]}" if months.len() else NOT_APPLICABLE


def _write_rates(sheet: Worksheet, formats: Formats, measure: str, rates: pl.DataFrame, rules: pl.DataFrame, report: _Report) -> None:
    regions = [*ordered_regions(rates.select("region_code", "region").unique()).rows(), (_TOTAL, label("column.total"))]
    groups = [*rules.select("rule_id", "name").rows(), (_TOTAL, label("column.total"))]
    cells = _cells(rates)
    last_column = _GROUP * len(groups)
    first_page = min(last_column, _GROUP * _GROUPS_OF_A_PAGE)

    _write_head(sheet, formats, label("workbook.title", rate=label(f"{measure}.rate")), first_page, report)
    sheet.merge_range(2, 0, 3, 0, label("column.region"), formats.heading)
    headings = [label(f"{measure}.due"), label(f"{measure}.met"), label("column.undecidable"), label("workbook.rate")]
    for place, (_, name) in enumerate(groups):
        first = 1 + _GROUP * place
        sheet.merge_range(2, first, 2, first + _GROUP - 1, name, formats.heading)
        for offset, heading in enumerate(headings):
            sheet.write_string(3, first + offset, heading, formats.heading)

    for row, (region_code, region) in enumerate(regions, start=_FIRST_ROW):
        sheet.write_string(row, 0, region, formats.name)
        for place, (rule_id, _) in enumerate(groups):
            _write_group(sheet, formats, row, 1 + _GROUP * place, cells.get((region_code, rule_id)))

    foot = _FIRST_ROW + len(regions)
    note = label("workbook.note", met=label(f"{measure}.met"), due=label(f"{measure}.due"))
    sheet.write_string(foot, 0, note, formats.line)
    for place, name in enumerate(("prepared", "reviewed", "date")):
        sheet.write_string(foot + 2, place * (first_page // 3), f"{label(f'signature.{name}')}：", formats.line)

    sheet.set_column(0, 0, 16)
    for place in range(len(groups)):
        sheet.set_column(1 + _GROUP * place, _GROUP * place + len(_COUNTS), 8)
        sheet.set_column(_GROUP * (place + 1), _GROUP * (place + 1), 9)
    sheet.set_row(2, 34)
    sheet.freeze_panes(_FIRST_ROW, 1)
    sheet.repeat_rows(2, 3)
    sheet.repeat_columns(0)
    sheet.print_area(0, 0, foot + 2, last_column)
    sheet.set_v_pagebreaks([1 + _GROUP * place for place in range(_GROUPS_OF_A_PAGE, len(groups), _GROUPS_OF_A_PAGE)])
    set_paper(sheet, scale=_SCALE)


def _cells(rates: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Counts, rate and threshold state by region and duty, with the sums over either and over both."""
    region, rule, all_regions, all_rules = (
        pl.col("region_code"),
        pl.col("rule_id"),
        pl.lit(_TOTAL).alias("region_code"),
        pl.lit(_TOTAL).alias("rule_id"),
    )
    sums = [
        totals(rates.with_columns(*keys), "region_code", "rule_id")
        for keys in ((region, rule), (region, all_rules), (all_regions, rule), (all_regions, all_rules))
    ]
    shown = pl.concat(sums).with_columns(ten_thousandths(pl.col("met"), pl.col("judged")).alias("ten_thousandths"))
    return {(row["region_code"], row["rule_id"]): row for row in shown.iter_rows(named=True)}


def _write_group(sheet: Worksheet, formats: Formats, row: int, column: int, cell: Mapping[str, Any] | None) -> None:
    for offset, name in enumerate(_COUNTS):
        sheet.write_number(row, column + offset, cell[name] if cell else 0, formats.count)
    rate = column + len(_COUNTS)
    if cell is None or cell["ten_thousandths"] is None:
        sheet.write_string(row, rate, NOT_APPLICABLE, formats.count)
    else:
        sheet.write_number(row, rate, cell["ten_thousandths"] / 10_000, formats.missed_rate if cell["state"] == BELOW else formats.rate)


def _write_head(sheet: Worksheet, formats: Formats, title: str, last_column: int, report: _Report) -> None:
    sheet.merge_range(0, 0, 0, last_column, title, formats.title)
    sheet.set_row(0, 34)
    parts = [
        label("workbook.unit", unit=report.unit),
        label("workbook.as_of", as_of=report.as_of or NOT_APPLICABLE),
        label("workbook.period", period=report.period),
    ]
    sheet.merge_range(1, 0, 1, last_column, "　　".join(parts), formats.line)
    sheet.set_row(1, 20)


def _write_about(sheet: Worksheet, formats: Formats, versions: pl.DataFrame, report: _Report) -> None:
    table = rules_table(versions)
    last_column = len(table.headings) - 1
    _write_head(sheet, formats, label("workbook.about"), last_column, report)
    facts = [
        (label(f"page.{name}"), str(report.manifest.get(name, NOT_APPLICABLE))) for name in ("snapshot", "published_at", "code_version", "run_id")
    ]
    sayings = [label("page.formula_rate"), label("page.threshold_note"), label("page.formula_period"), " · ".join(section("status_meaning").values())]
    lines: Iterable[tuple[str, str]] = [*facts, *((label("page.formulas"), saying) for saying in sayings)]
    row = 2
    for row, (name, value) in enumerate(lines, start=2):
        sheet.write_string(row, 0, name, formats.wrapped)
        sheet.merge_range(row, 1, row, last_column, value, formats.wrapped)
        sheet.set_row(row, 34 if len(value) > 70 else 18)
    head = row + 2
    for column, heading in enumerate(table.headings):
        sheet.write_string(head, column, heading, formats.heading)
    for place, values in enumerate(table.rows, start=head + 1):
        texts = [str(value) for value in values]
        sheet.set_row(place, row_height(texts, _RULE_WIDTHS))
        for column, text in enumerate(texts):
            sheet.write_string(place, column, text, formats.wrapped)
    for column, width in enumerate(_RULE_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.repeat_rows(head)
    set_paper(sheet)
