with requests as (
    select
        deliveries.source_id,
        count(*) as requests_received,
        sum(requests.fee) as fees_collected
    from ({{ happened_records('stg_information_requests', 'received_at') }}) as requests
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('requests.source_row') }} = deliveries.delivery_number
    {{ of_the_year_of_the_report('deliveries.source_id', year_of('requests.received_at')) }}
    group by deliveries.source_id
),

-- Reports speak of 回复 and of 办结.
answers as (
    select
        years.source_id,
        sum(years.answered_in_time) as requests_answered_in_time,
        sum(years.answered_in_time) as requests_completed_in_time
    from {{ ref('requests_by_year') }} as years
    {{ of_the_year_of_the_report('years.source_id', 'years.year') }}
    group by years.source_id
),

forms as (
    select
        forms.source_id,
        sum(forms.requests) filter (where forms.form = '网络') as requests_online,
        sum(forms.requests) filter (where forms.form = '信函') as requests_letter
    from {{ ref('requests_by_form') }} as forms
    {{ of_the_year_of_the_report('forms.source_id', 'forms.year') }}
    group by forms.source_id
),

outcomes as (
    select
        outcomes.source_id,
        sum(outcomes.answers) filter (where outcomes.outcome = '属于已主动公开范围') as replies_already_public,
        sum(outcomes.answers) filter (where outcomes.outcome = '同意公开') as replies_open,
        sum(outcomes.answers) filter (where outcomes.outcome in ('不予公开', '不同意公开')) as requests_refused
    from {{ ref('requests_by_outcome') }} as outcomes
    {{ of_the_year_of_the_report('outcomes.source_id', 'outcomes.year') }}
    group by outcomes.source_id
)

{{ figures('INFORMATION_REQUEST', 'requests', ['requests_received', 'fees_collected']) }}
union all
{{ figures('INFORMATION_REQUEST', 'answers', ['requests_answered_in_time', 'requests_completed_in_time']) }}
union all
{{ figures('INFORMATION_REQUEST', 'forms', ['requests_online', 'requests_letter']) }}
union all
{{ figures('INFORMATION_REQUEST', 'outcomes', ['replies_already_public', 'replies_open', 'requests_refused']) }}
