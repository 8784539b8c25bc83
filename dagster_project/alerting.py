"""Alerts of a run: sent as the environment says, and what could not be sent is logged and fails nothing."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from exports.alerts import Alert, AlertSettings, altered_log, send
from quality.desk.errors import LogAltered


def tell(alert: Alert, *, log: Callable[[str], object]) -> None:
    """Send an alert; failures go to the log."""
    for failure in send(alert, AlertSettings.from_environment(os.environ)):
        log(failure)


@contextmanager
def telling_of_an_altered_log(*, run_id: str, as_of: date, log: Callable[[str], object]) -> Iterator[None]:
    """Tell of a log that was altered, and let the run fail of it."""
    try:
        yield
    except LogAltered as error:
        tell(altered_log(str(error), run_id=run_id, as_of=as_of), log=log)
        raise
