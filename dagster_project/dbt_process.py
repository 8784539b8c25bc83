"""dbt started ahead of time: it imports itself and reads the parsed models while others work, then carries out one command.

``gongkai run`` starts a ready process; Dagster's ``gongkai-dbt`` hands its command, folder, environment and output over to it.
Where none is ready (a step started in the Dagster UI) the same command is carried out here.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.imports import uncollected_imports
from dagster_project.project import DBT, ROOT, parsed_models_path

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

_VARIABLE = "GONGKAI_READY_DBT"


@contextmanager
def ready_dbt() -> Iterator[None]:
    """A ready process for as long as the block runs; commands of this process and its children find it by the environment."""
    folder = Path(tempfile.mkdtemp(prefix="gongkai-"))
    address = folder / "dbt"
    process = subprocess.Popen(
        [sys.executable, "-m", "dagster_project.dbt_process", str(address)],
        cwd=ROOT,
        # It reads nothing from here; the end of this stream tells it that nobody will come any more.
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.environ[_VARIABLE] = str(address)
    try:
        yield
    finally:
        del os.environ[_VARIABLE]
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Entry of ``gongkai-dbt``: dbt's own command line."""
    signal.signal(signal.SIGINT, _end)
    handed_over = hand_over(os.environ.get(_VARIABLE), sys.argv[1:], os.environ, 1)
    if handed_over is None:
        handed_over = _build(sys.argv[1:])
    sys.stdout.flush()
    os._exit(handed_over)


def _end(number: int, frame: object) -> None:
    # The ready process sees the connection close and ends with the command.
    os._exit(1)


def hand_over(address: str | None, arguments: Sequence[str], environment: Mapping[str, str], output: int) -> int | None:
    """The exit code of the ready process at this address, or None when there is none; what it prints goes to the file that is open as ``output``."""
    if not address:
        return None
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(address)
        except OSError:
            return None
        order = json.dumps({"arguments": [*arguments], "folder": str(Path.cwd()), "environment": dict(environment)}).encode()
        socket.send_fds(connection, [len(order).to_bytes(8, "big")], [output])
        connection.sendall(order)
        answer = connection.recv(1)
        # The other end is closed when the process has ended and let go of the warehouse.
        connection.recv(1)
        return answer[0] if answer else 1


def await_order(listening: socket.socket) -> None:
    """Carry out the next order and end with it."""
    connection, _ = listening.accept()
    length, descriptors, _, _ = socket.recv_fds(connection, 8, 1)
    os.dup2(descriptors[0], 1)
    os.dup2(descriptors[0], 2)
    with connection.makefile("rb") as stream:
        order = json.loads(stream.read(int.from_bytes(length, "big")))
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    code = _build(order["arguments"])
    sys.stdout.flush()
    connection.sendall(bytes([code]))
    os._exit(code)


def _end_with(connection: socket.socket) -> None:
    """Who gave the order has gone: nobody reads what this would still say."""
    with contextlib.suppress(OSError):
        connection.recv(1)
    os._exit(1)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _build(arguments: list[str]) -> int:
    result = _invoke(arguments)
    if result.exception:
        sys.stdout.write(f"{result.exception}\n")
    return 0 if result.success else 1 if result.exception is None else 2


def _invoke(arguments: list[str]) -> "dbtRunnerResult":
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    # Parsed once when the models changed: another day or warehouse changes what they compile to, not what they are.
    return dbtRunner(manifest=Manifest.from_msgpack(parsed_models_path().read_bytes())).invoke(arguments)


def warm_up(scratch: Path) -> None:
    """Carry out a command that opens no warehouse: the first one takes a second longer than those after it."""
    places = {"DBT_PROJECT_DIR": DBT, "DBT_PROFILES_DIR": DBT, "DBT_TARGET_PATH": scratch, "DBT_LOG_PATH": scratch}
    os.environ |= {name: str(path) for name, path in places.items()}
    _invoke(["--quiet", "list", "--resource-type", "seed"])


def _serve(address: str) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        # First the door: an order may come before everything is imported, and then waits for it.
        listening.bind(address)
        listening.listen(1)
        threading.Thread(target=_end_with_parent, daemon=True).start()
        with uncollected_imports():
            import dbt.adapters.duckdb
            import dbt.cli.main  # noqa: F401

            warm_up(Path(address).parent)
        await_order(listening)


if __name__ == "__main__":
    _serve(sys.argv[1])
