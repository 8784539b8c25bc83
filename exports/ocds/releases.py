"""Releases and records in SQL: one text of JSON each, made by DuckDB over all transactions at once."""

from dashboards.queries import shown
from exports.documents.shown_text import shown_name, shown_text
from sources.masking import masked

PROCUREMENT = ("construction", "procurement")
"""The kinds of transaction that are contracting processes; land is not procured."""

RELEASES_OF_A_PACKAGE = 10_000


def _instant(column: str) -> str:
    return f"strftime({column}, '%Y-%m-%dT%H:%M:%S') || '+08:00'"


def _told(**parts: str) -> str:
    """SQL of a JSON object without the keys whose value is null."""
    pairs = ", ".join(f"'{name}', {expression}" for name, expression in parts.items())
    return f"json_merge_patch('{{}}', json_object({pairs}))"


def _organisation(name: str) -> str:
    """An organisation is known by its name alone; its identifier here is a digest of it."""
    return f"CASE WHEN {name} IS NOT NULL THEN {_told(id=f'md5({name})', name=name)} END"


_VALUE = "CASE WHEN {amount} IS NOT NULL THEN json_object('amount', {amount}::DOUBLE, 'currency', 'CNY') END"

#: One row a process: what the stages of it are made of. A process is of the year in which it is first heard of.
_PROCESSES = f"""
processes AS (
    SELECT $prefix || '-' || transactions.subject_id AS ocid, transactions.transaction_type,
           {shown_text("coalesce(nullif(transactions.title, ''), transactions.subject_id)")} AS title,
           CASE WHEN transactions.procuring_entity IS NOT NULL THEN {shown_name("transactions.procuring_entity")} END AS procuring_entity,
           list_transform(string_split({masked("transactions.supplier")}, '；'), lambda supplier: {shown("supplier")}) AS supplier_names,
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
    -- Of a supplier with a name as short as a person's, the first character is shown.
    SELECT *, list_transform(list_filter(supplier_names, lambda supplier: supplier <> ''), lambda supplier: CASE WHEN length(supplier) <= 4 THEN left(supplier, 1) || '**' ELSE supplier END) AS suppliers
    FROM processes
), built AS (
    SELECT *,
        {_organisation("procuring_entity")} AS buyer,
        {
    _told(
        id="ocid || '-tender'",
        title="title",
        status="'active'",
        mainProcurementCategory="CASE transaction_type WHEN 'construction' THEN 'works' END",
        value=_VALUE.format(amount="estimate_yuan"),
        procuringEntity=_organisation("procuring_entity"),
        tenderPeriod=_told(startDate=_instant("tender_notice_at"), endDate=_instant("deadline_at")),
    )
} AS tender,
        json_array({
    _told(
        id="ocid || '-award'",
        title="title",
        status="'active'",
        date=_instant("award_notice_at"),
        value=_VALUE.format(amount="award_yuan"),
        suppliers="to_json(list_transform(suppliers, lambda supplier: json_object('id', md5(supplier), 'name', supplier)))",
    )
}) AS awards,
        json_array({
    _told(id="ocid || '-contract'", awardID="ocid || '-award'", title="title", status="'active'", dateSigned=_instant("contract_signed_at"))
}) AS contracts,
        list_filter([CASE WHEN procuring_entity IS NOT NULL THEN json_object('id', md5(procuring_entity), 'name', procuring_entity, 'roles', json_array('buyer', 'procuringEntity')) END], lambda party: party IS NOT NULL) AS buyers,
        list_transform(list_distinct(coalesce(suppliers, [])), lambda supplier: json_object('id', md5(supplier), 'name', supplier, 'roles', json_array('supplier'))) AS supplying
    FROM named
)"""

_STAGES = (
    ("tender", "tender_notice_at", {"parties": "to_json(buyers)", "buyer": "buyer", "tender": "tender"}),
    ("award", "award_notice_at", {"parties": "to_json(list_sort(list_concat(buyers, supplying)))", "buyer": "buyer", "awards": "awards"}),
    ("contract", "contract_signed_at", {"parties": "to_json(buyers)", "buyer": "buyer", "contracts": "contracts"}),
)


def _release(tag: str, column: str, parts: dict[str, str]) -> str:
    told = _told(
        ocid="ocid",
        id=f"ocid || '-{tag}-release'",
        date=_instant(column),
        tag=f"json_array('{tag}')",
        initiationType="'tender'",
        language="'zh'",
        **parts,
    )
    return f"SELECT ocid, '{tag}' AS tag, {column} AS released_at, ocid || '-{tag}-release' AS release_id, {told} AS release FROM ocds_processes WHERE {column} IS NOT NULL"


_RELEASES = "releases AS (" + " UNION ALL ".join(_release(*stage) for stage in _STAGES) + ")"

_NUMBERED = (
    f"numbered AS (SELECT *, (row_number() OVER (ORDER BY ocid, released_at, tag) - 1) // {RELEASES_OF_A_PACKAGE} + 1 AS package FROM releases)"
)

CREATE_PROCESSES = f"CREATE OR REPLACE TEMP TABLE ocds_processes AS WITH {_PROCESSES} FROM built"
"""The processes with what their stages are made of, worked out once. Parameters: prefix, year."""

COUNT = f"WITH {_RELEASES} SELECT count(DISTINCT ocid) FROM releases"

RELEASE_PACKAGES = f"""
WITH {_RELEASES}, {_NUMBERED}
SELECT package, string_agg(release::VARCHAR, ',\n' ORDER BY ocid, released_at, tag) FROM numbered GROUP BY package ORDER BY package
"""
"""Package number, and its releases in their order, separated by commas."""

_COMPILED = _told(
    ocid="built.ocid", id="built.ocid || '-compiled'", date=_instant("last_released_at"), tag="json_array('compiled')", initiationType="'tender'", language="'zh'",
    parties="to_json(list_sort(list_concat(buyers, CASE WHEN award_notice_at IS NOT NULL THEN supplying ELSE [] END)))", buyer="buyer",
    tender="CASE WHEN tender_notice_at IS NOT NULL THEN tender END", awards="CASE WHEN award_notice_at IS NOT NULL THEN awards END",
    contracts="CASE WHEN contract_signed_at IS NOT NULL THEN contracts END",
)  # fmt: skip

RECORD_PACKAGES = f"""
WITH {_RELEASES}, {_NUMBERED},
linked AS (
    SELECT ocid, min(package) AS package, max(released_at) AS last_released_at,
           to_json(list(json_object('url', $uri || 'releases-' || format('{{:03d}}', package) || '.json#' || url_encode(release_id), 'date', {_instant("released_at")}, 'tag', json_array(tag))
                        ORDER BY released_at, tag)) AS links
    FROM numbered GROUP BY ocid
)
SELECT package, string_agg(json_object('ocid', built.ocid, 'releases', links, 'compiledRelease', {_COMPILED})::VARCHAR, ',\n' ORDER BY built.ocid)
FROM ocds_processes AS built JOIN linked USING (ocid) GROUP BY package ORDER BY package
"""
"""Package number, and its records in their order, separated by commas. Parameter: uri."""
