"""How every step fails: what a person can mend is said in one line and not tried again; what may pass is tried again."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from dagster import Backoff, Failure, RetryPolicy, RetryRequested

#: A file lock or a full disk may pass; nothing else is worth a second attempt.
RETRIES = RetryPolicy(max_retries=2, delay=2, backoff=Backoff.EXPONENTIAL)
_ROOMS = frozenset({"sources", "quality", "exports", "dashboards", "dagster_project"})


@contextmanager
def plain_failures() -> Iterator[None]:
    """Turn the typed errors of the house into Dagster failures with their message, and unknown ones into failures without further attempts."""
    try:
        yield
    except (Failure, RetryRequested):
        raise
    except Exception as error:
        if type(error).__module__.partition(".")[0] in _ROOMS:
            raise Failure(str(error), allow_retries=False) from error
        if isinstance(error, (OSError, duckdb.IOException)):
            raise
        raise Failure(f"unexpected {type(error).__name__}: {error}", allow_retries=False) from error
