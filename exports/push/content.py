"""The content of a record as the province gets it: SQL over a raw table, in national names and forms. Pure: every function returns SQL text.

Dates are yyyyMMdd, times yyyyMMddHHmmss of Beijing, amounts plain decimals, flags 1 and 0 (T and F in the sets of state property).
What is empty is left out. A control character, which XML cannot carry, becomes its visible picture (U+0001 is ␁).

Personal data: a column with a class of personal data is sent where the standard requires it and hidden where it does not;
in every other text, identity numbers, mobile numbers and e-mail addresses are masked as in the findings. Landlines in a notice are those of offices.
"""

from collections.abc import Mapping

from sources.definitions import Column, Dataset, datasets
from sources.masking import HIDDEN, masked

#: Between the fields of a content whose digest is taken; control characters stand in no field.
SEPARATOR = "chr(31)"
#: U+FFFE and U+FFFF are no characters; NUL cannot be in a raw table.
_UNWRITABLE = [*(code for code in range(1, 32) if code not in (9, 10, 13)), 0xFFFE, 0xFFFF]


def _picture(code: int) -> str:
    return chr(0x2400 + code) if code < 32 else "\ufffd"


def pushed_datasets() -> list[Dataset]:
    """The data sets of the national specification, parents before the sets that name them."""
    national = [dataset for dataset in datasets().values() if dataset.number is not None]
    return sorted(national, key=lambda dataset: (level(dataset), dataset.number))


def level(dataset: Dataset) -> int:
    """How many parents stand above a data set: 0 for one that names no other."""
    return max((level(datasets()[column.parent]) + 1 for column in dataset.columns if column.parent), default=0)


def pushed_columns(dataset: Dataset) -> list[Column]:
    """The columns of the specification; what a definition adds is ours and stays here."""
    return [column for column in dataset.columns if not column.extension]


def parent_column(dataset: Dataset) -> Column | None:
    """The column that names the record which must be at the province first."""
    return next((column for column in dataset.columns if column.parent), None)


def national_names(dataset: Dataset) -> list[str]:
    """The national names of the fields, in the order of the definition."""
    return [column.national for column in pushed_columns(dataset)]


def rendered_rows(dataset: Dataset, own: Mapping[str, str], table: str, where: str = "true") -> str:
    """SELECT of the rows of a raw table: each field as text under its national name (NULL when empty), and ``own`` expressions under names of their own.

    National names differ from ours by their capitals only, which is no difference in SQL: own names begin with an underscore.
    The texts of a row are treated as one list: to plan the masking of each column took longer than to mask.
    """
    texts = [column for column in pushed_columns(dataset) if column.type in ("text", "code")]
    open_texts = [column for column in texts if column.type == "text" and not column.personal]
    kept = [column for column in texts if column not in open_texts]
    typed = [column for column in pushed_columns(dataset) if column not in texts]
    selected = [*(f"{sql} AS {name}" for name, sql in own.items()), *(f'{form(dataset, column)} AS "{column.national}"' for column in typed)]
    selected.append(f"{_each(open_texts, _writable(masked('value', landlines=False)))} AS _open")
    selected.append(f"{_each(kept, _writable('value'))} AS _kept")
    places = {column.national: f"_open[{place}]" for place, column in enumerate(open_texts, start=1)}
    places |= {column.national: _disclosed(column, f"_kept[{place}]") for place, column in enumerate(kept, start=1)}
    fields = ", ".join(f'{places.get(name, chr(34) + name + chr(34))} AS "{name}"' for name in national_names(dataset))
    return f"SELECT {', '.join(own)}, {fields} FROM (SELECT {', '.join(selected)} FROM {table} WHERE {where})"


def _each(columns: list[Column], treatment: str) -> str:
    """The values of the columns as a list, each treated."""
    values = ", ".join(f'"{column.name}"' for column in columns)
    return f"list_transform([{values}]::VARCHAR[], lambda value: {treatment})"


def form(dataset: Dataset, column: Column) -> str:
    """A typed value (flag, date, instant, integer, decimal) as the specification writes it."""
    value = f'"{column.name}"'
    yes, no = ("T", "F") if dataset.transaction_type == "property" else ("1", "0")
    return {
        "flag": f"CASE WHEN {value} THEN '{yes}' WHEN NOT {value} THEN '{no}' END",
        "date": f"strftime({value}, '%Y%m%d')",
        "instant": f"strftime({value}, '%Y%m%d%H%M%S')",
        "integer": f"CAST({value} AS VARCHAR)",
        "decimal": f"rtrim(rtrim(CAST({value} AS VARCHAR), '0'), '.')",
    }[column.type]


def _disclosed(column: Column, value: str) -> str:
    """A value of a class of personal data: sent where the standard requires it. Identity numbers never are."""
    if column.personal is None or (column.required and column.personal != "identity"):
        return value
    return f"CASE WHEN {value} IS NOT NULL THEN '{HIDDEN}' END"


def _writable(value: str) -> str:
    codes = "".join(f"\\x{{{code:x}}}" for code in _UNWRITABLE)
    written = " || ".join(f"chr({code})" for code in _UNWRITABLE)
    pictures = "".join(_picture(code) for code in _UNWRITABLE)
    return f"CASE WHEN regexp_matches({value}, '[{codes}]') THEN translate({value}, {written}, '{pictures}') ELSE {value} END"


def content_json(names: list[str]) -> str:
    """The content as a JSON object of its filled fields; ``names`` are columns of text under national names."""
    return "'{' || concat_ws(',', " + ", ".join(f"""'"{name}":' || CAST(to_json("{name}") AS VARCHAR)""" for name in names) + ") || '}'"


def content_digest(names: list[str]) -> str:
    """SHA-256 (hex) of NAME=value of every filled field, in the order of the definition, separated by U+001F."""
    parts = ", ".join(f"'{name}=' || \"{name}\"" for name in names)
    return f"sha256(concat_ws({SEPARATOR}, {parts}))"


def content_xml(names: list[str], struct: str) -> str:
    """The filled fields of a struct as XML elements, in the order of the definition."""
    return "concat(" + ", ".join(f"'<{name}>' || {_escaped(f'{struct}.{name}')} || '</{name}>'" for name in names) + ")"


def content_struct(names: list[str], content: str) -> str:
    """The JSON content as a struct of texts."""
    return f"from_json({content}, '{{" + ", ".join(f'"{name}": "VARCHAR"' for name in names) + "}')"


def _escaped(value: str) -> str:
    # A parser turns a bare carriage return into a line feed.
    return f"replace(replace(replace(replace({value}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), chr(13), '&#13;')"
