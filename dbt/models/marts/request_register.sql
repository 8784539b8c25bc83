-- The register of requests for information: each with its steps so far, and the verdict on its answer.
with requests as (
    select
        requests.*,
        sources.source_id,
        coalesce(requests.region_code, sources.region_code, '000000') as known_region_code
    from ({{ happened_records('stg_information_requests', 'received_at') }}) as requests
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('requests.source_row') }} = deliveries.delivery_number
    inner join {{ source('meta', 'sources') }} as sources on deliveries.source_id = sources.source_id
),

-- A step that lies after the day asked about has not been taken.
taken as (
    select
        requests.* exclude (accepted_at, suspended_at, resumed_at, answered_at),
        {% for step in ['accepted_at', 'suspended_at', 'resumed_at', 'answered_at'] %}
        case when {{ step }} <= {{ as_of_end() }} then {{ step }} end as {{ step }}{{ ',' if not loop.last }}
        {% endfor %}
    from requests
),

answers as (
    select subject_id, due_on, verdict, missed_reason, undecidable_reason, days_late
    from {{ ref('obligations') }}
    where subject_type = 'information_request' and measure = 'timeliness'
)

select
    taken.request_number,
    taken.known_region_code as region_code,
    {{ masked('taken.office') }} as office,
    taken.form,
    taken.received_at,
    taken.accepted_at,
    taken.suspended_at,
    taken.resumed_at,
    taken.suspended_days,
    taken.extended_days,
    taken.answered_at,
    case when taken.answered_at is not null then taken.outcome end as outcome,
    case
        when taken.answered_at is not null then 'answered'
        when taken.suspended_at is not null and taken.resumed_at is null then 'suspended'
        when taken.accepted_at is not null or taken.suspended_at is not null then 'accepted'
        when taken.received_at is not null then 'received'
        else 'undecidable'
    end as state,
    answers.due_on,
    answers.verdict,
    answers.missed_reason,
    answers.undecidable_reason,
    answers.days_late,
    taken.source_id,
    taken.source_row
from taken
left join answers on taken.request_number = answers.subject_id
