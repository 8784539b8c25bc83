"""``gongkai prune``: old snapshots make room."""

import os
from datetime import datetime

from rich.console import Console
from rich.markup import escape

from dagster_project.errors import UsageError
from dagster_project.home import Home
from dagster_project.writer import Holder, writing
from exports.pruning import older_snapshots, remove_snapshots, size_of
from sources.clock import BEIJING


def prune(home: Home, keep: int, *, dry_run: bool) -> int:
    """Remove all snapshots but the current one and the last ``keep``, telling each with its size. Raises UsageError for a ``keep`` below one and WriterBusy."""
    if keep < 1:
        raise UsageError(f"--keep {keep}: keep at least the snapshot that was published last")
    console = Console(highlight=False)
    holder = Holder("", os.getpid(), datetime.now(BEIJING).isoformat(timespec="seconds"), "gongkai prune")
    with writing(home.work, holder, wait_seconds=0):
        snapshots = older_snapshots(home.path, keep)
        total = 0
        for snapshot in snapshots:
            size = size_of(snapshot)
            total += size
            console.print(f"{escape(snapshot.name)}  {size:,} bytes")
        if not dry_run:
            remove_snapshots(snapshots)
    done = "would be removed 将删除" if dry_run else "removed 已删除"
    console.print(f"{len(snapshots)} snapshots 份快照, {total:,} bytes {done}")
    return 0
