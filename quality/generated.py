"""The checks that follow from the definitions of the data sets: nothing about a column is written down here.

They look at current records only: the rows of a raw table that staging keeps. What a correction replaced, or a withdrawal took back, needs no mending.
They read raw tables alone, so that a data set is checked from the day it is defined, with or without a model of its own.
"""

import tomllib
from functools import cache
from typing import Any

from quality.checks import SUITES, Check, Dimension, Severity
from sources.definitions import Column, Dataset, datasets
from sources.warehouse import ROWS_PER_DELIVERY

_DEAL_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_GIVING_DEAL_CODES = ("SECTION", "BID_DEAL_ANNOUNCE", "DEAL_LAND_INFO", "LISTING_PUB_INFO", "STOCK_LISTING_PUB_INFO", "OTHER_TRADE_PUB_INFO")
_CREDIT_CODE = "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
_ASKED_BY_THE_SCHEMA = ("required", "code_list")
#: One cell may hold several codes, separated as in dbt's macro code_list.
_SEPARATORS = r"[;,；，、|\s]+"


def generated_checks() -> list[Check]:
    """The checks of every data set, in the order of the definitions."""
    makers = (
        _required, _code_lists, _unique_record, _one_content_a_moment, _deal_codes, _credit_codes, _known_regions, _known_parents, _registered_sections,
    )  # fmt: skip
    of_each = [check for dataset in datasets().values() for maker in makers if (check := maker(dataset)) is not None]
    return [*of_each, _ends_after_starts(), _past_by_tomorrow(), _withdrawn_was_there()]


@cache
def _codes() -> dict[str, Any]:
    return tomllib.loads((SUITES / "codes.toml").read_text(encoding="utf-8"))


def _check(dataset: Dataset, name: str, dimension: Dimension, violations: str, evaluated: str) -> Check:
    # What the schema of the packages would refuse must not leave.
    severity: Severity = "blocks_push" if name in _ASKED_BY_THE_SCHEMA else "warn"
    return Check(f"{name}_{dataset.table}", dataset.name, dimension, severity, violations, evaluated)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _key_text() -> str:
    """The record_key in decimal. DuckDB's own cast of a UHUGEINT takes 40 times as long; halved, the key fits a HUGEINT, whose cast is quick."""
    half = "(record_key >> 1)::HUGEINT"
    return (
        "CASE WHEN record_key < 10 THEN record_key::UTINYINT::VARCHAR "
        f"ELSE ({half} // 5)::VARCHAR || (2 * ({half} % 5) + (record_key & 1)::HUGEINT)::VARCHAR END AS record_key"
    )


def _replaced(dataset: Dataset) -> str:
    """The source_rows of a raw table that are not current; few, so that leaving them out costs one look into a small hash table."""
    superseded = f"SELECT row_hash FROM staging.superseded_rows WHERE table_name = {_literal(dataset.table)}"
    return f"(SELECT source_row FROM raw.{dataset.table} WHERE is_withdrawn OR row_hash IN ({superseded}))"


def _region(dataset: Dataset) -> str:
    return '"region_code"' if any(column.name == "region_code" for column in dataset.columns) else "NULL::VARCHAR"


def _violation(dataset: Dataset, column: Column, value: str, reason: str) -> str:
    return (
        f"{_key_text()}, {_literal(column.name)} AS column_name, {value} AS value, {reason} AS reason, {_region(dataset)} AS region_code, source_row"
    )


def _columns_of_kind(dataset: Dataset, kind: str) -> list[Column]:
    return [column for column in dataset.columns if column.name in _codes()["columns"][kind]]


def _filled(dataset: Dataset, columns: list[Column]) -> str:
    """How many cells of the columns are filled in current rows."""
    counts = " + ".join(f'count("{column.name}")' for column in columns)
    return f"SELECT {counts} FROM raw.{dataset.table} WHERE source_row NOT IN {_replaced(dataset)}"


def _required(dataset: Dataset) -> Check | None:
    """A required cell is empty: one violation a cell. A column that a file never fills is one violation a file: its source does not deliver it.

    A cell that holds a value nobody could read is not empty; it is found by ``no_value_is_held``. A column that is required only where another has
    a certain value is asked for there, cell by cell.
    """
    columns = [column for column in dataset.columns if column.required or column.required_when]
    if not columns:
        return None
    number = f"source_row // {ROWS_PER_DELIVERY}"
    quoted = [f'"{column.name}"' for column in columns]
    names, labels = (", ".join(map(_literal, texts)) for texts in ([column.name for column in columns], [column.label for column in columns]))
    current = "source_row NOT IN (FROM replaced)"
    conditions = [
        f'"{column.required_when[0]}"::VARCHAR = {_literal(column.required_when[1])}' if column.required_when else "true" for column in columns
    ]
    asked = ", ".join(f"count(*) FILTER ({condition} AND {current})" for condition in conditions)
    # Of a column that only some rows must fill, an empty file tells nothing.
    filled = ", ".join("NULL" if column.required_when else f"count({name})" for name, column in zip(quoted, columns, strict=True))
    known = f"""WITH replaced AS MATERIALIZED {_replaced(dataset)},
        held AS MATERIALIZED (
            SELECT d.delivery_number::BIGINT * {ROWS_PER_DELIVERY} + h.row_number AS source_row, h.column_name
            FROM meta.held_values AS h JOIN meta.deliveries AS d ON h.delivery_id = d.delivery_id WHERE h.dataset = {_literal(dataset.name)}),
        files AS (
            SELECT {number} AS delivery_number, [{asked}] AS asked, [{filled}] AS filled
            FROM raw.{dataset.table} GROUP BY 1 HAVING count(*) FILTER ({current}) > 0),
        file_columns AS (
            SELECT delivery_number, unnest(asked) AS asked, unnest([{names}]) AS column_name, unnest([{labels}]) AS label, unnest(filled) AS filled
            FROM files),
        judged AS MATERIALIZED (
            SELECT f.*, coalesce(f.filled = 0, false) AND h.column_name IS NULL AS is_absent
            FROM file_columns AS f LEFT JOIN (SELECT DISTINCT {number} AS delivery_number, column_name FROM held) AS h
                ON f.delivery_number = h.delivery_number AND f.column_name = h.column_name)"""
    # One pass over the rows: a branch for every column took longer to plan than to run.
    empty = ", ".join(
        f"CASE WHEN {name} IS NULL AND {condition} THEN {_literal(column.name)} END"
        for name, column, condition in zip(quoted, columns, conditions, strict=True)
    )
    cells = f"""SELECT e.record_key, e.column_name, NULL::VARCHAR AS value, '必填项“' || j.label || '”为空' AS reason, e.region_code, e.source_row
        FROM (
            SELECT {_key_text()}, unnest(list_filter([{empty}], lambda name: name IS NOT NULL)) AS column_name, {_region(dataset)} AS region_code, source_row
            FROM raw.{dataset.table} WHERE ({" OR ".join(f"{name} IS NULL" for name in quoted)}) AND {current}) AS e
        JOIN judged AS j ON e.{number} = j.delivery_number AND e.column_name = j.column_name AND NOT j.is_absent
        ANTI JOIN held ON e.source_row = held.source_row AND e.column_name = held.column_name"""
    absent = f"""SELECT 'file ' || delivery_number, column_name, NULL, '整个文件从未提供必填项“' || label || '”', NULL, delivery_number * {ROWS_PER_DELIVERY}
        FROM judged WHERE is_absent"""
    return _check(
        dataset, "required", "completeness",
        f"{known} {cells} UNION ALL {absent}",
        f"{known} SELECT sum(CASE WHEN is_absent THEN 1 ELSE asked END)::BIGINT FROM judged",
    )  # fmt: skip


def _code_lists(dataset: Dataset) -> Check | None:
    """A coded value is not in its code list."""
    columns = [column for column in dataset.columns if column.code_list]
    if not columns:
        return None
    parts = []
    for column in columns:
        listed = ", ".join(_literal(value) for value in _codes()["code_lists"][column.code_list])
        reason = _literal(f"“{column.label}”不在代码表中（{listed}）".replace("'", ""))
        parts.append(
            f"""SELECT {_violation(dataset, column, f'"{column.name}"::VARCHAR', reason)} FROM raw.{dataset.table}
            WHERE trim("{column.name}"::VARCHAR) NOT IN ({listed}) AND source_row NOT IN {_replaced(dataset)}"""
        )
    return _check(dataset, "code_list", "validity", " UNION ALL ".join(parts), _filled(dataset, columns))


def _unique_record(dataset: Dataset) -> Check:
    """Two current rows bear the key of one record."""
    key, current = dataset.column(dataset.key[0]), f"FROM raw.{dataset.table} WHERE source_row NOT IN {_replaced(dataset)}"
    return _check(
        dataset, "unique_record", "uniqueness",
        f"""SELECT {_key_text()}, {_literal(key.name)} AS column_name, '同一记录有多个现行版本' AS reason, source_row
        {current} AND record_key IN (SELECT record_key {current} GROUP BY record_key HAVING count(*) > 1)""",
        f"SELECT count(*) {current}",
    )  # fmt: skip


def _one_content_a_moment(dataset: Dataset) -> Check:
    """One record with two contents at the same moment (without a time: in one file); which holds is decided by their order alone."""
    moment = f"record_key, version_at, CASE WHEN version_at IS NULL THEN source_row // {ROWS_PER_DELIVERY} END"
    return _check(
        dataset, "one_content_a_moment", "consistency",
        f"""SELECT {_key_text()}, {_literal(dataset.key[0])} AS column_name, '同一记录在同一时点有多种内容，以后到者为准' AS reason,
            {_region(dataset)} AS region_code, source_row
        FROM raw.{dataset.table}
        WHERE NOT is_withdrawn AND record_key IN (SELECT record_key FROM raw.{dataset.table} GROUP BY record_key HAVING count(*) > 1)
        QUALIFY count(*) OVER (PARTITION BY {moment}) > 1""",
        f"SELECT count(*) FROM raw.{dataset.table} WHERE NOT is_withdrawn",
    )  # fmt: skip


def _wrong_codes(dataset: Dataset, columns: list[Column], reason: str) -> str:
    """Cells with a wrong code. Each distinct cell is judged once; ``reason`` is SQL over ``code`` and ``bare`` (the code without hyphens): why it is wrong."""
    parts = []
    for column in columns:
        parts.append(
            f"""SELECT {_violation(dataset, column, "code", "reason")} FROM (
                SELECT r.*, judged.code, judged.reason FROM raw.{dataset.table} AS r JOIN (
                    SELECT cell, code, {reason} AS reason
                    FROM (
                        SELECT cell, code, replace(code, '-', '') AS bare
                        FROM (
                            SELECT cell, unnest(string_split_regex(cell, {_literal(_SEPARATORS)})) AS code
                            FROM (SELECT DISTINCT "{column.name}" AS cell FROM raw.{dataset.table}))
                        WHERE code <> ''
                    )
                ) AS judged ON r."{column.name}" = judged.cell
                WHERE judged.reason IS NOT NULL AND r.source_row NOT IN {_replaced(dataset)})"""
        )
    return " UNION ALL ".join(parts)


def _deal_codes(dataset: Dataset) -> Check | None:
    """A unified deal code is malformed or fails its check character (ISO 7064 MOD 37-2). Platforms are known to compute it wrongly: a warning."""
    columns = _columns_of_kind(dataset, "unified_deal_code")
    # Every notice repeats the code: it is judged where a transaction gets it.
    if not columns or dataset.name not in _GIVING_DEAL_CODES:
        return None
    # Over the 35 characters before it: sum of value × 2^position (from the right, mod 37); check = (38 − sum mod 37) mod 37.
    total = " + ".join(f"(instr('{_DEAL_ALPHABET}', bare[{place}]) - 1) * {pow(2, 36 - place, 37)}" for place in range(1, 36))
    reason = f"""CASE WHEN NOT regexp_full_match(bare, '[0-9A-Z]{{35}}[0-9A-Z*]') THEN '统一交易标识码应为36位数字和大写字母（连字符除外）'
        WHEN '{_DEAL_ALPHABET}'[1 + (38 - ({total}) % 37) % 37] <> bare[36] THEN '统一交易标识码校验码不符（ISO 7064 MOD 37-2）' END"""
    return _check(dataset, "deal_code", "validity", _wrong_codes(dataset, columns, reason), _filled(dataset, columns))


def _credit_codes(dataset: Dataset) -> Check | None:
    """A unified social credit code has not the shape of GB 32100-2015, or is all zeros."""
    columns = _columns_of_kind(dataset, "credit_code")
    if not columns:
        return None
    reason = f"CASE WHEN NOT regexp_full_match(code, '{_CREDIT_CODE}') OR ltrim(code, '0') = '' THEN '统一社会信用代码形式不符（18位）' END"
    return _check(dataset, "credit_code", "validity", _wrong_codes(dataset, columns, reason), _filled(dataset, columns))


def _known_regions(dataset: Dataset) -> Check | None:
    """A region code is neither in GB/T 2260 nor one of ours for zones outside it, or was not in force on the record's day. A code of nine digits names a street or town of the region before it."""
    columns = _columns_of_kind(dataset, "region_code")
    if not columns:
        return None
    day = "NULL::DATE"
    if dataset.known_at:
        is_instant = dataset.column(dataset.known_at).type == "instant"
        day = f"CAST(\"{dataset.known_at}\" AT TIME ZONE 'Asia/Shanghai' AS DATE)" if is_instant else f'"{dataset.known_at}"'
    parts = []
    for column in columns:
        reason = (
            "CASE WHEN record_day IS NULL OR code NOT IN (SELECT region_code FROM reference.regions) "
            "THEN '行政区划代码未知' ELSE '行政区划代码在' || record_day || '无效（未设立或已撤销）' END"
        )
        parts.append(
            f"""SELECT {_violation(dataset, column, "code", reason)} FROM (
                SELECT *, CASE WHEN length("{column.name}") = 9 THEN left("{column.name}", 6) ELSE "{column.name}" END AS code, {day} AS record_day FROM raw.{dataset.table}
                WHERE "{column.name}" IS NOT NULL AND source_row NOT IN {_replaced(dataset)}) AS records
            ANTI JOIN reference.regions AS regions ON records.code = regions.region_code
                AND (record_day IS NULL OR record_day BETWEEN coalesce(regions.valid_from, '0001-01-01'::DATE) AND coalesce(regions.valid_to, '9999-12-31'::DATE))"""
        )
    return _check(
        dataset,
        "known_region",
        "validity",
        " UNION ALL ".join(parts),
        _filled(dataset, columns),
    )


def _codes_without_record(dataset: Dataset, column: str, parent: Dataset, registering: list[Dataset]) -> tuple[str, str]:
    """The codes of a column that are the subject of no current record of ``registering``, and how many were asked.

    Asked only of sources that deliver ``parent``; a quarantined record of it counts.
    """
    asked = f"""(SELECT record_key, {_each_code(column)} AS code, source_row FROM raw.{dataset.table}
        WHERE source_row NOT IN {_replaced(dataset)} AND source_row // {ROWS_PER_DELIVERY} IN (
            SELECT delivery_number FROM meta.deliveries
            WHERE source_id IN (SELECT source_id FROM meta.deliveries WHERE dataset = '{parent.name}' AND status = 'loaded')))"""
    registered = " UNION ALL ".join(
        f"SELECT {_each_code(str(other.subject))} FROM raw.{other.table} WHERE source_row NOT IN {_replaced(other)}" for other in registering
    )
    return (
        f"""SELECT {_key_text()}, {_literal(column)} AS column_name, code AS value, {_literal(f"“{parent.label}”中没有该记录")} AS reason, source_row
        FROM {asked} WHERE code NOT IN (
            {registered} UNION ALL SELECT subject_code FROM meta.quarantine WHERE dataset = '{parent.name}' AND subject_code IS NOT NULL)""",
        f"SELECT count(*) FROM {asked}",
    )


def _each_code(column: str) -> str:
    """A row for each code of a cell; most cells hold one and skip the splitting."""
    several = f"list_distinct(list_filter(string_split_regex(\"{column}\", {_literal(_SEPARATORS)}), lambda code: code <> ''))"
    return (
        f'unnest(CASE WHEN "{column}" IS NULL THEN [] WHEN regexp_matches("{column}", {_literal(_SEPARATORS)}) THEN {several} ELSE ["{column}"] END)'
    )


def _known_parents(dataset: Dataset) -> Check | None:
    """A record names another that was never delivered: a result without its notice, a revocation without its entry.

    Asked of parents that are themselves about something; the tender project of a section is asked for when it is pushed.
    """
    asked = [(column.name, datasets()[column.parent]) for column in dataset.columns if column.parent and datasets()[column.parent].subject]
    if not asked:
        return None
    found, counted = zip(*(_codes_without_record(dataset, name, parent, [parent]) for name, parent in asked), strict=True)
    evaluated = " + ".join(f"({count})" for count in counted)
    return _check(dataset, "known_parent", "consistency", " UNION ALL ".join(found), f"SELECT {evaluated}")


def _registered_sections(dataset: Dataset) -> Check | None:
    """A construction record names a section that no 502 registers.

    A section that procurement records name is a package of procurement: evaluation reports speak of both.
    """
    section = datasets()["SECTION"]
    # One that names the section as its parent is asked so already.
    if dataset.name == section.name or any(column.parent == section.name for column in dataset.columns):
        return None
    if (dataset.transaction_type, dataset.subject_type) != (section.transaction_type, section.subject_type):
        return None
    packages = [other for other in datasets().values() if (other.transaction_type, other.subject_type) == ("procurement", section.subject_type)]
    found, counted = _codes_without_record(dataset, str(dataset.subject), section, [section, *packages])
    return _check(dataset, "registered_section", "consistency", found, counted)


def _of_all(check_id: str, dimension: Dimension, parts: list[tuple[str, str]]) -> Check:
    """One check over all data sets: asked one by one, what is rarely violated would cost more than it finds."""
    violations, evaluated = zip(*parts, strict=True)
    return Check(check_id, "meta.deliveries", dimension, "warn", " UNION ALL BY NAME ".join(violations), f"SELECT {' + '.join(evaluated)}")


def _ends_after_starts() -> Check:
    """A period ends before it begins."""
    parts = []
    for dataset in datasets().values():
        for column in dataset.columns:
            if not column.not_before:
                continue
            start = dataset.column(column.not_before)
            reason = _literal(f"“{column.label}”早于“{start.label}”")
            parts.append(
                (
                    f"""SELECT {_literal(dataset.name)} AS dataset, {_violation(dataset, column, f"concat(strftime({column.name}, '%Y-%m-%d %H:%M:%S'), ' < ', strftime({start.name}, '%Y-%m-%d %H:%M:%S'))", reason)}
                    FROM raw.{dataset.table} WHERE {column.name} < {start.name} AND source_row NOT IN {_replaced(dataset)}""",
                    f"(SELECT count(*) FROM raw.{dataset.table} WHERE {column.name} IS NOT NULL AND {start.name} IS NOT NULL)",
                )
            )
    return _of_all("end_not_before_start", "consistency", parts)


def _past_by_tomorrow() -> Check:
    """A record tells as past what lies after tomorrow: of the day up to which we know; of a record that does not say when it was sent, of the day it came.

    What a record declares ahead (the end of a period) is known before it happens, and not asked. Of data sets without events it is the record's own day.
    """
    known = "(SELECT coalesce((SELECT max(known_at) FROM meta.last_build), (SELECT max(as_of) FROM marts.obligations)) + 1)"
    came = "CAST(d.received_at AT TIME ZONE 'Asia/Shanghai' AS DATE)"
    sent = " UNION ALL ".join(
        f"SELECT source_row, version_at FROM raw.{dataset.table} WHERE source_row IN (SELECT source_row FROM late)" for dataset in datasets().values()
    )
    of_events = f"""FROM (WITH late AS MATERIALIZED (
            SELECT DISTINCT types.dataset, types.column_name, types.label, e.occurred_on, e.record_key, e.source_row
            FROM events.events AS e JOIN reference.event_types AS types ON e.event_type = types.event_type
            WHERE e.occurred_at = e.known_at AND e.occurred_on > {known}
        ), sent AS ({sent})
        SELECT late.dataset, {_key_text()}, late.column_name, late.occurred_on::VARCHAR AS value, '“' || late.label || '”晚于次日' AS reason, late.source_row
        FROM late JOIN meta.deliveries AS d ON late.source_row // {ROWS_PER_DELIVERY} = d.delivery_number LEFT JOIN sent ON late.source_row = sent.source_row
        WHERE sent.version_at IS NOT NULL OR coalesce(late.occurred_on > {came} + 1, true))"""
    parts = [(of_events, "(SELECT count(*) FROM events.events WHERE occurred_at = known_at)")]
    for dataset in datasets().values():
        if not dataset.known_at:
            continue
        column = dataset.column(dataset.known_at)
        day = f"CAST(r.{column.name} AT TIME ZONE 'Asia/Shanghai' AS DATE)" if column.type == "instant" else f"r.{column.name}"
        reason = _literal(f"“{column.label}”晚于次日")
        has_no_events = f"{_literal(dataset.name)} NOT IN (SELECT dataset FROM reference.event_types)"
        parts.append(
            (
                f"""SELECT {_literal(dataset.name)} AS dataset, {_violation(dataset, column, f"{day}::VARCHAR", reason)}
                FROM raw.{dataset.table} AS r JOIN meta.deliveries AS d ON r.source_row // {ROWS_PER_DELIVERY} = d.delivery_number
                WHERE {has_no_events} AND {day} > {known} AND (r.version_at IS NOT NULL OR coalesce({day} > {came} + 1, true))
                    AND source_row NOT IN {_replaced(dataset)}""",
                f"(SELECT count({column.name}) FROM raw.{dataset.table} WHERE {has_no_events})",
            )
        )
    return _of_all("happened_by_tomorrow", "validity", parts)


def _withdrawn_was_there() -> Check:
    """A deletion of what was never delivered; a record that is quarantined was."""
    parts = []
    for dataset in datasets().values():
        subject = f'"{dataset.subject}"' if dataset.subject else "NULL::VARCHAR"
        quarantined = f"SELECT subject_code FROM meta.quarantine WHERE dataset = {_literal(dataset.name)} AND subject_code IS NOT NULL"
        parts.append(
            (
                f"""SELECT {_literal(dataset.name)} AS dataset, {_key_text()}, {_literal(dataset.subject or dataset.key[0])} AS column_name, {subject} AS value,
                    '撤回的记录从未交付' AS reason, {_region(dataset)} AS region_code, source_row
                FROM raw.{dataset.table} WHERE is_withdrawn AND coalesce({subject}, '') NOT IN ({quarantined}) AND record_key NOT IN (
                    SELECT record_key FROM raw.{dataset.table}
                    WHERE NOT is_withdrawn AND record_key IN (SELECT record_key FROM raw.{dataset.table} WHERE is_withdrawn))""",
                f"(SELECT count(*) FROM raw.{dataset.table} WHERE is_withdrawn)",
            )
        )
    return _of_all("withdrawn_was_delivered", "consistency", parts)
