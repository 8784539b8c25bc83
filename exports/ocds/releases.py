"""Releases and records in SQL: one text of JSON each, made by DuckDB over all transactions at once."""

import json

from dashboards.queries import shown_body
from exports.documents.shown_text import shown_name, shown_text
from sources.masking import masked

PROCUREMENT = ("construction", "procurement")
"""The kinds of transaction that are contracting processes; land is not procured."""


def _text(expression: str) -> str:
    """SQL of a JSON string."""
    return f"to_json({expression})::VARCHAR"


def _instant(column: str) -> str:
    return f"""strftime({column}, '"%Y-%m-%dT%H:%M:%S+08:00"')"""


# Texts put together: an object of DuckDB's own would be read and written once more to leave out its nulls, which takes five times as long.
def _told(**parts: str) -> str:
    """SQL of a JSON object without the keys whose value is null; the values are SQL of JSON."""
    pairs = ", ".join(f"""'"{name}":' || {expression}""" for name, expression in parts.items())
    return f"('{{' || concat_ws(',', {pairs}) || '}}')"


def _array(values: str) -> str:
    """SQL of a JSON array of a list of JSON; null where the list is."""
    return f"('[' || array_to_string({values}, ',') || ']')"


def _only(**parts: str) -> str:
    """SQL of a JSON array of this one object."""
    return f"('[' || {_told(**parts)} || ']')"


def _organisation(name: str, *roles: str) -> str:
    """An organisation is known by its name alone; its identifier here is a digest of it."""
    told = {"roles": f"'{json.dumps(roles, separators=(',', ':'))}'"} if roles else {}
    return f"CASE WHEN {name} IS NOT NULL THEN {_told(id=_text(f'md5({name})'), name=_text(name), **told)} END"


def _value(amount: str) -> str:
    return f"CASE WHEN {amount} IS NOT NULL THEN {_told(amount=_text(f'{amount}::DOUBLE'), currency=_quoted('CNY'))} END"


def _quoted(word: str) -> str:
    return f"""'"{word}"'"""


#: One row a process: what the stages of it are made of. A process is of the year in which it is first heard of.
_PROCESSES = f"""
processes AS (
    SELECT $prefix || '-' || transactions.subject_id AS ocid, transactions.transaction_type,
           {shown_text("coalesce(nullif(transactions.title, ''), transactions.subject_id)")} AS title,
           CASE WHEN transactions.procuring_entity IS NOT NULL THEN {shown_name("transactions.procuring_entity")} END AS procuring_entity,
           string_split({masked("transactions.supplier")}, '；') AS supplier_names,
           transactions.estimate_yuan, transactions.award_yuan,
           transactions.tender_notice_at, deadlines.deadline_at, transactions.award_notice_at, transactions.contract_signed_at
    FROM marts.transactions
    LEFT JOIN (
        SELECT subject_type, subject_id, min(occurred_at) AS deadline_at FROM obligations.first_events
        WHERE event_type IN ('bid_deadline', 'procurement_bid_deadline') GROUP BY ALL
    ) AS deadlines USING (subject_type, subject_id)
    WHERE transactions.transaction_type IN ('{"', '".join(PROCUREMENT)}')
      AND year(least(transactions.tender_notice_at, transactions.award_notice_at, transactions.contract_signed_at)) = $year
), named AS (
    SELECT *, list_transform(list_filter(supplier_names, lambda supplier: supplier <> ''), lambda supplier: {shown_body("supplier")}) AS suppliers
    FROM processes
), built AS (
    SELECT ocid, tender_notice_at, award_notice_at, contract_signed_at,
        {_organisation("procuring_entity")} AS buyer,
        {
    _told(
        id=_text("ocid || '-tender'"),
        title=_text("title"),
        status=_quoted("active"),
        mainProcurementCategory=f"CASE transaction_type WHEN 'construction' THEN {_quoted('works')} END",
        value=_value("estimate_yuan"),
        procuringEntity=_organisation("procuring_entity"),
        tenderPeriod=_told(startDate=_instant("tender_notice_at"), endDate=_instant("deadline_at")),
    )
} AS tender,
        {
    _only(
        id=_text("ocid || '-award'"),
        title=_text("title"),
        status=_quoted("active"),
        date=_instant("award_notice_at"),
        value=_value("award_yuan"),
        suppliers=_array(f"list_transform(suppliers, lambda supplier: {_organisation('supplier')})"),
    )
} AS awards,
        {
    _only(
        id=_text("ocid || '-contract'"),
        awardID=_text("ocid || '-award'"),
        title=_text("title"),
        status=_quoted("active"),
        dateSigned=_instant("contract_signed_at"),
    )
} AS contracts,
        list_filter([{_organisation("procuring_entity", "buyer", "procuringEntity")}], lambda party: party IS NOT NULL) AS buyers,
        list_transform(list_distinct(coalesce(suppliers, [])), lambda supplier: {_organisation("supplier", "supplier")}) AS supplying
    FROM named
)"""

_STAGES = {"tender": "tender_notice_at", "award": "award_notice_at", "contract": "contract_signed_at"}
"""By the tag of a release, when it was released."""

_STAGE_LIST = ", ".join(f"{{'released_at': {column}, 'tag': '{tag}'}}" for tag, column in _STAGES.items())

CREATE_PROCESSES = f"""
CREATE OR REPLACE TEMP TABLE ocds_processes AS
WITH {_PROCESSES}, staged AS (
    SELECT *, list_sort(list_filter([{_STAGE_LIST}], lambda stage: stage.released_at IS NOT NULL)) AS stages FROM built
)
SELECT *, (sum(len(stages)) OVER (ORDER BY ocid ROWS UNBOUNDED PRECEDING))::BIGINT - len(stages) AS releases_before FROM staged ORDER BY ocid
"""
"""The processes in their order, with what their stages are made of and how many releases stand before theirs. Parameters: prefix, year."""

COUNT = "SELECT max(releases_before + len(stages)) FROM ocds_processes"
"""How many releases there are; null where there is no process."""


def _of_stage(tag: str, part: str) -> str:
    return f"CASE WHEN stage.tag = '{tag}' THEN {part} END"


_RELEASE = _told(
    ocid=_text("ocid"), id=_text("ocid || '-' || stage.tag || '-release'"), date=_instant("stage.released_at"), tag=_array(f"[{_text('stage.tag')}]"),
    initiationType=_quoted("tender"), language=_quoted("zh"),
    parties=f"CASE WHEN stage.tag = 'award' THEN {_array('list_sort(list_concat(buyers, supplying))')} ELSE {_array('buyers')} END", buyer="buyer",
    tender=_of_stage("tender", "tender"), awards=_of_stage("award", "awards"), contracts=_of_stage("contract", "contracts"),
)  # fmt: skip

# A package is made at a time: all at once would not fit.
RELEASE_PACKAGE = f"""
WITH released AS (
    SELECT *, unnest(stages) AS stage, releases_before + generate_subscripts(stages, 1) AS number FROM ocds_processes
    WHERE releases_before > ($package - 1) * $size - {len(_STAGES)} AND releases_before < $package * $size
)
SELECT encode('[\n' || string_agg({_RELEASE}, ',\n' ORDER BY number) || '\n]')
FROM released WHERE number > ($package - 1) * $size AND number <= $package * $size
"""
"""The releases of a package in their order. Parameters: package, and its size in releases."""

_COMPILED = _told(
    ocid=_text("ocid"), id=_text("ocid || '-compiled'"), date=_instant("stages[-1].released_at"), tag="""'["compiled"]'""", initiationType=_quoted("tender"), language=_quoted("zh"),
    parties=_array("list_sort(list_concat(buyers, CASE WHEN award_notice_at IS NOT NULL THEN supplying ELSE [] END))"), buyer="buyer",
    tender="CASE WHEN tender_notice_at IS NOT NULL THEN tender END", awards="CASE WHEN award_notice_at IS NOT NULL THEN awards END",
    contracts="CASE WHEN contract_signed_at IS NOT NULL THEN contracts END",
)  # fmt: skip

_PACKAGE = "format('{:03d}', (releases_before + place - 1) // $size + 1)"
_LINK = _told(
    url=_text(f"$uri || 'releases-' || {_PACKAGE} || '.json#' || url_encode(ocid || '-' || stage.tag || '-release')"), date=_instant("stage.released_at"), tag=_array(f"[{_text('stage.tag')}]")
)  # fmt: skip
_LINKS = _array(f"list_transform(stages, lambda stage, place: {_LINK})")

RECORD_PACKAGE = f"""
SELECT encode('[\n' || string_agg({_told(ocid=_text("ocid"), releases=_LINKS, compiledRelease=_COMPILED)}, ',\n' ORDER BY releases_before) || '\n]')
FROM ocds_processes WHERE releases_before // $size + 1 = $package
"""
"""The records of the processes whose first release is in a package; null where there is none. Parameters: package, size, uri."""
