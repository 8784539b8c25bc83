"""What a run shows while it goes on: one line a step, with rows and time; on a terminal also what it is doing now."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from dagster import AssetMaterialization
    from dagster._core.events.log import EventLogEntry
    from rich.status import Status

LABELS = {
    "deliveries": "入库 load",
    "models": "建模 model",
    "audit": "审核 audit",
    "snapshot": "发布 publish",
}
_DURATION = "{:.1f} s"


@contextmanager
def own_output(log: Path | None) -> Iterator[Console]:
    """A console on the real standard output, while everything else that prints, child processes included, goes to ``log`` (nowhere else when None)."""
    sys.stdout.flush()
    sys.stderr.flush()
    screen = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    saved = [os.dup(1), os.dup(2)]
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as stream:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
    try:
        yield Console(file=screen, soft_wrap=True, highlight=False)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, descriptor in enumerate(saved, start=1):
            os.dup2(descriptor, number)
            os.close(descriptor)
        with suppress(BrokenPipeError):
            screen.close()


@dataclass
class _Step:
    started: float
    tables: int = 0
    rows: int = 0
    checks: int = 0
    failed: int = 0
    unchanged: bool = False


@dataclass
class Progress:
    """Listens to a run's events and tells them; call it with each."""

    console: Console
    _steps: dict[str, _Step] = field(default_factory=dict)
    _status: "Status | None" = None

    def __call__(self, entry: "EventLogEntry") -> None:
        event = entry.dagster_event
        if event is None:
            self._now(entry.step_key, entry.user_message)
            return
        tell = getattr(self, f"_on_{event.event_type_value.lower()}", None)
        if tell and event.step_key:
            tell(event.step_key, event)

    def say(self, mark: str, label: str, detail: str) -> None:
        """One finished line."""
        self.console.print(f"{mark} {escape(_padded(label))} {escape(detail)}")

    def begin(self, label: str) -> None:
        """Say what starts; on a terminal it stays only until something finishes."""
        if self.console.is_terminal:
            self.end()
            self._status = self.console.status(escape(label))
            self._status.start()
        else:
            self.console.print(f"… {escape(label)}")

    def end(self) -> None:
        """Take away what was being done."""
        if self._status:
            self._status.stop()
            self._status = None

    def _now(self, step: str | None, message: str) -> None:
        if self._status and step and "\n" not in message:
            self._status.update(f"{escape(LABELS.get(step, step))}  [dim]{escape(message[:100])}[/dim]")

    def _on_step_start(self, step: str, _: Any) -> None:
        self._steps[step] = _Step(time.monotonic())
        self.begin(LABELS.get(step, step))

    def _on_asset_materialization(self, step: str, event: Any) -> None:
        materialization: AssetMaterialization = event.event_specific_data.materialization
        self._steps[step].tables += 1
        rows = materialization.metadata.get("dagster/row_count")
        self._steps[step].rows += int(rows.value) if rows is not None else 0  # type: ignore[arg-type]

    def _on_asset_observation(self, step: str, event: Any) -> None:
        self._steps[step].unchanged |= "unchanged" in event.event_specific_data.asset_observation.metadata

    def _on_asset_check_evaluation(self, step: str, event: Any) -> None:
        self._steps[step].checks += 1
        self._steps[step].failed += not event.event_specific_data.passed

    def _on_step_success(self, step: str, _: Any) -> None:
        self.end()
        done = self._steps[step]
        self.say("[yellow]=[/yellow]" if done.unchanged else "[green]✓[/green]", LABELS.get(step, step), _detail(done))

    def _on_step_skipped(self, step: str, _: Any) -> None:
        self.say("[yellow]=[/yellow]", LABELS.get(step, step), "skipped 跳过")

    def _on_step_up_for_retry(self, step: str, _: Any) -> None:
        self.end()
        self.say("[yellow]↻[/yellow]", LABELS.get(step, step), "will be tried again 稍后重试")

    def _on_step_failure(self, step: str, _: Any) -> None:
        self.end()
        self.say("[red]✗[/red]", LABELS.get(step, step), _detail(self._steps[step]))


def _padded(label: str) -> str:
    """Chinese characters are two columns wide."""
    width = sum(2 if character > "⺀" else 1 for character in label)
    return label + " " * max(0, 14 - width)


def _detail(step: _Step) -> str:
    parts = []
    if step.unchanged:
        parts.append("unchanged 无变化")
    if step.tables > 1:
        parts.append(f"{step.tables} tables 张表")
    if step.rows:
        parts.append(f"{step.rows:,} rows 行")
    if step.checks:
        parts.append(f"{step.checks} checks 项检查" + (f", {step.failed} failed 未通过" if step.failed else ""))
    return " · ".join([*parts, _DURATION.format(time.monotonic() - step.started)])
