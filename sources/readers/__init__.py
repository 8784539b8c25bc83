"""Readers: one module a format. A reader turns a file into text columns and a list of refusals; it types nothing."""

from collections.abc import Sequence
from pathlib import Path

from sources.errors import UnreadableFile
from sources.readers import delimited, json_records
from sources.readers.delimited import CsvSource, csv_source
from sources.readers.jail import read_in_jail
from sources.readers.records import ReadResult, Refusal
from sources.readers.signatures import check_signature

__all__ = ["CsvSource", "ReadResult", "Refusal", "csv_source", "read"]

_JAILED = {".xlsx": "workbook", ".xls": "workbook", ".ods": "workbook", ".xml": "xml", ".parquet": "parquet"}


def read(path: Path, *, declared_encoding: str | None = None, headings: Sequence[str] | None = None, record_paths: Sequence[str] = ()) -> ReadResult:
    """Read a file by its ending. ``headings`` replaces a delivered header row that is wrong.

    Raises UnreadableFile when the file as a whole cannot be read; single unreadable records are refused and the rest is kept.
    """
    check_signature(path)
    ending = path.suffix.lower()
    if ending in (".csv", ".tsv"):
        return delimited.read_tolerantly(path, declared_encoding=declared_encoding, headings=headings)
    if ending in (".json", ".jsonl", ".ndjson"):
        return json_records.read(path, declared_encoding=declared_encoding, record_paths=record_paths)
    if ending in _JAILED:
        return read_in_jail(_JAILED[ending], path, headings)
    raise UnreadableFile(
        "no_reader", f"{path.name}: no reader for {ending or 'a file without an ending'}; deliver CSV, XLSX, XLS, JSON, JSON Lines, XML or Parquet"
    )
