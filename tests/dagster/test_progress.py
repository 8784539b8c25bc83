"""What a run shows, from the events of a real Dagster run."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from dagster import DagsterInstance, Definitions, Failure, MaterializeResult, asset, define_asset_job
from rich.console import Console

from dagster_project.progress import Progress

ROOT = Path(__file__).resolve().parents[2]


@asset
def deliveries(context) -> MaterializeResult:  # type: ignore[no-untyped-def]
    context.log.info("511.csv · 3 rows")
    return MaterializeResult(metadata={"dagster/row_count": 12345})


@asset(deps=[deliveries])
def snapshot() -> None:
    raise Failure("the disk is full", allow_retries=False)


@asset(deps=[snapshot])
def after() -> None: ...


def shown(*, terminal: bool) -> str:
    output = io.StringIO()
    with DagsterInstance.ephemeral() as instance:
        run_id = "8d8d5a3e-5cf0-4e8b-9d3a-0b5d2a3c9a11"
        instance.add_event_listener(run_id, Progress(Console(file=output, force_terminal=terminal, width=120, highlight=False)))
        job = Definitions(assets=[deliveries, snapshot, after], jobs=[define_asset_job("job")]).resolve_job_def("job")
        job.execute_in_process(instance=instance, run_id=run_id, raise_on_error=False)
    return output.getvalue()


def test_every_step_is_one_line_with_rows_and_time() -> None:
    lines = shown(terminal=False).splitlines()
    assert lines[0] == "… 入库 load"
    assert lines[1].startswith("✓ 入库 load")
    assert "12,345 rows" in lines[1]
    assert lines[1].endswith(" s")
    assert lines[3].startswith("✗ 发布 publish")
    assert len(lines) == 4, "a step that was never reached is not told"


def test_on_a_terminal_it_tells_what_it_is_doing() -> None:
    assert "511.csv · 3 rows" in shown(terminal=True)
    assert "511.csv" not in shown(terminal=False)


@pytest.mark.parametrize("verbose", [False, True])
def test_chatter_goes_to_the_log_and_only_there(tmp_path: Path, verbose: bool) -> None:
    log = tmp_path / "logs" / "run.log"
    code = f"""
import subprocess, sys
from pathlib import Path
from dagster_project.progress import own_output
with own_output({"None" if verbose else f"Path({str(log)!r})"}) as console:
    print("chatter")
    subprocess.run(["sh", "-c", "echo child; echo complaint >&2"])
    console.print("told")
print("after")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    if verbose:
        assert sorted(done.stdout.split()) == ["after", "chatter", "child", "told"]
    else:
        assert done.stdout.split() == ["told", "after"]
        assert done.stderr == ""
        assert sorted(log.read_text().split()) == ["chatter", "child", "complaint"]
