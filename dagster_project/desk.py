"""``gongkai desk``: what it prints and how it ends."""

import sys

from dagster_project.home import Home
from dagster_project.run import Outcome
from exports.publication import published_log_heads
from quality.desk.log import DeskLog, desk_folder
from quality.desk.tracking import verify_log


def verify(home: Home) -> Outcome:
    """Check the log and the files that it names. Raises LogAltered."""
    heads = published_log_heads(home.path)
    head = verify_log(DeskLog(desk_folder(home.path)), heads)
    _say(f"日志 log  {head.number:,} entries, each follows from the one before · {len(heads):,} snapshots agree · head {head.digest}")
    return Outcome.PUBLISHED


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
