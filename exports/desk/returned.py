"""A county's workbook that comes back: what was filled in goes to the log, corrected values become a delivery; what cannot be taken is told by row and column."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
from sources.readers import ReadResult, read

#: The column to blame, by what was wrong with an action.
_BLAMED = {"not_in_this_state": "action", "not_this_role": "action", "stale": "state"}
#: The column in which a part of an action is written.
COLUMN_OF = {"reason": "said", "assignee": "to", "due_on": "until", "accepted_until": "until"}
_SHOWN_VALUE = 80


@dataclass(frozen=True)
class RowRefused:
    """One row of a workbook that was not taken: its file, row (the headings are row 1), column and the reason. ``value``: what stands in the column;
    ``kind`` and ``said``: the reason without words, for whoever words it in another language."""

    file: str
    row: int
    column: str
    reason: str
    kind: str = ""
    value: str = ""
    said: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}, column {self.column}: {self.reason}"


@dataclass(frozen=True)
class Returned:
    """What became of a workbook: actions entered, deliveries of corrected values written, rows refused, rows in which nothing was filled in; ``sheet``: which of its
    sheets was read."""

    entered: int
    corrected: int
    files: list[Path]
    refusals: list[RowRefused]
    unfilled: int
    sheet: str | None = None


@dataclass(frozen=True)
class _Row:
    number: int
    cells: Mapping[str, str]
    request: Request
    corrected: str | None


def take_back(queue: Queue, path: Path, actor: Actor, *, acted_at: datetime, inbox: Path) -> Returned:
    """Take a workbook that was filled in; corrected values are written as deliveries into ``inbox``.

    A row whose number was changed, that was torn, with an unknown action, or whose finding moved since is refused, and the rest goes on.
    Raises DeskUsageError, and takes nothing, when the file is no workbook of the desk, or the inbox another source's.
    """
    content = _read(path)
    # What the reader could not take is told like any other row.
    refusals = [RowRefused(path.name, one.row_number or 0, one.column or "", one.reason, one.rule, _cut(one.value)) for one in content.refusals]
    rows: list[_Row] = []
    unfilled = 0
    seen: dict[str, int] = {}
    for number, cells in _cells(content, path):
        if not any(cells[name] for name in FILLED):
            unfilled += 1
            continue
        try:
            row = _understood(queue, number, cells, actor)
            first = seen.setdefault(row.request.finding_id, number)
            if first != number:
                raise _Unusable("repeated", "finding_id", f"stands in row {first} already", first=first)
            rows.append(row)
        except _Unusable as unusable:
            refusals.append(_refused(path, number, cells, unusable.column, unusable.kind, unusable.reason, unusable.said))
    check_inbox(queue, [Correction(row.request.finding_id, row.corrected) for row in rows if row.corrected is not None], inbox)
    done = queue.act_on([row.request for row in rows], actor, acted_at=acted_at, partial=True)
    refused = {refusal.finding_id: refusal for refusal in done.refusals}
    corrections = []
    for row in rows:
        if refusal := refused.get(row.request.finding_id):
            blamed = _BLAMED.get(refusal.kind, "finding_id")
            refusals.append(_refused(path, row.number, row.cells, blamed, refusal.kind, refusal.reason, refusal.said))
        elif row.corrected is not None:
            corrections.append(Correction(row.request.finding_id, row.corrected))
    files = write_corrections(queue, corrections, inbox, acted_at)
    return Returned(done.entered, len(corrections), files, sorted(refusals, key=lambda refusal: refusal.row), unfilled, content.sheet)


def _refused(path: Path, number: int, cells: Mapping[str, str], column: str, kind: str, reason: str, said: Mapping[str, object]) -> RowRefused:
    return RowRefused(path.name, number, label(f"desk.{column}"), reason, kind, _cut(cells.get(column)), said)


def _cut(value: str | None) -> str:
    return value or "" if len(value or "") <= _SHOWN_VALUE else f"{(value or '')[: _SHOWN_VALUE - 1]}…"


def _read(path: Path) -> ReadResult:
    try:
        return read(path)
    except UnreadableFile as error:
        raise DeskUsageError(f"{path}: {error.reason}", "unreadable", rule=error.rule, file=path.name) from error


def _cells(content: ReadResult, path: Path) -> list[tuple[int, dict[str, str]]]:
    headings = {label(f"desk.{name}"): name for name in (*SHOWN, *FILLED)}
    there = {headings[column]: column for column in content.table.column_names if column in headings}
    if missing := [label(f"desk.{name}") for name in (*RECOGNISED, *FILLED) if name not in there]:
        message = f"{path}: has no column {'、'.join(missing)}; send back a workbook that gongkai desk --export wrote, with its headings"
        raise DeskUsageError(message, "no_columns", file=path.name, sheet=content.sheet or "—", headings=missing)
    columns = {name: content.table.column(column).to_pylist() for name, column in there.items()}
    numbers = content.table.column("row_number").to_pylist()
    return [(number, {name: (values[place] or "").strip() for name, values in columns.items()}) for place, number in enumerate(numbers)]


class _Unusable(Exception):
    """A row that cannot be taken: the kind of reason, the column to blame, the reason, and what it speaks of."""

    def __init__(self, kind: str, column: str, reason: str, **said: object) -> None:
        super().__init__(reason)
        self.kind, self.column, self.reason, self.said = kind, column, reason, said


def _understood(queue: Queue, number: int, cells: Mapping[str, str], actor: Actor) -> _Row:
    """What a row asks for. Raises _Unusable."""
    _recognise(cells)
    corrected = cells["corrected"] or None
    action = _action(cells, corrected)
    said = _said(action, cells, corrected is not None)
    try:
        read_particulars(action, said, queue.as_of)
    except DeskUsageError as error:
        raise _Unusable(error.kind, _blamed(error), str(error), **error.said) from error
    if corrected and (reason := not_correctable(queue, cells["finding_id"], actor)):
        raise _Unusable("not_correctable", "corrected", reason)
    by_label = {texts["zh"]: name for name, texts in states().items()}
    request = Request(cells["finding_id"], action, said, by_label.get(cells["state"], cells["state"]), int(cells["version"]))
    return _Row(number, cells, request, corrected)


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
        raise _Unusable(
            "unknown_action", "action", f"{said[:40]!r} is unknown; one of: {'、'.join(wanted)}", action=said, actions=list(wanted.values())
        )
    action = wanted.get(said, "correct" if corrected else "")
    if not action:
        raise _Unusable("no_action", "action", f"is empty; one of: {'、'.join(wanted)}", actions=list(wanted.values()))
    if corrected and action != "correct":
        raise _Unusable("not_with_correction", "corrected", f"goes with {actions()['correct'].label['zh']}, not with {said}", action=action)
    return action


def _said(action: str, cells: Mapping[str, str], has_correction: bool) -> dict[str, object]:
    # A cell that holds a date comes with its midnight.
    until = cells["until"].removesuffix(" 00:00:00")
    said: dict[str, object] = {"reason": cells["said"] or (label("desk.corrected_by_workbook") if has_correction else ""), "assignee": cells["to"]}
    said["accepted_until" if action == "accept" else "due_on"] = until
    return {name: value for name, value in said.items() if value}


def _blamed(complaint: DeskUsageError) -> str:
    """The column to blame: of several parts, that of the first."""
    match complaint.said.get("parts"):
        case [str(part), *_]:
            return COLUMN_OF[part]
        case _:
            return "action"
