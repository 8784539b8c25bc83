{{ config(materialized='view') }}
-- The figures of every year, one a row: gathered from the marts that count them, under the names that annual reports use. What a mart counts by channel, by county or
-- by month is selected with its keys, never counted again.
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
        ('added_value_not_comparable', '项', 'case when count(added_yuan) + count(not_comparable_reason) > 0 then count(not_comparable_reason) end', none),
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
    'disclosed_by_category': [
        ('info_published_of_category', '条', 'sum(items)', none),
    ],
    'disclosed_by_channel': [
        ('info_published_over_channel', '条', 'sum(items)', none),
        ('info_published_over_channel_alone', '条', 'sum(items_only_there)', none),
    ],
    'consulted': [
        ('consultations', '人次', 'sum(consultations)', none),
    ],
    'consulted_by_channel': [
        ('consultations_over_channel', '人次', 'sum(consultations)', none),
    ],
    'decided': [
        ('permits', '件', "sum(decided) filter (where kind = '许可')", 'PERMIT_PENALTY'),
        ('penalties', '件', "sum(decided) filter (where kind = '处罚')", 'PERMIT_PENALTY'),
    ],
    'decided_by_kind': [
        ('decisions', '件', 'sum(decided)', none),
    ],
    'requested': [
        ('requests_received', '件', 'sum(received)', none),
        ('requests_carried_over', '件', 'sum(carried_over)', none),
        ('requests_answered', '件', 'sum(answered)', none),
        ('requests_answered_in_time', '件', 'sum(answered_in_time)', none),
        ('requests_answered_late', '件', 'sum(answered_late)', none),
        ('requests_carried_forward', '件', 'sum(carried_forward)', none),
    ],
    'requested_by_form': [
        ('requests_of_form', '件', 'sum(requests)', none),
    ],
    'answered': [
        ('answers', '件', 'sum(answers)', none),
    ],
    'answered_by_outcome': [
        ('answers_of_outcome', '件', 'sum(answers)', none),
    ],
    'disputed': [
        ('reconsiderations', '件', "sum(filed) filter (where kind = '复议')", none),
        ('litigations', '件', "sum(filed) filter (where kind = '诉讼')", none),
        ('complaints', '件', "sum(filed) filter (where kind = '投诉')", none),
    ],
    'disputed_by_kind': [
        ('disputes', '件', 'sum(filed)', none),
        ('disputes_upheld', '件', 'sum(upheld)', none),
        ('disputes_corrected', '件', 'sum(corrected)', none),
        ('disputes_other', '件', 'sum(other)', none),
        ('disputes_pending', '件', 'sum(pending)', none),
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
    'shown_on_channels': [
        ('channel_notices_due', '项', 'sum(due)', none),
        ('channel_notices_met', '项', 'sum(met)', none),
        ('channel_notices_missed', '项', 'sum(missed)', none),
        ('channel_notices_undecidable', '项', 'sum(undecidable)', none),
    ],
    'pushed': [
        ('push_records', '条', 'sum(records)', none),
        ('push_pushed', '条', 'sum(pushed)', none),
        ('push_judged', '条', 'sum(judged)', none),
        ('push_accepted', '条', 'sum(accepted)', none),
        ('push_on_time', '条', 'sum(on_time)', none),
        ('push_accurate', '条', 'sum(accurate)', none),
        ('push_late', '条', 'sum(late)', none),
        ('push_refused', '条', 'sum(refused)', none),
        ('push_unanswered', '条', 'sum(unanswered)', none),
        ('push_never_sent', '条', 'sum(never_sent)', none),
        ('push_timeliness', '%', '100 * max(timeliness_rate)', none),
        ('push_accuracy', '%', '100 * max(accuracy_rate)', none),
        ('push_completeness', '%', '100 * max(completeness_rate)', none),
    ],
} %}
{#- What a figure is of where it is not of a whole source and its year: the columns of the relation that say so. -#}
{% set of_subject = {
    'disclosed_by_category': 'category',
    'disclosed_by_channel': 'channel',
    'consulted_by_channel': 'channel',
    'decided_by_kind': 'kind',
    'requested_by_form': 'form',
    'answered_by_outcome': 'outcome',
    'disputed_by_kind': 'kind',
    'shown_on_channels': 'channel',
    'pushed': 'dataset',
} %}
{#- These are judged by county and period, whichever source delivers. -#}
{% set of_county_and_period = ['shown_on_channels', 'pushed'] %}

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

{% for relation, mart in {
    'disclosed': 'disclosed_items_by_category',
    'disclosed_by_category': 'disclosed_items_by_category',
    'disclosed_by_channel': 'disclosed_items_by_channel',
    'consulted': 'consultations_by_channel',
    'consulted_by_channel': 'consultations_by_channel',
    'decided': 'double_publicity',
    'decided_by_kind': 'double_publicity',
    'requested': 'requests_by_year',
    'requested_by_form': 'requests_by_form',
    'answered': 'requests_by_outcome',
    'answered_by_outcome': 'requests_by_outcome',
    'disputed': 'disputes_by_kind',
    'disputed_by_kind': 'disputes_by_kind',
}.items() %}
{{ relation }} as (
    select * from {{ ref(mart) }}
),

{% endfor %}
{% for relation, (mart, day) in {
    'sanctioned': ('sanctions', 'issued_on'),
    'listed': ('blacklist', 'listed_on'),
    'committed': ('credit_commitments', 'signed_on'),
}.items() %}
{{ relation }} as (
    select *, cast(extract(year from {{ day }}) as integer) as year from {{ ref(mart) }}
),

{% endfor %}
{% for relation, mart in {'shown_on_channels': 'channel_disclosure_rates', 'pushed': 'push_quality'}.items() %}
{{ relation }} as (
    select *, cast(null as varchar) as source_id, cast(extract(year from period_start) as integer) as year from {{ ref(mart) }}
),

{% endfor %}
-- Each relation is grouped once, whatever it tells of.
counted as (
    {% for relation, indicators in statistics.items() %}
    {% set keys = ['source_id', 'year'] + ([of_subject[relation]] if relation in of_subject else []) %}
    {% set keys = keys + (['region_code', 'period_kind', 'period_start'] if relation in of_county_and_period else []) %}
    select
        source_id,
        year,
        {{ of_subject.get(relation, 'cast(null as varchar)') }} as subject,
        {{ 'region_code' if relation in of_county_and_period else 'cast(null as varchar)' }} as region_code,
        {{ 'period_kind' if relation in of_county_and_period else "'year'" }} as period_kind,
        {{ 'period_start' if relation in of_county_and_period else first_of_year('year') }} as period_start,
        unnest([
            {% for indicator, unit, aggregate, dataset in indicators %}
            {'indicator': '{{ indicator }}', 'unit': '{{ unit }}', 'value': cast({{ 'nullif(' ~ aggregate ~ ', 0)' if dataset else aggregate }} as decimal(38, 6))}{{ ',' if not loop.last }}
            {% endfor %}
        ], recursive := true)
    from {{ relation }}
    where year is not null
    group by {{ keys | join(', ') }}
    union all
    {% endfor %}
    select
        covered_years.source_id,
        covered_years.year,
        null,
        null,
        'year',
        {{ first_of_year('covered_years.year') }},
        zeros.indicator,
        zeros.unit,
        cast(0 as decimal(38, 6))
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

select
    source_id,
    year,
    indicator,
    cast(sum(value) as decimal(38, 6)) as value,
    unit,
    subject,
    region_code,
    period_kind,
    period_start
from counted
where value is not null
group by all
