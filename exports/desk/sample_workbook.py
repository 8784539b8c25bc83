"""A drawn sample as a workbook to be checked against the originals, and its results when it comes back."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from dashboards.labels import label
from exports.desk.returned import Returned, RowRefused
from exports.placing import put_in_place
from exports.workbooks import set_paper, writing
from quality.desk.errors import DeskUsageError
from quality.desk.lifecycle import Actor
from quality.desk.log import DeskLog
from quality.desk.sampling import OUTCOMES, Outcome, Sample, enter_results, samples
from sources.definitions import datasets
from sources.errors import UnreadableFile
from sources.readers import read

_OWN = ("sample_id", "record_key", "mark", "region")
_MARK_LENGTH, _WIDTH = 10, 16


def write_sample(sample: Sample, rows: Sequence[tuple[str, str, list[str]]], out: Path, names: Mapping[str, str]) -> Path:
    """Write `抽样_<data set>_<sample>.xlsx`: a row a record (``quality.desk.sampling.drawn_rows``), with a column for what was found. One that was filled in already is kept beside."""
    dataset = datasets()[sample.dataset]
    path = out / f"{label('sample.file')}_{dataset.name}_{sample.sample_id}.xlsx"
    new = path.with_suffix(".new")
    with writing(new, label("sample.file"), datetime.combine(sample.as_of, datetime.min.time())) as (workbook, formats):
        sheet = workbook.add_worksheet(label("sample.sheet"))
        unlocked = workbook.add_format({"border": 1, "bg_color": "#FFF9E6", "locked": False, "num_format": "@"})
        headings = [*(label(f"sample.{name}") for name in _OWN), label("sample.outcome"), *(column.label for column in dataset.columns)]
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading, formats.heading)
        for number, (region, key, values) in enumerate(rows, start=1):
            own = (sample.sample_id, key, _mark(sample.sample_id, key), names.get(region, region))
            for place, value in enumerate((*own, None, *values)):
                if value is None:
                    sheet.write_blank(number, place, None, unlocked)
                else:
                    sheet.write_string(number, place, value, formats.wrapped)
        choices = [label(f"sample.{outcome}") for outcome in OUTCOMES]
        sheet.data_validation(1, len(_OWN), max(1, len(rows)), len(_OWN), {"validate": "list", "source": choices, "ignore_blank": True})
        sheet.protect("", {"sort": True, "autofilter": True, "format_columns": True, "format_rows": True})
        sheet.set_column(0, len(headings) - 1, _WIDTH)
        sheet.freeze_panes(1, len(_OWN) + 1)
        set_paper(sheet, width=_WIDTH * len(headings))
    put_in_place(new, path)
    return path


def _mark(sample_id: str, record_key: str) -> str:
    return hashlib.sha256(f"{sample_id}|{record_key}".encode()).hexdigest()[:_MARK_LENGTH]


def is_sample(path: Path) -> bool:
    """Whether a workbook is one of a sample. Raises DeskUsageError when it cannot be read."""
    try:
        return label("sample.sample_id") in read(path).table.column_names
    except UnreadableFile as error:
        raise DeskUsageError(f"{path}: {error.reason}", "unreadable", rule=error.rule, file=path.name) from error


def take_sample_back(log: DeskLog, path: Path, actor: Actor, *, acted_at: datetime) -> Returned:
    """Enter the results that were filled in; a row of another sample, of a record that was not drawn, or with an unknown result is refused, the rest goes on.

    What was found counts as of the day of the sample: it tells of the records as they were drawn.
    """
    table = read(path).table
    columns = {name: table.column(label(f"sample.{name}")).to_pylist() for name in ("sample_id", "record_key", "mark", "outcome")}
    drawn = samples(log.entries())
    wanted: dict[str, Outcome] = {label(f"sample.{outcome}"): outcome for outcome in OUTCOMES}
    found: dict[str, dict[str, Outcome]] = {}
    refusals, unfilled = [], 0
    for number, sample_id, key, mark, said in zip(table.column("row_number").to_pylist(), *columns.values(), strict=True):
        if not (said or "").strip():
            unfilled += 1
        elif sample_id not in drawn or key not in drawn[sample_id].keys or _mark(sample_id, key) != mark:
            refusals.append(
                RowRefused(
                    path.name, number, label("sample.record_key"), "was not drawn, or was changed; take the row from the workbook as it was sent"
                )
            )
        elif said.strip() not in wanted:
            refusals.append(RowRefused(path.name, number, label("sample.outcome"), f"{said[:40]!r} is unknown; one of: {'、'.join(wanted)}"))
        else:
            found.setdefault(sample_id, {})[key] = wanted[said.strip()]
    for sample_id, outcomes in found.items():
        enter_results(log, sample_id, outcomes, actor, acted_at, drawn[sample_id].as_of)
    return Returned(sum(map(len, found.values())), 0, [], refusals, unfilled)
