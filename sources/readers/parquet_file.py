"""Parquet, every column as text."""

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.errors import UnreadableFile
from sources.readers.records import FIRST_ROW, ReadResult, distinct_headings

#: Up to here a floating-point number still holds every digit of a whole one.
_EXACT = 1e15


def read(path: Path, headings: Sequence[str] | None) -> ReadResult:
    """The table as strings. Raises UnreadableFile when it is damaged."""
    try:
        table = pq.ParquetFile(path).read()
        names, notes = distinct_headings(list(headings) if headings else table.column_names)
        columns = {"row_number": pa.array(range(FIRST_ROW, table.num_rows + FIRST_ROW), pa.int64())}
        for name, column in zip(names, table.columns, strict=True):
            columns[name] = _as_text(column)
            columns[name].validate(full=True)
        return ReadResult(pa.table(columns), [], table.num_rows, None, "parquet", notes)
    except (pa.ArrowException, ValueError, OSError) as error:
        raise UnreadableFile("unreadable_parquet", f"{path.name}: damaged Parquet ({str(error).splitlines()[0]}); deliver it again") from error


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return _times(column)
    if pa.types.is_floating(column.type):
        whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), _EXACT))
        return pc.if_else(whole, column.cast(pa.int64(), safe=False).cast(pa.string()), column.cast(pa.string()))
    if pa.types.is_nested(column.type):
        texts = (json.dumps(value, ensure_ascii=False, default=str) if value is not None else None for value in column.to_pylist())
        return pa.chunked_array([pa.array(texts, pa.string())])
    return column.cast(pa.string())


def _times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times to the second where no fraction is lost; those of a zone are instants and say so (Z), the others are local."""
    local = column.cast(pa.timestamp(column.type.unit))
    seconds = local.cast(pa.timestamp("s"), safe=False)
    exact = seconds if seconds.cast(local.type).equals(local) else local
    return pc.strftime(exact, format="%Y-%m-%dT%H:%M:%SZ" if column.type.tz else "%Y-%m-%d %H:%M:%S")
