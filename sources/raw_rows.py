"""The SQL that turns the text columns of a delivered file into rows of a raw table, and explains those it cannot take.

Pure: every function returns SQL text. The relation that is read has ``row_number`` and text columns under our names.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sources.definitions import MESSAGE_COLUMNS, Column, Dataset
from sources.parsing import is_formula_error, only_if, typed
from sources.warehouse import ROWS_PER_DELIVERY, raw_columns, sql_type

#: Marks rows that are inserted only to be moved to the quarantine in the same transaction.
UNREADABLE = 255
_MAXIMUM_CHARACTERS = 1_000_000
_SEPARATOR, _ABSENT = "chr(31)", "chr(30)"
_TYPED = ("date", "instant", "integer", "decimal")
#: What stands at the foot of a sheet where a record would have its code: a total, who filled it in, a note.
_FOOT = r"^([本各全][页表市]?)?[合总小共]\s*计(\s|[:：(（0-9]|$)|^(填表|填报|制表|编制|审核|复核|经办|联系|(单位)?负责)(人|单位|日期)?\s*(:|：|$)|^(备注|注|说明)\s*(:|：)"


@dataclass(frozen=True)
class Problem:
    """One way in which a row or value may be unreadable: where, by which rule, and the condition over the text columns."""

    column: str | None
    rule: str
    condition: str
    reason: str


def _text(name: str) -> str:
    return f'"{name}"'


def _typed_name(name: str) -> str:
    return f'"typed {name}"'


def _unreadable(column: Column) -> str:
    if column.type == "text":
        # Every other text can be read; most columns are texts, so little may be asked of them.
        return is_formula_error(_text(column.name))
    return only_if(f"{_typed_name(column.name)} IS NULL", f"trim({_text(column.name)}) <> ''")


def _read(dataset: Dataset, source: str, present: Collection[str]) -> str:
    """The source with every typed value and the text of the whole row beside it, each computed once."""
    values = [f"{typed(column.type, _text(column.name))} AS {_typed_name(column.name)}" for column in dataset.columns if column.name in present]
    values.append(f"{_row_text(dataset, present)} AS row_text")
    return f"(SELECT *, {', '.join(values)} FROM {source})"


def _hashed_names(dataset: Dataset, present: Collection[str]) -> list[str]:
    names = [column.name for column in dataset.columns] + list(MESSAGE_COLUMNS.values())
    return [name for name in names if name in present]


def _row_text(dataset: Dataset, present: Collection[str]) -> str:
    # Absent columns count like empty ones, so that a file with fewer columns but equal content is recognised.
    names = [column.name for column in dataset.columns] + list(MESSAGE_COLUMNS.values())
    parts = ", ".join(f"coalesce(nullif({_text(name)}, ''), {_ABSENT})" if name in present else _ABSENT for name in names)
    return f"concat_ws({_SEPARATOR}, {parts})"


def _record_key(dataset: Dataset, present: Collection[str]) -> str:
    parts = ", ".join(f"coalesce({_typed_name(name)}::VARCHAR, {_ABSENT})" if name in present else _ABSENT for name in dataset.key)
    natural = f"md5_number(concat_ws({_SEPARATOR}, 'key', {parts}))"
    if "data_key" not in present:
        return natural
    return f"CASE WHEN trim(data_key) <> '' THEN md5_number(concat_ws({_SEPARATOR}, 'data_key', trim(data_key))) ELSE {natural} END"


def _feet(dataset: Dataset, present: Collection[str]) -> list[Problem]:
    """Where a row may be the foot of a sheet: in the codes that identify a record."""
    reason = "a total, signature or note at the foot of the sheet, not a record; it counts nowhere, leave it out"
    codes = [name for name in dataset.key if name in present and dataset.column(name).type == "code"]
    # A code mostly begins with a digit or a letter: only what lies behind them is looked at closely.
    return [
        Problem(name, "foot_of_sheet", only_if(f"{_text(name)} >= '一'", f"regexp_matches({_text(name)}, {_literal(_FOOT)})"), reason)
        for name in codes
    ]


def row_problems(dataset: Dataset, present: Collection[str]) -> list[Problem]:
    """Why a row is quarantined, the most telling reason first."""
    problems = [
        Problem(
            None,
            "mojibake",
            "(contains(row_text, '\ufffd') OR contains(row_text, '锟斤拷') OR contains(row_text, chr(0)))",
            "text was damaged by a wrong encoding; export it again as UTF-8 or GB18030",
        ),
        Problem(
            None,
            "too_large_cell",
            f"(strlen(row_text) > {_MAXIMUM_CHARACTERS})",
            "the row holds more than 1 MB of text; shorten the field or attach a document",
        ),
        *_feet(dataset, present),
    ]
    identifying = {*dataset.key, dataset.subject}
    for column in dataset.columns:
        if column.name not in present:
            continue
        if column.type == "code" and column.name in identifying:
            problems.append(Problem(column.name, "ruined_code", _unreadable(column), _how_to_write(column)))
        elif column.required and column.type in _TYPED:
            problems.append(Problem(column.name, f"unreadable_{column.type}", _unreadable(column), _how_to_write(column)))
    keys = [name for name in dataset.key if name in present]
    empty = " AND ".join(f"coalesce(trim({_text(name)}), '') = ''" for name in keys) or "true"
    if "data_key" in present:
        empty += " AND coalesce(trim(data_key), '') = ''"
    problems.append(
        Problem(dataset.key[0], "no_key", f"({empty})", f"none of the identifying columns is filled ({', '.join(dataset.key)}); fill at least one")
    )
    return problems


def value_problems(dataset: Dataset, present: Collection[str]) -> list[Problem]:
    """Which optional values are held: null in the row, kept with their reason."""
    taken = {problem.column for problem in row_problems(dataset, present)}
    problems = [
        Problem(column.name, f"unreadable_{column.type}", _unreadable(column), _how_to_write(column))
        for column in dataset.columns
        if column.name in present and column.name not in taken
    ]
    if "data_timestamp" in present:
        # Without its time a version stands behind all others: that must be seen.
        unreadable = f"({typed('instant', 'data_timestamp')} IS NULL AND trim(data_timestamp) <> '')"
        problems.append(Problem("data_timestamp", "unreadable_instant", unreadable, "no readable time; write yyyyMMddHHmmss"))
    return problems


def _how_to_write(column: Column) -> str:
    return {
        "date": "no readable date between 1949 and 2100; write yyyyMMdd",
        "instant": "no readable time between 1949 and 2100; write yyyyMMddHHmmss",
        "integer": "no whole number; write digits only",
        "decimal": "no plain number; write digits with a decimal point and put the unit into its own column",
        "flag": "neither yes nor no; write 1 or 0",
        "text": "a formula of the spreadsheet failed here; correct it or leave the cell empty",
        "code": "the code was ruined by a spreadsheet (scientific notation or a failed formula); deliver it as text",
    }[column.type]


def _any_of(problems: Sequence[Problem]) -> str:
    return " OR ".join(f"coalesce({problem.condition}, false)" for problem in problems) or "false"


def insertion(dataset: Dataset, source: str, present: Collection[str], delivery_number: int) -> str:
    """INSERT of every row of ``source`` into the raw table; unreadable rows carry ``held_values`` = UNREADABLE."""
    held = " + ".join(f"coalesce({problem.condition}, false)::UTINYINT" for problem in value_problems(dataset, present)) or "0"
    columns = ", ".join(_typed_name(column.name) if column.name in present else f"NULL::{sql_type(column)}" for column in dataset.columns)
    # By name: a column that was defined later stands last in a warehouse that was there before it.
    names = ", ".join(_text(name) for name in raw_columns(dataset))
    version_at = typed("instant", "data_timestamp") if "data_timestamp" in present else "NULL::TIMESTAMPTZ"
    data_key = "nullif(trim(data_key), '')" if "data_key" in present else "NULL::VARCHAR"
    withdrawn = "coalesce(trim(data_type) = '3', false)" if "data_type" in present else "false"
    return f"""
        INSERT INTO raw.{dataset.table} ({names})
        SELECT {delivery_number * ROWS_PER_DELIVERY} + row_number, md5_number(row_text), {_record_key(dataset, present)},
            {version_at}, {withdrawn},
            CASE WHEN {_any_of(row_problems(dataset, present))} THEN {UNREADABLE} ELSE {held} END, {data_key}, {columns}
        FROM {_read(dataset, source, present)}"""


def refused_rows(dataset: Dataset, source: str, present: Collection[str]) -> str:
    """One row per unreadable row of ``source``: row_number, column_name, rule, value, reason, record (JSON), subject_code, row_hash."""
    problems = row_problems(dataset, present)

    def first(expression: Callable[[Problem], str]) -> str:
        cases = " ".join(f"WHEN coalesce({problem.condition}, false) THEN {expression(problem)}" for problem in problems)
        return f"CASE {cases} END"

    fields = ", ".join(f"{_text(name)} := {_text(name)}" for name in _hashed_names(dataset, present))
    subject = _typed_name(str(dataset.subject)) if dataset.subject in present else "NULL"
    return f"""
        SELECT row_number, {first(lambda problem: _literal(problem.column))} AS column_name, {first(lambda problem: _literal(problem.rule))} AS rule,
            {first(lambda problem: f"left({_text(str(problem.column))}, 200)" if problem.column in present else "NULL")} AS value,
            {first(lambda problem: _literal(problem.reason))} AS reason, left(to_json(struct_pack({fields}))::VARCHAR, 10000) AS record,
            CASE WHEN NOT ({_any_of(_feet(dataset, present))}) THEN {subject} END AS subject_code, md5_number(row_text) AS row_hash
        FROM {_read(dataset, source, present)} WHERE {_any_of(problems)}"""


def held_values(dataset: Dataset, source: str, present: Collection[str]) -> str:
    """One row per held value of ``source``: row_number, column_name, rule, value, reason, row_hash; empty text when no value can be held."""
    usable = f"NOT ({_any_of(row_problems(dataset, present))})"
    return " UNION ALL ".join(
        f"""SELECT row_number, {_literal(problem.column)} AS column_name, {_literal(problem.rule)} AS rule,
            left({_text(str(problem.column))}, 200) AS value, {_literal(problem.reason)} AS reason, md5_number(row_text) AS row_hash
        FROM {_read(dataset, source, present)} WHERE {usable} AND coalesce({problem.condition}, false)"""
        for problem in value_problems(dataset, present)
    )


def _literal(text: str | None) -> str:
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"
