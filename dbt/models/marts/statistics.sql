{{ config(materialized='view') }}
-- The figures of every year, one a row: gathered from the marts that count them, under the names that annual reports use.
{#- By relation: indicator, unit, aggregate, and the data set that gives a zero where it was delivered for the whole year and tells of none. -#}
{% set statistics = {
    'concluded': [
        ('transactions', '项', 'count(*)', none),
        ('transactions_construction', '项', "count(*) filter (where transaction_type = 'construction')", 'WIN_RESULT_ANNO'),
        ('transactions_procurement', '项', "count(*) filter (where transaction_type = 'procurement')", 'BID_DEAL_ANNOUNCE'),
        ('transactions_land', '项', "count(*) filter (where transaction_type = 'land')", 'DEAL_LAND_INFO'),
        ('transactions_property', '项', "count(*) filter (where transaction_type = 'property')", 'TRADE_RESULT_INFO'),
        ('award_amount', '元', 'sum(award_yuan)', none),
        ('savings', '元', 'sum(savings_yuan)', none),
        ('added_value', '元', 'sum(added_yuan)', none),
    ],
    'opened': [
        ('sections_with_bidders', '个', 'count(*)', none),
        ('bidders', '个', 'sum(bidders)', none),
    ],
    'exceptions': [
        ('failed_tenders', '次', 'count(*) filter (where is_failed)', 'TENDER_ABNORMITY_REPORT'),
    ],
    'disclosed': [
        ('info_published_total', '条', 'sum(items)', 'DISCLOSURE_REGISTER'),
    ],
    'consulted': [
        ('consultations', '人次', 'sum(consultations)', none),
    ],
    'decided': [
        ('permits', '件', "sum(decided) filter (where kind = '许可')", 'PERMIT_PENALTY'),
        ('penalties', '件', "sum(decided) filter (where kind = '处罚')", 'PERMIT_PENALTY'),
    ],
    'requested': [
        ('requests_received', '件', 'sum(received)', none),
        ('requests_carried_over', '件', 'sum(carried_over)', none),
        ('requests_answered', '件', 'sum(answered)', none),
        ('requests_answered_in_time', '件', 'sum(answered_in_time)', none),
        ('requests_answered_late', '件', 'sum(answered_late)', none),
        ('requests_carried_forward', '件', 'sum(carried_forward)', none),
    ],
    'disputed': [
        ('reconsiderations', '件', "sum(filed) filter (where kind = '复议')", none),
        ('litigations', '件', "sum(filed) filter (where kind = '诉讼')", none),
        ('complaints', '件', "sum(filed) filter (where kind = '投诉')", none),
    ],
    'sanctioned': [
        ('quantification_notices', '份', 'count(*)', 'POINT_NOTICE'),
    ],
    'listed': [
        ('blacklisted_subjects', '个', 'count(distinct coalesce(body_code, body_name))', 'BLACK_LIST'),
    ],
    'committed': [
        ('credit_commitments', '份', 'count(*)', 'CREDIT_COMMITMENT'),
    ],
} %}

with deals as (
    select transactions.*, subjects.source_id
    from {{ ref('transactions') }} as transactions
    inner join {{ ref('subjects') }} as subjects on transactions.subject_type = subjects.subject_type and transactions.subject_id = subjects.subject_id
),

concluded as (
    select *, {{ year_of('concluded_at') }} as year from deals
),

opened as (
    select *, {{ year_of('bids_opened_at') }} as year from deals where bidders is not null
),

exceptions as (
    select *, {{ year_of('approved_at') }} as year from {{ ref('tender_exceptions') }}
),

disclosed as (
    select * from {{ ref('disclosed_items_by_category') }}
),

consulted as (
    select * from {{ ref('consultations_by_channel') }}
),

decided as (
    select * from {{ ref('double_publicity') }}
),

requested as (
    select * from {{ ref('requests_by_year') }}
),

disputed as (
    select * from {{ ref('disputes_by_kind') }}
),

sanctioned as (
    select *, cast(extract(year from issued_on) as integer) as year from {{ ref('sanctions') }}
),

listed as (
    select *, cast(extract(year from listed_on) as integer) as year from {{ ref('blacklist') }}
),

committed as (
    select *, cast(extract(year from signed_on) as integer) as year from {{ ref('credit_commitments') }}
),

-- Each relation is read once, whatever it tells of.
counted as (
    {% for relation, indicators in statistics.items() %}
    select
        source_id,
        year,
        unnest([
            {% for indicator, unit, aggregate, dataset in indicators %}
            {'indicator': '{{ indicator }}', 'unit': '{{ unit }}', 'value': cast({{ 'nullif(' ~ aggregate ~ ', 0)' if dataset else aggregate }} as decimal(20, 6))}{{ ',' if not loop.last }}
            {% endfor %}
        ], recursive := true)
    from {{ relation }}
    where year is not null
    group by source_id, year
    union all
    {% endfor %}
    select covered_years.source_id, covered_years.year, zeros.indicator, zeros.unit, cast(0 as decimal(20, 6))
    from {{ ref('covered_years') }} as covered_years
    inner join (
        values
        {% for indicators in statistics.values() %}
        {% for indicator, unit, aggregate, dataset in indicators if dataset %}
        ('{{ dataset }}', '{{ indicator }}', '{{ unit }}'),
        {% endfor %}
        {% endfor %}
        (null, null, null)
    ) as zeros (dataset, indicator, unit) on covered_years.dataset = zeros.dataset
)

select source_id, year, indicator, cast(sum(value) as decimal(20, 6)) as value, unit
from counted
where value is not null
group by source_id, year, indicator, unit
