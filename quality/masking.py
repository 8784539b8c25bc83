"""Masks what a finding shows: personal data in any text, and whole columns that are personal."""

from functools import cache

from sources.definitions import datasets
from sources.masking import HIDDEN, masked

_LONGEST = 200


@cache
def personal_columns() -> frozenset[str]:
    """What a column may be called whose whole value is personal: our name, the national name, the Chinese field name."""
    columns = [column for dataset in datasets().values() for column in dataset.columns if column.personal]
    return frozenset(name for column in columns for name in (column.name, column.national, column.label))


@cache
def open_columns() -> frozenset[str]:
    """What a column of a data set may be called whose value may be shown."""
    columns = [column for dataset in datasets().values() for column in dataset.columns]
    return frozenset(name for column in columns for name in (column.name, column.national, column.label)) - personal_columns()


def masked_value(dataset: str, column_name: str, value: str) -> str:
    """A SQL expression for a finding's value, at most 200 characters; the arguments are SQL expressions.

    A personal column is hidden. So is, in a data set, whatever is not the value of one of its columns: a torn line, or a heading nobody knows.
    """
    quoted = {name: ", ".join(f"'{item}'" for item in sorted(items)) for name, items in
              (("personal", personal_columns()), ("open", open_columns()), ("datasets", datasets().keys()))}  # fmt: skip
    hidden = f"{column_name} IN ({quoted['personal']}) OR ({dataset} IN ({quoted['datasets']}) AND coalesce({column_name} NOT IN ({quoted['open']}), true))"
    return f"CASE WHEN {value} IS NULL THEN NULL WHEN {hidden} THEN '{HIDDEN}' ELSE left({masked(value)}, {_LONGEST}) END"
