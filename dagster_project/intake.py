"""Which deliveries a run takes, and as of which day it speaks."""

import os
import shutil
from datetime import date, datetime
from pathlib import Path

from dagster_project.errors import UsageError
from dagster_project.home import Home
from sources.clock import BEIJING
from sources.deliveries import read_statement, visible_files

CITY = "xianning-2017"


def has_files(folder: Path) -> bool:
    """Whether anything visible was put into a folder."""
    return any(True for _ in visible_files(folder))


def choose_deliveries(given: Path | None, home: Home) -> Path:
    """The folder given, else the inbox when it is not empty, else the example city, which is simulated once.

    Raises UsageError when the folder given is not there.
    """
    if given is not None:
        if not given.is_dir():
            raise UsageError(f"{given}: no such folder; name the folder of a delivery with --deliveries")
        return given.absolute()
    return home.inbox if has_files(home.inbox) else _example(home)


def _example(home: Home) -> Path:
    """The bundled city, written beside and renamed, so that a killed run leaves all of it or nothing."""
    folder = home.example / CITY
    if not folder.exists():
        from sources.simulated import simulate_city

        partial = home.example / f".{CITY}-{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        partial.parent.mkdir(parents=True, exist_ok=True)
        simulate_city(CITY, partial)
        partial.rename(folder)
    return folder


def read_date(text: str) -> date:
    """A day as YYYY-MM-DD. Raises UsageError otherwise."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise UsageError(f"{text!r} is no day; write it as YYYY-MM-DD, for example 2018-01-25") from error


def choose_as_of(given: str | None, deliveries: Path, now: datetime) -> date:
    """The day given, else the one the sender states, else the day of ``now`` in Beijing.

    Raises UsageError for a day that is none and DeliveryError for a statement that cannot be read.
    """
    if given:
        return read_date(given)
    return read_statement(deliveries).as_of or now.astimezone(BEIJING).date()


def choose_known_at(given: str | None, as_of: date) -> date:
    """The day up to which records are known: the one given, else the day whose truth is told.

    Raises UsageError for an earlier one: what had not happened yet when we last looked would be told as if it never did.
    """
    known_at = read_date(given) if given else as_of
    if known_at < as_of:
        raise UsageError(f"--known-at {known_at} is before the day asked about ({as_of}); name that day or a later one")
    return known_at
