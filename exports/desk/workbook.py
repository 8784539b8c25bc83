"""The workbook of a county: its open findings with what is wrong, by which clause and how it is mended, and columns to fill in and send back."""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from xlsxwriter.worksheet import Worksheet

from dashboards.labels import label
from dashboards.reasons import reason_text
from exports.placing import put_in_place
from exports.workbooks import Formats, row_height, set_paper, writing
from quality.desk.lifecycle import Actor, actions, states
from quality.desk.naming import column_label, dataset_label, place
from quality.desk.queue import Filters, Queue
from quality.desk.texts import explanation

#: Columns by name, with their width; the last five are filled in and sent back.
SHOWN = {
    "finding_id": 12, "version": 7, "mark": 10, "state": 10, "region": 10, "dataset": 16, "check": 26, "column": 16, "value": 18, "reason": 30,
    "source": 26, "mend": 34, "place": 22, "opened_on": 11, "assignee": 12, "due_on": 11,
}  # fmt: skip
FILLED = {"action": 12, "said": 30, "corrected": 18, "to": 12, "until": 12}
#: What a row that is sent back must still say, to be recognised.
RECOGNISED = ("finding_id", "version", "mark", "state")
_MARK_LENGTH, _GUIDE_WIDTH = 10, 100


@dataclass(frozen=True)
class CountyWorkbook:
    """A written workbook: of which region (None: where it is not known), where, with how many findings; and where the one is now that stood there."""

    region_code: str | None
    path: Path
    findings: int
    kept: Path | None = None


def mark(finding_id: str, version: str, state: str) -> str:
    """A check code of what a row says of itself: a number that was changed, or a row put together from two, does not fit."""
    return hashlib.sha256(f"{finding_id}|{version}|{state}".encode()).hexdigest()[:_MARK_LENGTH]


def write_county_workbooks(queue: Queue, out: Path, actor: Actor, *, filters: Filters | None = None) -> list[CountyWorkbook]:
    """Write `质量问题_<region>_<as of>.xlsx` for each region that has open findings among those that the actor may see. One that stands there and
    says otherwise, because somebody filled it in or because the findings moved, is kept beside."""
    by_region: dict[str | None, list[dict[str, Any]]] = {}
    for row in queue.rows(filters or Filters(), actor):
        by_region.setdefault(row["region_code"], []).append(row)
    names = queue.region_names()
    written = []
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=out) as beside:
        for region_code, rows in by_region.items():
            name = f"{label('desk.workbook')}_{region_code or label('desk.no_region')}_{queue.as_of}.xlsx"
            _write(Path(beside) / name, rows, names, datetime.combine(queue.as_of, datetime.min.time()))
            written.append(CountyWorkbook(region_code, out / name, len(rows), put_in_place(Path(beside) / name, out / name)))
    return written


def _write(path: Path, rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], created: datetime) -> None:
    with writing(path, label("desk.workbook"), created) as (workbook, formats):
        sheet = workbook.add_worksheet(label("desk.sheet"))
        unlocked = workbook.add_format({"border": 1, "text_wrap": True, "valign": "top", "bg_color": "#FFF9E6", "locked": False, "num_format": "@"})
        headings = {**SHOWN, **FILLED}
        for place, (name, width) in enumerate(headings.items()):
            sheet.write_string(0, place, label(f"desk.{name}"), formats.heading)
            sheet.set_column(place, place, width)
        for number, row in enumerate(rows, start=1):
            cells = _cells(row, names)
            sheet.set_row(number, row_height(cells, list(SHOWN.values())))
            for place, value in enumerate(cells):
                sheet.write_string(number, place, value, formats.wrapped)
            for place in range(len(SHOWN), len(headings)):
                sheet.write_blank(number, place, None, unlocked)
        _choices(sheet, len(rows))
        # Without a password: it keeps a hand from slipping, and sorting and filtering stay possible.
        sheet.protect("", {"sort": True, "autofilter": True, "format_columns": True, "format_rows": True})
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(rows), len(headings) - 1)
        sheet.repeat_rows(0)
        set_paper(sheet, width=sum(headings.values()))
        _write_guide(workbook.add_worksheet(label("desk.guide")), formats)


def _cells(row: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    state, version = states()[row["state"]]["zh"], str(row["last_entry"] or 0)
    texts, stands = explanation(row["kind"]), place(row["source_file"], row["source_row"])
    shown = {
        "finding_id": row["finding_id"],
        "version": version,
        "mark": mark(row["finding_id"], version, state),
        "state": state,
        "region": names.get(row["region_code"] or "", row["region_code"] or ""),
        "dataset": dataset_label(row["dataset"]),
        "check": row["label"],
        "column": column_label(row["dataset"], row["column_name"]),
        "value": row["value"],
        "reason": reason_text(row["reason"], row["kind"], "zh"),
        "source": row["rule_source"] or (texts.source["zh"] if texts else ""),
        "mend": texts.mend["zh"] if texts else "",
        "place": label("desk.place_of" if stands[1] else "desk.whole_file", file=stands[0], row=stands[1]) if stands else "",
        "opened_on": row["opened_on"],
        "assignee": row["assignee"],
        "due_on": row["due_on"],
    }
    return ["" if shown[name] is None else str(shown[name]) for name in SHOWN]


def _choices(sheet: Worksheet, rows: int) -> None:
    place = len(SHOWN) + list(FILLED).index("action")
    wanted = [action.label["zh"] for action in actions().values()]
    sheet.data_validation(1, place, max(1, rows), place, {"validate": "list", "source": wanted, "ignore_blank": True})


def _write_guide(sheet: Worksheet, formats: Formats) -> None:
    sheet.set_column(0, 0, _GUIDE_WIDTH)
    set_paper(sheet, landscape=False)
    lines = label("desk.guide_text").split("\n")
    lines += [f"{action.label['zh']}：{'、'.join(label(f'desk.needs_{need}') for need in action.needs)}" for action in actions().values()]
    for number, line in enumerate(lines):
        sheet.set_row(number, row_height([line], [_GUIDE_WIDTH]))
        sheet.write_string(number, 0, line, formats.wrapped_line)
