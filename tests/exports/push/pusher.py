"""Pushes one home and ends; started by the test of killed pushes. ``python -m tests.exports.push.pusher HOME URL``."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from exports.push.errors import PushError
from exports.push.pushing import push
from exports.push.settings import PushSettings

if __name__ == "__main__":
    chosen = PushSettings(url=sys.argv[2], records_per_package=20, patience_seconds=20, timeout_seconds=5, first_pause_seconds=0.005, attempts=8)
    sys.stdout.write("imported\n")
    sys.stdout.flush()
    try:
        pushed = push(Path(sys.argv[1]), chosen, "json", lambda: datetime.now(UTC))
    except PushError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{pushed.status.queued + pushed.status.under_way}\n")
