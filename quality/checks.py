"""What is expected, as data: checks generated from the definitions of the data sets, and the hand-written suites."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sources.definitions import Dataset, datasets
from sources.warehouse import ROWS_PER_DELIVERY

Dimension = Literal["timeliness", "accuracy", "completeness", "consistency", "uniqueness", "validity"]
Severity = Literal["blocks_publication", "warn"]

_SUITES = Path(__file__).parent / "suites"
#: The values of the standard's short code lists (the exchange rules of the specification).
_CODE_LISTS = {"price_unit": ("0", "1"), "price_form_code": ("1", "2", "3", "9")}
_NONE = "NULL::VARCHAR"


@dataclass(frozen=True)
class Check:
    """One rule of quality.

    ``violations`` selects one row per violation: record_key, column_name, value, reason, rule_id, region_code, source_row.
    ``evaluated`` selects the number of rows the rule was asked of. ``threshold`` is the number of violations that is still accepted.
    """

    check_id: str
    dataset: str
    dimension: Dimension
    severity: Severity
    label: str
    violations: str
    evaluated: str
    expectation: str = "expect_no_violations"
    threshold: int = 0


def all_checks() -> list[Check]:
    """Every check, generated and hand-written."""
    generated = [check for dataset in datasets().values() for check in _generated(dataset)]
    return generated + hand_written()


def hand_written(folder: Path = _SUITES) -> list[Check]:
    """The checks of ``quality/suites/*.toml``; a missing key raises TypeError naming it."""
    checks = []
    for path in sorted(folder.glob("*.toml")):
        for content in tomllib.loads(path.read_text(encoding="utf-8"))["check"]:
            checks.append(Check(**content))
    return checks


def _generated(dataset: Dataset) -> list[Check]:
    checks = [_required(dataset), _one_content_a_moment(dataset)]
    listed = _listed_values(dataset)
    return [check for check in (*checks, listed) if check is not None]


def _violation(column: str, value: str, reason: str) -> str:
    return f"CAST(record_key AS VARCHAR) AS record_key, '{column}' AS column_name, {value} AS value, '{reason}' AS reason, {_NONE} AS rule_id, {_NONE} AS region_code, source_row"


def _required(dataset: Dataset) -> Check | None:
    """A required cell is empty: one violation a cell; a column that a file never fills is one violation a file."""
    names = [column.name for column in dataset.columns if column.required]
    if not names:
        return None
    table = f"raw.{dataset.table}"
    counts = ", ".join(f'count("{name}") AS "{name}"' for name in names)
    by_delivery = f"SELECT source_row // {ROWS_PER_DELIVERY} AS delivery_number, {counts} FROM {table} GROUP BY delivery_number"
    parts = []
    for name in names:
        label = dataset.column(name).label
        parts.append(
            f"""SELECT {_violation(name, _NONE, f"必填项“{label}”为空")} FROM {table}
            WHERE "{name}" IS NULL AND source_row // {ROWS_PER_DELIVERY} IN (SELECT delivery_number FROM filled WHERE "{name}" > 0)"""
        )
        parts.append(
            f"""SELECT CAST(delivery_number AS VARCHAR), '{name}', {_NONE}, '整个文件未提供必填项“{label}”', {_NONE}, {_NONE}, delivery_number * {ROWS_PER_DELIVERY}
            FROM filled WHERE "{name}" = 0"""
        )
    return Check(
        check_id=f"required_{dataset.table}",
        dataset=dataset.name,
        dimension="completeness",
        severity="warn",
        label=f"{dataset.label}的必填项均有值",
        violations=f"WITH filled AS ({by_delivery}) {' UNION ALL '.join(parts)}",
        evaluated=f"SELECT count(*) * {len(names)} FROM {table}",
    )


def _listed_values(dataset: Dataset) -> Check | None:
    """A coded value is not in its code list."""
    coded = [column for column in dataset.columns if column.code_list]
    if not coded:
        return None
    parts = []
    for column in coded:
        values = ", ".join(f"'{value}'" for value in _CODE_LISTS[str(column.code_list)])
        parts.append(
            f"""SELECT {_violation(column.name, f'"{column.name}"', f"“{column.label}”不在代码表中")} FROM raw.{dataset.table}
            WHERE "{column.name}" IS NOT NULL AND "{column.name}" NOT IN ({values})"""
        )
    return Check(
        check_id=f"code_list_{dataset.table}",
        dataset=dataset.name,
        dimension="validity",
        severity="warn",
        label=f"{dataset.label}的代码取值在代码表内",
        violations=" UNION ALL ".join(parts),
        evaluated=f"SELECT count(*) * {len(coded)} FROM raw.{dataset.table}",
    )


def _one_content_a_moment(dataset: Dataset) -> Check:
    """The same record with two contents at the same moment: nobody can say which is right."""
    table = f"raw.{dataset.table}"
    return Check(
        check_id=f"one_content_a_moment_{dataset.table}",
        dataset=dataset.name,
        dimension="consistency",
        severity="warn",
        label=f"{dataset.label}同一记录同一时点只有一种内容",
        violations=f"""SELECT {_violation("DATA_KEY", _NONE, "同一记录在同一时点有两种内容，以后到者为准")} FROM {table}
            WHERE record_key IN (SELECT record_key FROM {table} GROUP BY record_key, version_at HAVING count(*) > 1)""",
        evaluated=f"SELECT count(*) FROM {table}",
    )
