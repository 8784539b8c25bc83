"""The commands that ask the published snapshot: from arguments to lines on the terminal. Light: neither Dagster nor dbt is loaded."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from dagster_project.errors import UsageError
from dashboards.labels import LANGUAGES, label
from dashboards.snapshot import SnapshotError
from exports.answers import decomposition, forecasting, obligation, whatif
from exports.answers.asking import AnswerError, asking
from exports.answers.change import Change, checked_threshold, read_change
from exports.answers.period import Period
from exports.issued.freezing import issue
from exports.issued.telling import differences, list_issued
from sources.clock import BEIJING
from sources.issued_statements import StatementAltered


def explain_one(home: Path, obligation_id: str) -> int:
    """Why one obligation was judged as it was."""
    with _asked(home) as connection:
        return _told(obligation.explain(connection, obligation_id))


def explain_rate(home: Path, place: str, period: str, against: str | None, measure: str) -> int:
    """Why a rate moved between two periods."""
    with _asked(home) as connection:
        earlier = Period.read(against) if against else None
        return _told(decomposition.explain_rate(connection, place, Period.read(period), earlier, measure=measure))


def what_if(home: Path, rules: Path | None, threshold: int | None, out: Path | None) -> int:
    """What other rules, holidays or another threshold would do."""
    with _asked(home) as connection:
        change = read_change(rules) if rules else Change()
        line = None if threshold is None else checked_threshold(threshold)
        return _told(whatif.what_if(connection, change, line, out))


def forecast(home: Path, days: int, out: Path | None) -> int:
    """What falls due in the next working days."""
    with _asked(home) as connection:
        return _told(forecasting.forecast(connection, days, out))


def issue_period(home: Path, period: str, again: str | None) -> int:
    """Freeze what the snapshot says of a period."""
    with _answerable():
        edition = issue(home, Period.read(period), issued_at=datetime.now(BEIJING), again=again)
    values = {"period": edition.period, "edition": edition.number, "count": f"{edition.content['obligations']:,}", "folder": edition.folder}
    return _told([label("issued.done", tongue, **values) for tongue in LANGUAGES])


def issued_list(home: Path) -> int:
    """Which statements there are."""
    with _answerable():
        return _told(list_issued(home))


def issued_differences(home: Path, period: str, edition: int | None) -> int:
    """What is counted otherwise than in a statement."""
    with _answerable():
        return _told(differences(home, Period.read(period), edition))


@contextmanager
def _asked(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The snapshot of the home."""
    with _answerable(), asking(home) as connection:
        yield connection


@contextmanager
def _answerable() -> Iterator[None]:
    """What cannot be answered is the asker's to change."""
    try:
        yield
    except (AnswerError, SnapshotError, StatementAltered, OSError) as error:
        raise UsageError(str(error)) from error


def _told(lines: list[str]) -> int:
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
