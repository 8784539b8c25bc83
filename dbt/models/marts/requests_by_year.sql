-- The balance of requests: carried over and received = answered and carried forward. An answer dated before its request counts on the request's day.
with requests as (
    select
        source_id,
        {{ year_of('received_at') }} as received_in,
        case when answered_at is not null then {{ year_of('greatest(answered_at, received_at)') }} end as answered_in,
        verdict,
        missed_reason
    from {{ ref('request_register') }}
    where received_at is not null
),

spans as (
    select source_id, min(received_in) as first_year, max(coalesce(answered_in, received_in)) as last_year
    from requests
    group by source_id
),

years as (
    select source_id, year from {{ ref('covered_years') }} where dataset = 'INFORMATION_REQUEST'
    union
    select spans.source_id, calendar.year
    from spans
    inner join (select distinct cast(extract(year from day) as integer) as year from {{ ref('calendar') }}) as calendar
        on calendar.year between spans.first_year and spans.last_year
)

select
    years.source_id,
    years.year,
    count(*) filter (where requests.received_in < years.year and coalesce(requests.answered_in >= years.year, true)) as carried_over,
    count(*) filter (where requests.received_in = years.year) as received,
    count(*) filter (where requests.answered_in = years.year) as answered,
    count(*) filter (where requests.answered_in = years.year and requests.verdict = 'met') as answered_in_time,
    count(*) filter (where requests.answered_in = years.year and requests.missed_reason = 'late') as answered_late,
    count(*) filter (where requests.received_in <= years.year and coalesce(requests.answered_in > years.year, true)) as carried_forward
from years
left join requests on years.source_id = requests.source_id
group by years.source_id, years.year
