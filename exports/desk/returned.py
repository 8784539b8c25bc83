"""A county's workbook that comes back: what was filled in goes to the log, corrected values become a delivery; what cannot be taken is told by row and column."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dashboards.labels import label
from exports.desk.corrections import Correction, check_inbox, not_correctable, write_corrections
from exports.desk.workbook import FILLED, RECOGNISED, SHOWN, mark
from quality.desk.acting import Request
from quality.desk.errors import DeskUsageError
from quality.desk.lifecycle import Actor, actions, read_particulars, states
from quality.desk.queue import Queue
from sources.errors import UnreadableFile
from sources.readers import read

#: The column to blame, by what was wrong with an action.
_BLAMED = {"not_in_this_state": "action", "not_this_role": "action", "stale": "state"}


@dataclass(frozen=True)
class RowRefused:
    """One row of the workbook that was not taken: its file, row (the headings are row 1), column and the reason; kind: the same by its label `refusal.<kind>`."""

    file: str
    row: int
    column: str
    reason: str
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}, column {self.column}: {self.reason}"


@dataclass(frozen=True)
class Returned:
    """What became of a workbook: actions entered, deliveries of corrected values written, rows refused, rows in which nothing was filled in."""

    entered: int
    corrected: int
    files: list[Path]
    refusals: list[RowRefused]
    unfilled: int


@dataclass(frozen=True)
class _Row:
    number: int
    request: Request
    corrected: str | None


def take_back(queue: Queue, path: Path, actor: Actor, *, acted_at: datetime, inbox: Path) -> Returned:
    """Take a workbook that was filled in; corrected values are written as deliveries into ``inbox``.

    A row whose number was changed, that was torn, with an unknown action, or whose finding moved since is refused, and the rest goes on.
    Raises DeskUsageError, and takes nothing, when the file is no workbook of the desk, or the inbox another source's.
    """
    refusals: list[RowRefused] = []
    rows: list[_Row] = []
    unfilled = 0
    seen: dict[str, int] = {}
    for number, cells in _cells(path):
        if not any(cells[name] for name in FILLED):
            unfilled += 1
            continue
        try:
            row = _understood(queue, number, cells, actor)
            first = seen.setdefault(row.request.finding_id, number)
            if first != number:
                raise _Unusable("repeated", "finding_id", f"stands in row {first} already")
            rows.append(row)
        except _Unusable as unusable:
            refusals.append(RowRefused(path.name, number, label(f"desk.{unusable.column}"), unusable.reason, unusable.kind))
    check_inbox(queue, [Correction(row.request.finding_id, row.corrected) for row in rows if row.corrected is not None], inbox)
    done = queue.act_on([row.request for row in rows], actor, acted_at=acted_at, partial=True)
    refused = {refusal.finding_id: refusal for refusal in done.refusals}
    corrections = []
    for row in rows:
        if refusal := refused.get(row.request.finding_id):
            blamed = _BLAMED.get(refusal.kind, "finding_id")
            refusals.append(RowRefused(path.name, row.number, label(f"desk.{blamed}"), refusal.reason, refusal.kind))
        elif row.corrected is not None:
            corrections.append(Correction(row.request.finding_id, row.corrected))
    files = write_corrections(queue, corrections, inbox, acted_at)
    return Returned(done.entered, len(corrections), files, sorted(refusals, key=lambda refusal: refusal.row), unfilled)


def _cells(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        content = read(path)
    except UnreadableFile as error:
        raise DeskUsageError(f"{path}: {error.reason}") from error
    headings = {label(f"desk.{name}"): name for name in (*SHOWN, *FILLED)}
    there = {headings[column]: column for column in content.table.column_names if column in headings}
    if missing := [label(f"desk.{name}") for name in (*RECOGNISED, *FILLED) if name not in there]:
        raise DeskUsageError(f"{path}: has no column {missing[0]}; send back a workbook that gongkai desk --export wrote, with its headings")
    columns = {name: content.table.column(column).to_pylist() for name, column in there.items()}
    numbers = content.table.column("row_number").to_pylist()
    return [(number, {name: (values[place] or "").strip() for name, values in columns.items()}) for place, number in enumerate(numbers)]


class _Unusable(Exception):
    """A row that cannot be taken: the kind of reason, the column to blame and the reason."""

    def __init__(self, kind: str, column: str, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.column, self.reason = kind, column, reason


def _understood(queue: Queue, number: int, cells: Mapping[str, str], actor: Actor) -> _Row:
    """What a row asks for. Raises _Unusable."""
    _recognise(cells)
    corrected = cells["corrected"] or None
    action = _action(cells, corrected)
    said = _said(action, cells, corrected is not None)
    try:
        read_particulars(action, said, queue.as_of)
    except DeskUsageError as error:
        raise _Unusable("incomplete", _blamed(str(error)), str(error)) from error
    if corrected and (reason := not_correctable(queue, cells["finding_id"], actor)):
        raise _Unusable("not_correctable", "corrected", reason)
    by_label = {texts["zh"]: name for name, texts in states().items()}
    request = Request(cells["finding_id"], action, said, by_label.get(cells["state"], cells["state"]), int(cells["version"]))
    return _Row(number, request, corrected)


def _recognise(cells: Mapping[str, str]) -> None:
    for name in RECOGNISED:
        if not cells[name]:
            raise _Unusable("torn", name, "is empty: the row is torn; take it from the workbook as it was sent")
    if mark(cells["finding_id"], cells["version"], cells["state"]) != cells["mark"]:
        raise _Unusable(
            "altered",
            "finding_id",
            "and check code do not belong together: number, version or state was changed; take the row from the workbook as it was sent",
        )


def _action(cells: Mapping[str, str], corrected: str | None) -> str:
    wanted = {action.label["zh"]: action.name for action in actions().values()}
    said = cells["action"]
    if said and said not in wanted:
        raise _Unusable("unknown_action", "action", f"{said[:40]!r} is unknown; one of: {'、'.join(wanted)}")
    action = wanted.get(said, "correct" if corrected else "")
    if not action:
        raise _Unusable("no_action", "action", f"is empty; one of: {'、'.join(wanted)}")
    if corrected and action != "correct":
        raise _Unusable("not_with_correction", "corrected", f"goes with {actions()['correct'].label['zh']}, not with {said}")
    return action


def _said(action: str, cells: Mapping[str, str], has_correction: bool) -> dict[str, object]:
    # A cell that holds a date comes with its midnight.
    until = cells["until"].removesuffix(" 00:00:00")
    said: dict[str, object] = {"reason": cells["said"] or (label("desk.corrected_by_workbook") if has_correction else ""), "assignee": cells["to"]}
    said["accepted_until" if action == "accept" else "due_on"] = until
    return {name: value for name, value in said.items() if value}


def _blamed(complaint: str) -> str:
    for particular, column in (("assignee", "to"), ("due_on", "until"), ("accepted_until", "until")):
        if particular in complaint:
            return column
    return "said"
