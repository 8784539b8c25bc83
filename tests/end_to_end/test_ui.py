"""``gongkai ui``: a run started in it publishes as the command does, and all of it ends when it is told to."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exports.publication import current_snapshot, read_manifest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LAUNCH = """
mutation Launch($selector: JobOrPipelineSelector!, $config: RunConfigData) {
  launchRun(executionParams: {selector: $selector, runConfigData: $config}) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on RunConfigValidationInvalid { errors { message } }
    ... on PythonError { message }
  }
}
"""


@dataclass(frozen=True)
class Ui:
    process: subprocess.Popen[bytes]
    address: str

    def ask(self, query: str, **variables: Any) -> Any:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = json.load(answer)
        assert "errors" not in content, content
        return content["data"]

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/server_info", timeout=5) as answer:
                return bool(json.load(answer)["dagster_version"])
        except OSError:
            return False


def wait_until(true: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.5)


def group_members(group: int) -> list[int]:
    """Processes of a session, by the kernel's own list."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.fixture
def ui(tmp_path: Path, gongkai_command: list[str], gongkai_environment: dict[str, str]) -> Iterator[Ui]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "ui.txt").open("wb") as output:
        process = subprocess.Popen(
            [*gongkai_command, "ui", "--port", str(port), "--home", str(tmp_path / "home")],
            env=gongkai_environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    ui = Ui(process, f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: ui.answers() or process.poll() is not None, 180)
        assert process.poll() is None, (tmp_path / "ui.txt").read_text()
        yield ui
    finally:
        started = [process.pid, *children(process.pid)]
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
        for group in started:
            for member in group_members(group):
                os.kill(member, signal.SIGKILL)


def children(parent: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    except OSError:
        return []


def test_a_run_started_in_the_ui_publishes_and_everything_ends(ui: Ui, tmp_path: Path) -> None:
    selector = {"repositoryName": "__repository__", "repositoryLocationName": "dagster_project.definitions", "jobName": "whole_way"}
    config = {"resources": {"edition": {"config": {"as_of": "2018-01-20"}}}}
    launched = ui.ask(LAUNCH, selector=selector, config=config)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = launched["run"]["runId"]

    def status() -> str:
        return str(ui.ask("query Status($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }", run=run_id)["runOrError"]["status"])

    wait_until(lambda: status() in ("SUCCESS", "FAILURE", "CANCELED"), 240)
    assert status() == "SUCCESS", (tmp_path / "ui.txt").read_text()[-5000:]
    snapshot = current_snapshot(tmp_path / "home")
    assert snapshot is not None
    manifest = read_manifest(snapshot)
    assert (manifest["run_id"], manifest["as_of"]) == (run_id, "2018-01-20")
    assert (snapshot / "site" / "index.html").is_file()

    [server] = children(ui.process.pid)
    assert len(group_members(server)) > 1
    ui.process.terminate()
    assert ui.process.wait(60) == 0
    # The server has ended; what it told to end may need a moment more where every processor is busy.
    wait_until(lambda: group_members(server) == [], 30)
    assert not ui.answers()
