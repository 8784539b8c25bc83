"""Masks personal data in text, over whole columns inside DuckDB: identity numbers, mobile numbers, landlines, e-mail addresses."""

from sources.definitions import datasets

#: Pattern and replacement; the longer numbers first, so that no part of one is taken for another.
_RULES = (
    (r"\b(\d{2})\d{12,13}(\d{2}[0-9Xx])\b", r"\1***********\2"),  # identity card, 15 digits are covered by the next
    (r"\b(\d{2})\d{10}(\d{3})\b", r"\1**********\2"),
    (r"\b(1[3-9]\d)\d{4}(\d{4})\b", r"\1****\2"),
    (r"\b(0\d{2,3}[- ]?)\d{4,5}(\d{3})\b", r"\1****\2"),
    (r"([A-Za-z0-9])[A-Za-z0-9._+-]*@([A-Za-z0-9.-]+)", r"\1***@\2"),
)


def masked(expression: str) -> str:
    """A SQL expression that gives the text with every identity number, telephone number and e-mail address masked."""
    for pattern, replacement in _RULES:
        expression = f"regexp_replace({expression}, '{pattern}', '{replacement}', 'g')"
    return expression


def personal_columns() -> set[str]:
    """Columns whose whole value is personal: they are never shown."""
    return {column.name for dataset in datasets().values() for column in dataset.columns if column.personal}


def masked_value(column_name: str, value: str) -> str:
    """A SQL expression for a finding's value: nothing of a personal column, otherwise the masked text, at most 200 characters."""
    names = ", ".join(f"'{name}'" for name in sorted(personal_columns()))
    return f"CASE WHEN {column_name} IN ({names}) AND {value} IS NOT NULL THEN '***' ELSE left({masked(value)}, 200) END"
