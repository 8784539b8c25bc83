"""Parquet, every column as text."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.errors import UnreadableFile
from sources.readers.records import FIRST_ROW


def read(path: Path, headings: Sequence[str] | None) -> tuple[pa.Table, str, list[str]]:
    """The table as strings with ``row_number``. Raises UnreadableFile when it is damaged."""
    try:
        table = pq.read_table(path)
        names = list(headings) if headings else table.column_names
        columns = {"row_number": pa.array(range(FIRST_ROW, table.num_rows + FIRST_ROW), pa.int64())}
        for name, column in zip(names, table.columns, strict=True):
            columns[name] = _as_text(column)
        return pa.table(columns), "parquet", []
    except (pa.ArrowException, ValueError, OSError) as error:
        raise UnreadableFile("unreadable_parquet", f"{path.name}: damaged Parquet ({str(error).splitlines()[0]}); deliver it again") from error


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format="%Y-%m-%d %H:%M:%S")
    return column.cast(pa.string())
