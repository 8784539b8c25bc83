"""The child of ``sources.readers.jail``: limits itself, reads one file, writes an Arrow file and one line of JSON."""

import dataclasses
import json
import resource
import sys
from pathlib import Path

_MEMORY = 3 << 30
_SECONDS = 45


def main() -> None:
    """``python -m sources.readers.jailed KIND IN OUT HEADINGS``."""
    kind, source, target, headings = sys.argv[1:5]
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pyarrow as pa

    from sources.errors import UnreadableFile
    from sources.readers import parquet_file, workbooks, xml_records

    readers = {"workbook": workbooks.read, "xml": xml_records.read, "parquet": parquet_file.read}
    try:
        result = readers[kind](Path(source), json.loads(headings))
    except UnreadableFile as refusal:
        print(json.dumps({"rule": refusal.rule, "reason": refusal.reason}))
        return
    with pa.OSFile(target, "wb") as sink, pa.ipc.new_file(sink, result.table.schema) as writer:
        writer.write_table(result.table)
    refusals = [dataclasses.asdict(refusal) for refusal in result.refusals]
    print(json.dumps({"reader": result.reader, "notes": result.notes, "refusals": refusals, "sheet": result.sheet}))


if __name__ == "__main__":
    main()
