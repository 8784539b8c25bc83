"""``gongkai`` and dbt, carried out in forks of processes that have imported them.

Both import for seconds, often for longer than they then work. A test that asks what a command does, not how it starts, has it forked: a process of its
own, with the arguments, environment, folder and output that it is given. That the commands start from nothing is shown elsewhere: by .ci/run itself,
by the killed runs, the UI, the live app and the tutorials, which start them as a person does.
"""

import gc
import importlib
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from dagster_project.dbt_process import hand_over

ROOT = Path(__file__).resolve().parents[1]
#: What a run imports; but for polars, which starts threads, and those a fork would not have.
_NEEDED_LATER = (
    "dagster_project.run", "dagster_project.definitions", "great_expectations", "duckdb_engine", "alembic.command", "docxtpl", "openpyxl", "xlsxwriter",
    "plotly.graph_objects", "jsonschema_rs", "httpx",
)  # fmt: skip


def gongkai(
    arguments: Sequence[str | Path], *, folder: Path, environment: Mapping[str, str], told_it: str = ""
) -> "subprocess.CompletedProcess[str]":
    """What the command printed and its exit code, in this folder and environment, with ``told_it`` on its standard input."""
    server, told = _gongkai_server(), [str(argument) for argument in arguments]
    assert server.stdin and server.stdout
    with tempfile.TemporaryDirectory() as streams:
        inp, out, err = (Path(streams) / name for name in ("in", "out", "err"))
        inp.write_text(told_it, encoding="utf-8")
        dbt = _dbt_server() if told[:1] == ["run"] else ""
        order = {"arguments": told, "folder": str(folder), "environment": dict(environment), "streams": [str(inp), str(out), str(err)], "dbt": dbt}
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return subprocess.CompletedProcess(told, code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))


def dbt(arguments: Sequence[str], *, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """What dbt printed and its exit code, with the models of this checkout as they were parsed."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        code = hand_over(_dbt_server(), arguments, environment, output.fileno())
        output.seek(0)
        return subprocess.CompletedProcess(arguments, -1 if code is None else code, output.read(), "")


@cache
def _gongkai_server() -> "subprocess.Popen[str]":
    # numpy would start threads.
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.forked"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@cache
def _dbt_server() -> str:
    """Where it takes orders."""
    address = Path(tempfile.mkdtemp()) / "dbt"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(address))
        listening.listen()
        environment, command = os.environ | {"PYTHONPATH": str(ROOT)}, [sys.executable, "-m", "tests.forked", str(listening.fileno())]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, pass_fds=[listening.fileno()])
    _kept.append(process)
    return str(address)


#: A server ends when its standard input does, with the process that started it.
_kept: list["subprocess.Popen[bytes]"] = []


def _serve_gongkai() -> None:
    from dagster_project.command_line import main
    from dagster_project.project import QUIET_ENVIRONMENT

    orders, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    os.environ.update(QUIET_ENVIRONMENT)
    for line in orders:
        order = json.loads(line)
        if order["dbt"]:
            _import_what_a_run_needs()
        child = _fork()
        if child == 0:
            try:
                _become(order)
                main()
            except BaseException:
                traceback.print_exc()
            os._exit(1)
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


@cache
def _import_what_a_run_needs() -> None:
    from dagster_project.imports import uncollected_imports
    from dagster_project.project import prepare_manifest

    prepare_manifest()
    with uncollected_imports():
        for module in _NEEDED_LATER:
            importlib.import_module(module)


def _become(order: Mapping[str, Any]) -> None:
    for number, path in enumerate(order["streams"]):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), number)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.argv = ["gongkai", *order["arguments"]]
    if order["dbt"]:
        import dagster_project.run

        @contextmanager
        def ready_dbt() -> Iterator[None]:
            os.environ["GONGKAI_READY_DBT"] = order["dbt"]
            yield

        dagster_project.run.ready_dbt = ready_dbt


def _serve_dbt(listening: socket.socket) -> None:
    from dagster_project.dbt_process import await_order, warm_up
    from dagster_project.imports import uncollected_imports
    from dagster_project.project import prepare_manifest

    prepare_manifest()
    with uncollected_imports(), tempfile.TemporaryDirectory() as scratch:
        import dbt.adapters.duckdb
        import dbt.cli.main  # noqa: F401
        from dbt_common.clients.agate_helper import build_type_tester

        warm_up(Path(scratch))
        build_type_tester(text_columns=())
    while True:
        ready, *_ = select.select([listening, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        child = _fork()
        if child == 0:
            await_order(listening)
        os.waitpid(child, 0)


def _fork() -> int:
    assert threading.active_count() == 1, "a fork has one thread only"
    gc.freeze()
    return os.fork()


if __name__ == "__main__":
    if sys.argv[1:]:
        _serve_dbt(socket.socket(fileno=int(sys.argv[1])))
    else:
        _serve_gongkai()
