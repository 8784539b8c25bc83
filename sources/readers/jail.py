"""Opens what could be hostile (workbooks, XML, Parquet) in a child process with limits: a crash there is a refusal, not an outage."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from sources.errors import UnreadableFile
from sources.readers.records import ReadResult, Refusal

_SECONDS = 60
_ROOT = Path(__file__).parents[2]


def read_in_jail(kind: str, path: Path, headings: Sequence[str] | None) -> ReadResult:
    """Read a file in a child process. Raises UnreadableFile with the child's reason, or ``unreadable_<kind>`` when it crashed or took too long."""
    with tempfile.TemporaryDirectory(prefix="gongkai-jail-") as folder:
        out = Path(folder) / "table.arrow"
        command = [
            sys.executable,
            "-m",
            "sources.readers.jailed",
            kind,
            str(path.absolute()),
            str(out),
            json.dumps(list(headings) if headings else None),
        ]
        # No secrets of the parent's environment reach the child.
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, env=environment, cwd=folder, check=False)
        except subprocess.TimeoutExpired as error:
            raise UnreadableFile(f"unreadable_{kind}", f"{path.name}: not read within {_SECONDS} s; deliver it as CSV") from error
        if done.returncode == 0:
            answer = json.loads(done.stdout)
            if "rule" in answer:
                raise UnreadableFile(answer["rule"], answer["reason"])
            with pa.memory_map(str(out)) as stream:
                table = pa.ipc.open_file(stream).read_all().combine_chunks()
                # The mapping ends with the folder: keep a copy of the data.
                table = pa.ipc.open_stream(_copied(table)).read_all()
            refusals = [Refusal(**refusal) for refusal in answer["refusals"]]
            return ReadResult(table, refusals, table.num_rows + len(refusals), None, answer["reader"], answer["notes"], answer["sheet"])
    raise UnreadableFile(
        f"unreadable_{kind}", f"{path.name}: opening it failed or needed too much memory (exit {done.returncode}); deliver it as CSV"
    )


def _copied(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()
