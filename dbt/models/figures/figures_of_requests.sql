with requests as (
    select
        deliveries.source_id,
        count(*) as requests_received,
        count(*) filter (where requests.outcome = '不予公开') as requests_refused,
        sum(requests.fee) as fees_collected
    from {{ ref('stg_information_requests') }} as requests
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('requests.source_row') }} = deliveries.delivery_number
    group by deliveries.source_id
),

answers as (
    select subjects.source_id, count(*) filter (where obligations.verdict = 'met') as requests_answered_in_time
    from {{ ref('obligations') }} as obligations
    inner join {{ ref('subjects') }} as subjects
        on obligations.subject_type = subjects.subject_type and obligations.subject_id = subjects.subject_id
    where obligations.subject_type = 'information_request' and obligations.measure = 'timeliness'
    group by subjects.source_id
)

{{ figures('INFORMATION_REQUEST', 'requests', ['requests_received', 'requests_refused', 'fees_collected']) }}
union all
{{ figures('INFORMATION_REQUEST', 'answers', ['requests_answered_in_time']) }}
