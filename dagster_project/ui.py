"""``gongkai ui``: the Dagster UI with its daemon, on loopback, all of whose processes end with it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType

from dagster_project.errors import UsageError
from dagster_project.home import VARIABLE, Home
from dagster_project.instance import prepare_instance
from dagster_project.prepared_warehouse import prepare_warehouse
from dagster_project.project import QUIET_ENVIRONMENT, prepare_manifest

_HOST = "127.0.0.1"
_GRACE_SECONDS = 15


def serve(home: Home, port: int) -> int:
    """Run until interrupted; raises UsageError when the port is taken and ModelsBroken when dbt cannot parse the models."""
    _ask_for_port(port)
    prepare_manifest()
    prepare_warehouse()
    environment = os.environ | QUIET_ENVIRONMENT | {VARIABLE: str(home.path), "DAGSTER_HOME": str(prepare_instance(home.dagster))}
    command = [str(Path(sys.executable).with_name("dagster")), "dev", "-m", "dagster_project.definitions", "-h", _HOST, "-p", str(port)]
    sys.stdout.write(f"http://{_HOST}:{port}  (Ctrl-C ends it)\n")
    sys.stdout.flush()
    # A session of its own: what Dagster starts outlives a signal to its first process, but not one to the whole group.
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        return 1 if process.wait() else 0
    except KeyboardInterrupt:
        return 0
    finally:
        _end_group(process)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _ask_for_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except (OSError, OverflowError) as error:
            raise UsageError(f"port {port} cannot be used ({error}); choose another with --port") from error


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Ask the group to end, wait a moment for a clean end, then end what is left of it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
