"""``gongkai desk``: what it prints and how it ends."""

import difflib
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.errors import UsageError
from dagster_project.home import Home
from dagster_project.run import Outcome
from exports.answers.asking import both
from exports.publication import WAREHOUSE, current_snapshot, published_log_heads
from quality.checks import all_checks
from quality.desk.acting import Request
from quality.desk.lifecycle import Actor, Role, actions, states
from quality.desk.log import DeskLog, desk_folder
from quality.desk.naming import column_label, dataset_label
from quality.desk.queue import Filters, Queue
from quality.desk.tracking import verify_log
from sources.clock import BEIJING
from sources.definitions import datasets

if TYPE_CHECKING:
    from exports.desk.returned import Returned

_LISTED = 50
_REGION_CODE = re.compile("[0-9A-Z]{6}")
#: Whoever has the folder in hands may do everything; who it was is theirs to say.
_ROLE: Role = "administrator"


def actor_named(name: str | None) -> Actor:
    """Who acts. Raises UsageError for nobody."""
    if not name or not name.strip():
        raise UsageError("say who acts: --actor NAME")
    return Actor(name.strip(), _ROLE)


def filters_of(*, region: str | None, dataset: str | None, check: str | None, state: str | None, text: str, overdue: bool) -> Filters:
    """The filters of the options; the region is the actor's matter, because a code that ends in zeros stands for all below it.

    Raises UsageError for a region, data set, check or state that there cannot be: it would pass nothing, and look like an empty queue.
    """
    if region is not None and not _REGION_CODE.fullmatch(region):
        raise UsageError(f"--region {region!r} is no region code; write its six places, for example 421224")
    if dataset is not None:
        # Data sets first, then the tables of the warehouse that checks ask of.
        _one_of("--dataset", dataset, dict.fromkeys([*datasets(), *sorted(found.dataset for found in all_checks())]))
    if check is not None and check not in (known := [found.check_id for found in all_checks()]):
        near = difflib.get_close_matches(check, known, cutoff=0.4)
        raise UsageError(f"--check {check!r} is unknown; {f'did you mean {near[0]}?' if near else 'docs/quality.md names the checks'}")
    if state is not None:
        _one_of("--state", state, states())
    wanted = {"dataset": dataset, "check_id": check, "state": state}
    return Filters({name: [value] for name, value in wanted.items() if value is not None}, text, overdue)


def _one_of(option: str, value: str, known: Collection[str]) -> None:
    if value not in known:
        raise UsageError(f"{option} {value!r} is unknown; one of: {', '.join(known)}")


def verify(home: Home) -> Outcome:
    """Check the log and the files that it names. Raises LogAltered."""
    heads = published_log_heads(home.path)
    head = verify_log(DeskLog(desk_folder(home.path)), heads)
    _say(f"日志 log  {head.number:,} entries, each follows from the one before · {len(heads):,} snapshots agree · head {head.digest}")
    return Outcome.PUBLISHED


@contextmanager
def open_queue(home: Home) -> Iterator[Queue]:
    """The desk of the published snapshot. Raises UsageError when nothing was published."""
    snapshot = current_snapshot(home.path)
    if snapshot is None:
        raise UsageError(f"{home.path}: nothing was published yet; gongkai run publishes")
    queue = Queue(snapshot / WAREHOUSE, DeskLog(desk_folder(home.path)))
    try:
        yield queue
    finally:
        queue.close()


def _looking(region: str | None) -> Actor:
    return Actor("gongkai desk", "viewer", (region,) if region else ())


def _chosen(queue: Queue, numbers: Sequence[str]) -> list[str]:
    """The findings with these numbers, of which the beginning is enough. Raises UsageError for one that is none or several."""
    every = queue.matching(Filters({"state": list(states())}), _looking(None))
    found = []
    for number in numbers:
        matching = [finding for finding in every if finding.startswith(number)]
        if len(matching) != 1:
            raise UsageError(f"{number}: {'no finding begins so' if not matching else f'{len(matching)} findings begin so; write more of it'}")
        found.append(matching[0])
    return found


def list_findings(home: Home, numbers: Sequence[str], filters: Filters, region: str | None) -> Outcome:
    """Print the findings that pass, the most severe and oldest first; of findings that are named, everything."""
    with open_queue(home) as queue:
        if numbers:
            for finding in _chosen(queue, numbers):
                _tell_finding(queue, finding)
            return Outcome.PUBLISHED
        page = queue.page(filters, _looking(region), page_size=_LISTED)
        names = queue.region_names()
    for row in page.rows:
        what = f"{dataset_label(row['dataset'])} · {column_label(row['dataset'], row['column_name'])} · {row['reason'] or row['label']}"
        who = f" · {row['assignee']}" if row["assignee"] else ""
        _say(
            f"{row['finding_id'][:8]}  {states()[row['state']]['zh']}  {names.get(row['region_code'], row['region_code'] or '-')}  {what}{who} · {row['age_days']} d"
        )
    more = f"，其余 {page.total - len(page.rows):,} more not listed" if page.total > len(page.rows) else ""
    _say(f"{page.total:,} findings 个问题{more}")
    return Outcome.PUBLISHED


def _tell_finding(queue: Queue, finding_id: str) -> None:
    page = queue.finding(finding_id, Actor("gongkai desk", "viewer"))
    assert page is not None, "a viewer without a region sees all"
    row = page.row
    _say(f"{finding_id}  {states()[row['state']]['zh']} {row['state']} · {row['check_id']}")
    told = [("检查 check", row["label"]), ("问题 reason", row["reason"]), ("现值 value", row["value"])]
    if page.delivered:
        told.append(("文件 file", f"{page.delivered.file} · row {page.delivered.row_number}"))
    if page.rule:
        told.append(("依据 rule", f"{page.rule['label']}（{page.rule['legal_source']}）"))
    if page.explanation:
        told += [
            (name, texts["zh"])
            for name, texts in (("含义", page.explanation.meaning), ("影响", page.explanation.effect), ("怎么改", page.explanation.mend))
        ]
    told += [("承办 assignee", row["assignee"]), ("期限 due", row["due_on"]), ("豁免至 until", row["accepted_until"])]
    for name, value in told:
        if value is not None:
            _say(f"  {name}  {value}")
    for happening in page.history:
        kind = actions()[happening.kind].label["zh"] if happening.kind in actions() else happening.kind
        parts = (happening.actor, happening.assignee, happening.reason)
        _say(f"  {happening.as_of}  {kind}{''.join(f' · {part}' for part in parts if part)}")


def act_on_findings(
    home: Home, numbers: Sequence[str], filters: Filters, region: str | None, action: str, actor: Actor, particulars: Mapping[str, object]
) -> Outcome:
    """Do an action to findings. Raises ActionRefused when it is not possible for one of them; then nothing is done."""
    with open_queue(home) as queue:
        chosen = _chosen(queue, numbers) if numbers else queue.matching(filters, _looking(region))
        if not chosen:
            raise UsageError("no finding passes the filters")
        said = {name: value for name, value in particulars.items() if value is not None}
        done = queue.act_on([Request(finding, action, said) for finding in chosen], actor, acted_at=datetime.now(BEIJING))
    _say(f"{actions()[action].label['zh']} {action}  {done.entered:,} findings · log entry {done.head.number:,}")
    return Outcome.PUBLISHED


def export_workbooks(home: Home, out: Path, filters: Filters, region: str | None) -> Outcome:
    """Write a workbook for each county with findings."""
    from exports.desk.workbook import write_county_workbooks

    with open_queue(home) as queue:
        written = write_county_workbooks(queue, out, _looking(region), filters=filters)
    for workbook in written:
        _say(f"{workbook.path} · {workbook.findings:,} findings")
        if workbook.kept:
            _say(f"  {both('documents.kept', file=workbook.kept.name)}")
    if not written:
        _say("no finding passes the filters 没有问题")
    return Outcome.PUBLISHED


def draw_a_sample(home: Home, name: str, size: int, seed: int, out: Path, actor: Actor) -> Outcome:
    """Draw a sample, enter it in the log and write its workbook."""
    from exports.desk.sample_workbook import write_sample
    from quality.desk.sampling import draw, drawn_rows, enter_sample

    dataset = datasets().get(name)
    if dataset is None:
        raise UsageError(f"--draw-sample {name}: no such data set; one of: {', '.join(datasets())}")
    with open_queue(home) as queue, queue.cursor() as cursor:
        sample = draw(cursor, dataset, size, seed, queue.as_of)
        enter_sample(queue.log, sample, actor, datetime.now(BEIJING))
        path = write_sample(sample, drawn_rows(cursor, sample), out, queue.region_names())
    _say(
        f"抽样 sample {sample.sample_id}  {len(sample.keys):,} of {sum(count for count, _ in sample.strata.values()):,} records, {len(sample.strata)} regions, seed {seed}"
    )
    _say(str(path))
    return Outcome.PUBLISHED


def take_workbook_back(home: Home, path: Path, actor: Actor, inbox: Path) -> Outcome:
    """Take a filled workbook back; NOT_PUBLISHED (3) when rows of it were refused."""
    from exports.desk.returned import take_back
    from exports.desk.sample_workbook import is_sample, take_sample_back

    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    with open_queue(home) as queue:
        acted_at = datetime.now(BEIJING)
        returned: Returned = (
            take_sample_back(queue.log, path, actor, acted_at=acted_at)
            if is_sample(path)
            else take_back(queue, path, actor, acted_at=acted_at, inbox=inbox)
        )
    _say(
        f"收回 taken back  {returned.entered:,} entered · {returned.corrected:,} corrected values · {len(returned.refusals):,} refused · {returned.unfilled:,} not filled in"
    )
    for file in returned.files:
        _say(f"更正交付 delivery  {file}")
    for refusal in returned.refusals:
        _say(f"未收 refused  {refusal}")
    return Outcome.NOT_PUBLISHED if returned.refusals else Outcome.PUBLISHED


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
