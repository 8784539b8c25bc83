with requests as (
    select
        deliveries.source_id,
        count(*) as requests_received,
        count(*) filter (where requests.outcome in ('不予公开', '不同意公开')) as requests_refused,
        sum(requests.fee) as fees_collected
    from ({{ happened_records('stg_information_requests', 'received_at') }}) as requests
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('requests.source_row') }} = deliveries.delivery_number
    group by deliveries.source_id
),

-- Reports speak of 回复 and of 办结.
answers as (
    select
        source_id,
        sum(answered_in_time) as requests_answered_in_time,
        sum(answered_in_time) as requests_completed_in_time
    from {{ ref('requests_by_year') }}
    group by source_id
),

forms as (
    select
        source_id,
        sum(requests) filter (where form = '网络') as requests_online,
        sum(requests) filter (where form = '信函') as requests_letter
    from {{ ref('requests_by_form') }}
    group by source_id
),

outcomes as (
    select
        source_id,
        sum(answers) filter (where outcome = '属于已主动公开范围') as replies_already_public,
        sum(answers) filter (where outcome = '同意公开') as replies_open
    from {{ ref('requests_by_outcome') }}
    group by source_id
)

{{ figures('INFORMATION_REQUEST', 'requests', ['requests_received', 'requests_refused', 'fees_collected']) }}
union all
{{ figures('INFORMATION_REQUEST', 'answers', ['requests_answered_in_time', 'requests_completed_in_time']) }}
union all
{{ figures('INFORMATION_REQUEST', 'forms', ['requests_online', 'requests_letter']) }}
union all
{{ figures('INFORMATION_REQUEST', 'outcomes', ['replies_already_public', 'replies_open']) }}
