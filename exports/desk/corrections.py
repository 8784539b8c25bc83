"""Corrected values as a delivery in the canonical form: the record as it stands with the new value in its place, DATA_TYPE 2, loaded like any other."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from exports.push.content import form
from quality.desk.errors import DeskUsageError
from quality.desk.lifecycle import Actor
from quality.desk.queue import Queue
from quality.unread import mending_file
from sources.clock import BEIJING
from sources.definitions import Dataset, datasets
from sources.deliveries import STATEMENT, read_statement
from sources.errors import SourceError
from sources.warehouse import ROWS_PER_DELIVERY

_TYPED = ("flag", "date", "instant", "integer", "decimal")


@dataclass(frozen=True)
class Correction:
    """The value that belongs into the cell that a finding is about."""

    finding_id: str
    value: str


@dataclass(frozen=True)
class _Record:
    """A record to deliver: its fields as text by our name. ``operation`` is its DATA_TYPE; ``file``: the delivery that it needs for itself."""

    dataset: Dataset
    fields: Mapping[str, str | None]
    operation: str
    file: str | None = None


def not_correctable(queue: Queue, finding_id: str, actor: Actor) -> str | None:
    """Why no value can be put right for a finding here, or None."""
    page = queue.finding(finding_id, actor)
    if page is None:
        # The action itself is refused, with the reason.
        return None
    known = page.delivered.cells if page.delivered else ()
    dataset = datasets().get(page.row["dataset"])
    if not known or dataset is None or page.row["column_name"] not in {column.name for column in dataset.columns}:
        return "is not for a finding that speaks of no single cell of a delivered row; correct the file and deliver it again"
    return None


def check_inbox(queue: Queue, corrections: Sequence[Correction], inbox: Path) -> None:
    """See that the inbox delivers as the source whose rows are corrected: a record belongs to the source that it came from.

    Raises DeskUsageError when it is another source's, or when the rows are of several.
    """
    sources = _sources(queue, corrections)
    if len(sources) > 1:
        names = "、".join(sorted(source["source_id"] for source in sources))
        message = f"the corrections are of rows of several sources ({names}); fill in and send back a workbook for each"
        raise DeskUsageError(message, "several_sources", sources=names)
    stated = _stated(inbox)
    for source in sources:
        if (inbox / STATEMENT).exists() and stated != source["source_id"]:
            message = f"{inbox / STATEMENT}: delivers as source {stated}, the corrections are of {source['source_id']}; name another folder"
            raise DeskUsageError(message, "another_source", stated=stated or "—", source=source["source_id"])


def _stated(inbox: Path) -> str | None:
    """The source that the inbox says it delivers as; None where it says nothing."""
    if not (inbox / STATEMENT).exists():
        return None
    try:
        return read_statement(inbox).source_id
    except SourceError as error:
        raise DeskUsageError(f"{inbox / STATEMENT}: {error}", "unreadable_inbox", file=STATEMENT) from error


def _sources(queue: Queue, corrections: Sequence[Correction]) -> list[dict[str, Any]]:
    rows = [row for row, _ in _cells_meant(queue, corrections).values()]
    return queue.ask(
        f"""SELECT DISTINCT s.* FROM snapshot.meta.sources AS s JOIN snapshot.meta.deliveries AS d USING (source_id)
        WHERE d.delivery_number IN (SELECT unnest($1::BIGINT[]) // {ROWS_PER_DELIVERY})""",
        [rows],
    )


def _cells_meant(queue: Queue, corrections: Sequence[Correction]) -> dict[str, tuple[int, str]]:
    """By finding, the source_row and the column that it is about."""
    rows = queue.ask(
        "SELECT finding_id, source_row, column_name FROM snapshot.quality.tracked_findings WHERE finding_id IN (SELECT unnest($1::VARCHAR[]))",
        [[correction.finding_id for correction in corrections]],
    )
    return {row["finding_id"]: (row["source_row"], row["column_name"]) for row in rows}


def write_corrections(queue: Queue, corrections: Sequence[Correction], inbox: Path, acted_at: datetime) -> list[Path]:
    """Write the corrected records, a file a data set, into ``inbox``, each whole or not at all; several corrections of a row make one record.

    A row that was loaded is delivered as a change (DATA_TYPE 2), one in quarantine as an addition. Where a column of the key changes, the old record is
    withdrawn (3) and the new one added. A quarantined row gets a file of its own (``quality.unread.mending_file``). An inbox without a statement gets that of the source.
    """
    if not corrections:
        return []
    meant = _cells_meant(queue, corrections)
    values: dict[int, dict[str, str]] = {}
    for correction in corrections:
        source_row, column = meant[correction.finding_id]
        values.setdefault(source_row, {})[column] = correction.value
    _state_source(_sources(queue, corrections)[0], inbox)
    records = [record for source_row, changed in values.items() for record in _records(queue, source_row, changed)]
    stamp = acted_at.astimezone(BEIJING)
    by_file: dict[str, list[_Record]] = {}
    for record in records:
        by_file.setdefault(record.file or f"{record.dataset.name}-desk-{stamp:%Y%m%dT%H%M%S%f}.csv", []).append(record)
    return [_write(inbox / name, of_file, stamp) for name, of_file in sorted(by_file.items())]


def _records(queue: Queue, source_row: int, changed: Mapping[str, str]) -> list[_Record]:
    delivery = queue.ask(f"SELECT dataset, delivery_id FROM snapshot.meta.deliveries WHERE delivery_number = ? // {ROWS_PER_DELIVERY}", [source_row])[
        0
    ]
    dataset = datasets()[delivery["dataset"]]
    selected = ", ".join(
        f'{form(dataset, column) if column.type in _TYPED else chr(34) + column.name + chr(34)} AS "{column.name}"' for column in dataset.columns
    )
    row = queue.ask(f"SELECT {selected}, data_key FROM snapshot.raw.{dataset.table} WHERE source_row = ?", [source_row])
    if not row:
        kept = queue.ask(
            "SELECT record FROM snapshot.meta.quarantine WHERE delivery_id = ? AND row_number = ?",
            [delivery["delivery_id"], source_row % ROWS_PER_DELIVERY],
        )
        received: dict[str, Any] = json.loads(kept[0]["record"])
        names = [*(column.name for column in dataset.columns), "data_key"]
        return [
            _Record(
                dataset,
                {name: received.get(name) for name in names} | dict(changed),
                "1",
                mending_file(dataset.name, delivery["delivery_id"], source_row % ROWS_PER_DELIVERY),
            )
        ]
    old = _Record(dataset, row[0], "2")
    new = replace(old, fields=row[0] | dict(changed))
    if row[0]["data_key"] or not set(dataset.key) & changed.keys():
        return [new]
    return [replace(old, operation="3"), replace(new, operation="1")]


def _write(path: Path, records: Sequence[_Record], stamp: datetime) -> Path:
    dataset, part = records[0].dataset, path.with_name(f".{path.name}.part")
    national = {column.name: column.national for column in dataset.columns}
    headings = [*national.values(), "DATA_TYPE", "DATA_KEY", "DATA_TIMESTAMP"]
    with part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(headings)
        for record in records:
            fields = [record.fields.get(name) for name in national]
            writer.writerow([*fields, record.operation, record.fields.get("data_key"), f"{stamp:%Y%m%d%H%M%S}"])
    part.replace(path)
    return path


def _state_source(source: Mapping[str, Any], inbox: Path) -> None:
    inbox.mkdir(parents=True, exist_ok=True)
    if not (inbox / STATEMENT).exists():
        stated = {name: source[name] for name in ("source_id", "label", "jurisdiction", "region_code") if source[name]} | {"encoding": "utf-8"}
        lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in stated.items()]
        (inbox / STATEMENT).write_text("\n".join([*lines, ""]), encoding="utf-8")
