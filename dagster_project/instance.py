"""The Dagster instance of a home: where runs are recorded, so that the UI shows what the command did."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance

_SETTINGS = """\
# Written once by gongkai; yours to change.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    # One working warehouse, one writer.
    max_concurrent_runs: 1
run_monitoring:
  enabled: true
run_retries:
  enabled: true
  max_retries: 2
  # A step that failed has had its own retries; only a run whose process died is started again.
  retry_on_asset_or_op_failure: false
"""


def prepare_instance(folder: Path) -> Path:
    """Write ``dagster.yaml`` where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        settings.write_text(_SETTINGS, encoding="utf-8")
    return folder


def open_instance(folder: Path) -> "DagsterInstance":
    """The persistent instance for runs of the command: a log of their own instead of Dagster's captured output, the event log kept open."""
    from dagster import DagsterInstance
    from dagster._core.instance.ref import InstanceRef

    overrides = {
        "compute_logs": {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"},
        "event_log_storage": {
            "module": "dagster_project.event_log",
            "class": "KeptEventLog",
            "config": {"base_dir": str(folder / "history" / "runs")},
        },
    }
    return DagsterInstance.from_ref(InstanceRef.from_dir(str(prepare_instance(folder)), overrides=overrides))
