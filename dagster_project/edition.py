"""The edition a run makes: which deliveries, as of which day, alone on the working warehouse from its first step to its last."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from dagster import ConfigurableResource, DagsterInstance, DagsterRunStatus, InitResourceContext, get_dagster_logger
from pydantic import Field, PrivateAttr

from dagster_project.home import Home
from dagster_project.intake import choose_as_of, choose_deliveries, choose_known_at
from dagster_project.writer import Holder, writing
from exports.publication import remove_leftovers
from sources.clock import BEIJING

_UNFINISHED = (DagsterRunStatus.STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.CANCELING)


class Edition(ConfigurableResource):
    """What the steps of one run share. The clock is read here, once, when the run starts."""

    deliveries: str | None = Field(
        default=None, description="交付文件夹。Folder of the delivery; empty: the inbox when it holds files, else the example city."
    )
    as_of: str | None = Field(
        default=None, description="截止日 YYYY-MM-DD。The day whose truth is told; empty: the one stated in delivery.toml, else today in Beijing."
    )
    known_at: str | None = Field(
        default=None, description="所知日 YYYY-MM-DD。The day up to which versions of records are read, not before as_of; empty: the same day."
    )
    wait_seconds: float = Field(default=600, description="等待写库的秒数。How long to wait for another run that is writing before giving up.")

    _home: Home = PrivateAttr()
    _folder: Path = PrivateAttr()
    _day: date = PrivateAttr()
    _known_day: date = PrivateAttr()
    _started_at: datetime = PrivateAttr()

    @property
    def home(self) -> Home:
        return self._home

    @property
    def folder(self) -> Path:
        """The delivery folder that was chosen."""
        return self._folder

    @property
    def day(self) -> date:
        """The day whose truth is told."""
        return self._day

    @property
    def known_day(self) -> date:
        """The day up to which we know what records say."""
        return self._known_day

    @property
    def started_at(self) -> datetime:
        return self._started_at

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator["Edition"]:
        """Take the writer's lock for the whole run, tidy up after killed runs, and settle the deliveries and the day.

        Raises WriterBusy and UsageError, each naming what to do.
        """
        self._home = Home.at()
        self._started_at = datetime.now(BEIJING)
        run_id = context.run_id or ""
        holder = Holder(run_id, os.getpid(), self._started_at.isoformat(timespec="seconds"), _command())
        with writing(self._home.work, holder, wait_seconds=self.wait_seconds) as killed:
            for name in [*remove_leftovers(self._home.path), *_remove_scratch(self._home.work)]:
                get_dagster_logger().info(f"removed {name}, left by a killed run")
            if killed and context.instance:
                _close_record(context.instance, killed.run_id)
            self._folder = choose_deliveries(Path(self.deliveries) if self.deliveries else None, self._home)
            self._day = choose_as_of(self.as_of, self._folder, self._started_at)
            self._known_day = choose_known_at(self.known_at, self._day)
            yield self


def _command() -> str:
    """What started this run, as a person would say it; Dagster's own command lines say nothing to anybody."""
    program = Path(sys.argv[0]).name
    return " ".join([program, *sys.argv[1:]]) if program == "gongkai" else "gongkai ui"


def _remove_scratch(work: Path) -> list[str]:
    leftovers = [*work.glob("reading-*"), *work.glob("audit-*"), *work.glob("dbt-*")]
    for path in leftovers:
        shutil.rmtree(path, ignore_errors=True)
    return [path.name for path in leftovers]


def _close_record(instance: DagsterInstance, run_id: str) -> None:
    """A killed run cannot say that it failed; the one that takes its place says it."""
    run = instance.get_run_by_id(run_id)
    if run and run.status in _UNFINISHED:
        instance.report_run_failed(run, "the process of this run was killed")
