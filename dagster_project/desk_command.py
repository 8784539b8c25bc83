"""``gongkai desk``: what may be asked of the quality desk from a shell. What it does is in ``dagster_project.desk``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from dagster_project.errors import UsageError
from dagster_project.home import VARIABLE, Home


def desk(
    *findings: str,
    region: str | None = None,
    dataset: str | None = None,
    check: str | None = None,
    state: str | None = None,
    text: str = "",
    overdue: bool = False,
    every: Annotated[bool, Parameter(name="--all", negative="")] = False,
    assign: str | None = None,
    correct: str | None = None,
    dispute: str | None = None,
    accept: str | None = None,
    reopen: str | None = None,
    note: str | None = None,
    reason: str | None = None,
    due: str | None = None,
    until: str | None = None,
    actor: str | None = None,
    export: Path | None = None,
    take_back: Annotated[Path | None, Parameter(name="--import")] = None,
    into: Path | None = None,
    draw_sample: str | None = None,
    size: int = 150,
    seed: int = 1,
    verify: bool = False,
    home: Annotated[Path | None, Parameter(name="--home", env_var=VARIABLE, help="主目录 home folder [default: ./gongkai-home]")] = None,
) -> int:
    """质量台：列出问题、派发、异议、豁免、导出与收回工作簿、核验日志。The quality desk: list findings and say what is done about them.

    Without an action the findings that pass the filters are listed. Exit codes: 0 done; 1 failed; 2 bad usage; 3 some rows of a workbook were refused.

    Parameters
    ----------
    findings
        Numbers of findings (their beginning is enough) that an action is done to; or --all for all that pass the filters.
    region
        Only of this region code, or of those below it when it ends in zeros.
    dataset
        Only of this data set.
    check
        Only of this check.
    state
        Only in this state: open, assigned, corrected, disputed, accepted, closed; without it all but closed.
    text
        Only where this stands in reason, value, record, column or file.
    overdue
        Only those whose due date is over by the day of the snapshot.
    every
        Do the action to all that pass the filters.
    assign
        Give them to this county, office or person.
    correct
        Report them as corrected, saying how; they close when the data passes.
    dispute
        Dispute them, saying why.
    accept
        Accept them as exceptions on this ground, until the day of --until.
    reopen
        Open them again, saying why.
    note
        Add a note.
    reason
        With --assign: why.
    due
        With --assign: by which day, YYYY-MM-DD.
    until
        With --accept: the last day of the exception, YYYY-MM-DD.
    actor
        Who acts; an action and --import need it.
    export
        Write the findings that pass the filters into this folder, a workbook a county.
    take_back
        Take back a workbook that was filled in.
    into
        With --import: folder into which corrected values are delivered; without it the inbox.
    draw_sample
        Draw records of this data set to be checked against the originals, into a workbook in the folder of --export; results come back by --import.
    size
        With --draw-sample: how many.
    seed
        With --draw-sample: the same number draws the same records.
    verify
        Compute every digest of the log again and compare with what the published snapshots say of it.
    """
    from dagster_project import desk as quality_desk

    said = {name: value for name, value in (("assign", assign), ("correct", correct), ("dispute", dispute), ("accept", accept), ("reopen", reopen), ("note", note)) if value is not None}  # fmt: skip
    place = Home.at(home)
    if draw_sample is not None:
        if said or take_back is not None or verify or export is None:
            raise UsageError("--draw-sample goes with --export FOLDER, --size, --seed and --actor")
        return quality_desk.draw_a_sample(place, draw_sample, size, seed, export, quality_desk.actor_named(actor))
    if len(said) + sum((export is not None, take_back is not None, verify)) > 1:
        raise UsageError("say one of --assign, --correct, --dispute, --accept, --reopen, --note, --export, --import and --verify")
    if verify:
        return quality_desk.verify(place)
    if take_back is not None:
        return quality_desk.take_workbook_back(place, take_back, quality_desk.actor_named(actor), into or place.inbox)
    filters = quality_desk.filters_of(region=region, dataset=dataset, check=check, state=state, text=text, overdue=overdue)
    if export is not None:
        return quality_desk.export_workbooks(place, export, filters, region)
    if said:
        if bool(findings) == every:
            raise UsageError("name the findings, or say --all for all that pass the filters")
        ((action, words),) = said.items()
        particulars = {"assignee" if action == "assign" else "reason": words, "due_on": due, "accepted_until": until}
        if reason is not None:
            particulars["reason"] = reason
        return quality_desk.act_on_findings(place, list(findings), filters, region, action, quality_desk.actor_named(actor), particulars)
    return quality_desk.list_findings(place, list(findings), filters, region)
