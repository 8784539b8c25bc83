"""Builds the dbt project into a warehouse, as the Dagster job does, for tests of the models."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "dbt"


def build(
    warehouse: Path, scratch: Path, *, as_of: str, command: str = "build", select: str | None = None, seeds: bool = False, project: Path = PROJECT
) -> str:
    """Run dbt over the warehouse, its seeds first if asked; returns its output, fails the test when a node fails."""
    if seeds:
        build(warehouse, scratch, as_of=as_of, command="seed", project=project)
    arguments = [sys.executable, "-m", "dbt.cli.main", command, "--vars", f"{{as_of: '{as_of}'}}", "--project-dir", str(project)]
    arguments += ["--profiles-dir", str(project), "--target-path", str(scratch / "target"), "--log-path", str(scratch / "logs")]
    arguments += ["--select", select] if select else []
    environment = os.environ | {"GONGKAI_WAREHOUSE": str(warehouse), "DO_NOT_TRACK": "1"}
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
