-- What each source can be asked about: from when to when, per event type, and the gaps in it. Absence proves nothing outside of it.
with delivered as (
    select distinct deliveries.source_id, event_types.event_type, deliveries.covers_from, deliveries.covers_to
    from {{ source('meta', 'deliveries') }} as deliveries
    inner join {{ ref('event_types') }} as event_types on deliveries.dataset = event_types.dataset
    where deliveries.status = 'loaded'
),

observed as (
    select
        deliveries.source_id,
        events.event_type,
        min(events.occurred_on) as first_on,
        max({{ local_date('least(events.known_at, events.occurred_at)') }}) as last_on
    from {{ ref('events') }} as events
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('events.source_row') }} = deliveries.delivery_number
    where events.occurred_at is not null
    group by deliveries.source_id, events.event_type
),

last_sign_of_life as (
    select source_id, max(last_on) as last_on
    from observed
    group by source_id
),

gaps as (
    select gaps.source_id, event_types.event_type, list({'begins_on': gaps.begins_on, 'ends_on': gaps.ends_on} order by gaps.begins_on) as gaps
    from {{ ref('coverage_gaps') }} as gaps
    inner join {{ ref('event_types') }} as event_types on gaps.dataset = event_types.dataset
    group by gaps.source_id, event_types.event_type
)

select
    delivered.source_id,
    delivered.event_type,
    coalesce(min(delivered.covers_from), min(observed.first_on)) as covers_from,
    coalesce(max(delivered.covers_to), min(last_sign_of_life.last_on)) as covers_to,
    min(delivered.covers_from) is not null as is_declared,
    any_value(gaps.gaps) as gaps
from delivered
left join observed on delivered.source_id = observed.source_id and delivered.event_type = observed.event_type
left join last_sign_of_life on delivered.source_id = last_sign_of_life.source_id
left join gaps on delivered.source_id = gaps.source_id and delivered.event_type = gaps.event_type
group by delivered.source_id, delivered.event_type
