"""What a finding's data set, column and place are called, from the definitions."""

from sources.definitions import datasets
from sources.warehouse import ROWS_PER_DELIVERY


def dataset_label(dataset: str, language: str = "zh") -> str:
    """The Chinese name of a data set, in English its national one; a table of the warehouse keeps its own."""
    known = datasets().get(dataset)
    return known.label if known and language == "zh" else dataset


def column_label(dataset: str, column_name: str | None, language: str = "zh") -> str:
    """The Chinese field name of a column, in English our name in words; one that no definition has keeps its own."""
    if language != "zh":
        return (column_name or "").replace("_", " ")
    known = {column.name: column.label for column in datasets()[dataset].columns} if dataset in datasets() else {}
    return known.get(column_name or "", column_name or "")


def place(source_file: str | None, source_row: int | None) -> tuple[str, int] | None:
    """File and row (the header is row 1; 0: the file as a whole) of a finding; None where it speaks of no file."""
    return (source_file or "", source_row % ROWS_PER_DELIVERY) if source_row is not None else None
