-- The annual report of a source beside what its records give: which figures are reproduced, which differ, and which no record can give.
{% set national = var('raw_tables').values() | rejectattr('own') | map(attribute='dataset') | list %}

with delivered as (
    select
        deliveries.source_id,
        any_value(sources.region_code) as region_code,
        sum(deliveries.rows_loaded) filter (where deliveries.dataset in ('{{ national | join("', '") }}')) as national_rows,
        bool_or(deliveries.dataset = 'INFORMATION_REQUEST') as has_requests,
        bool_or(deliveries.dataset = 'VIOLATING_LAWS_RULES_INFO') as has_violations,
        bool_or(deliveries.dataset = 'POINT_NOTICE') as has_point_notices,
        bool_or(deliveries.dataset = 'BLACK_LIST') as has_blacklist,
        bool_or(deliveries.dataset = 'CREDIT_COMMITMENT') as has_commitments
    from {{ source('meta', 'deliveries') }} as deliveries
    inner join {{ source('meta', 'sources') }} as sources on deliveries.source_id = sources.source_id
    group by deliveries.source_id
),

requests as (
    select
        deliveries.source_id,
        count(*) as received,
        count(*) filter (where requests.outcome = '不予公开') as refused,
        coalesce(sum(requests.fee), 0) as fees
    from {{ ref('stg_information_requests') }} as requests
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('requests.source_row') }} = deliveries.delivery_number
    group by deliveries.source_id
),

answers as (
    select subjects.source_id, count(*) filter (where obligations.verdict = 'met') as in_time
    from {{ ref('obligations') }} as obligations
    inner join {{ ref('subjects') }} as subjects
        on obligations.subject_type = subjects.subject_type and obligations.subject_id = subjects.subject_id
    where obligations.subject_type = 'information_request' and obligations.measure = 'timeliness'
    group by subjects.source_id
),

cases as (
    select
        subjects.source_id,
        count(*) filter (where subjects.region_code = delivered.region_code) as of_the_city,
        count(*) filter (where subjects.region_code <> delivered.region_code) as of_counties
    from {{ ref('subjects') }} as subjects
    inner join delivered on subjects.source_id = delivered.source_id
    where subjects.subject_type = 'violation'
    group by subjects.source_id
),

counties as (
    select subjects.source_id, count(distinct subjects.region_code) as trading
    from {{ ref('subjects') }} as subjects
    inner join delivered on subjects.source_id = delivered.source_id and subjects.region_code <> delivered.region_code
    where subjects.subject_type in ('section', 'land_announcement')
    group by subjects.source_id
),

notices as (
    select source_id, count(*) as issued
    from {{ ref('sanctions') }}
    group by source_id
),

blacklisted as (
    select source_id, count(distinct coalesce(body_code, body_name)) as bodies
    from {{ ref('blacklist') }}
    group by source_id
),

commitments as (
    select source_id, count(*) as signed
    from {{ ref('credit_commitments') }}
    group by source_id
),

-- One row a source and figure that records can give. A data set that was delivered without a row counts zero, one that was not delivered nothing.
computed as (
    select
        delivered.source_id,
        unnest([
            {'indicator': 'records_pushed_to_province', 'figure': cast(delivered.national_rows as decimal(20, 6))},
            {'indicator': 'county_subcentres', 'figure': cast(counties.trading as decimal(20, 6))},
            {'indicator': 'requests_received', 'figure': {{ counted_if('has_requests', 'requests.received') }}},
            {'indicator': 'requests_answered_in_time', 'figure': {{ counted_if('has_requests', 'answers.in_time') }}},
            {'indicator': 'requests_refused', 'figure': {{ counted_if('has_requests', 'requests.refused') }}},
            {'indicator': 'fees_collected', 'figure': {{ counted_if('has_requests', 'requests.fees') }}},
            {'indicator': 'city_cases', 'figure': {{ counted_if('has_violations', 'cases.of_the_city') }}},
            {'indicator': 'county_cases', 'figure': {{ counted_if('has_violations', 'cases.of_counties') }}},
            {'indicator': 'cases_all', 'figure': {{ counted_if('has_violations', 'cases.of_the_city + cases.of_counties') }}},
            {'indicator': 'quantification_notices', 'figure': {{ counted_if('has_point_notices', 'notices.issued') }}},
            {'indicator': 'blacklisted_subjects', 'figure': {{ counted_if('has_blacklist', 'blacklisted.bodies') }}},
            {'indicator': 'credit_commitments', 'figure': {{ counted_if('has_commitments', 'commitments.signed') }}}
        ], recursive := true)
    from delivered
    left join requests on delivered.source_id = requests.source_id
    left join answers on delivered.source_id = answers.source_id
    left join cases on delivered.source_id = cases.source_id
    left join counties on delivered.source_id = counties.source_id
    left join notices on delivered.source_id = notices.source_id
    left join blacklisted on delivered.source_id = blacklisted.source_id
    left join commitments on delivered.source_id = commitments.source_id
),

compared as (
    select
        published.*,
        try_cast(published.value as decimal(20, 6)) as number,
        computed.indicator is not null as is_counted,
        computed.figure
    from {{ ref('published_figures_of_reports') }} as published
    inner join delivered on published.report = delivered.source_id
    left join computed on published.report = computed.source_id and published.indicator = computed.indicator
)

select
    report,
    indicator,
    operator,
    value as published,
    unit,
    period,
    phrase,
    figure as computed,
    cast(figure - number as decimal(20, 6)) as difference,
    case
        when number is null or figure is null then 'not_derivable'
        when (operator = '=' and figure = number) or (operator = '>=' and figure >= number) or (operator = '<=' and figure <= number) then 'reproduced'
        else 'differs'
    end as verdict,
    case
        when number is null then 'not_a_number'
        when figure is null and is_counted then 'dataset_not_delivered'
        when figure is null then 'no_dataset_states_it'
    end as reason
from compared
