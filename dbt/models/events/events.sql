-- depends_on: {{ ref('touched_subjects') }}
-- Everything that happened, in one shape. A record whose time is missing still says that the thing happened: its event has no occurred_at.
{% set events = var('event_types') %}

with happened as (
    {% for event in events %}
    {% set described = var('raw_tables')[event.table] %}
    select
        '{{ described.subject_type }}' as subject_type,
        unnest(subject_codes) as subject_id,
        '{{ event.name }}' as event_type,
        {{ event.column }} as occurred_at,
        {{ event.known if event.known else event.column }} as known_at,
        {{ event.allowance if event.allowance else 'cast(null as bigint)' }} as allowance,
        record_key,
        source_row
    from {{ ref('stg_' ~ event.table) }}
    where len(subject_codes) > 0 {% if event.may_lack %}and {{ event.column }} is not null{% endif %}

    union all

    {% if described.linked_by_title %}
    select link.subject_type, link.subject_id, '{{ event.name }}', stg.{{ event.column }}, stg.{{ event.known if event.known else event.column }}, cast(null as bigint), stg.record_key, stg.source_row
    from {{ ref('stg_' ~ event.table) }} as stg
    inner join {{ ref('notice_links') }} as link on stg.row_hash = link.row_hash and link.table_name = '{{ event.table }}'

    union all
    {% endif %}
    {% endfor %}

    -- A quarantined row whose subject can be read: something happened, but nobody can say when.
    select
        held.subject_type,
        held.subject_code,
        held.event_type,
        cast(null as timestamptz),
        cast(null as timestamptz),
        cast(null as bigint),
        held.row_hash,
        held.source_row
    from (
        select
            event_types.subject_type,
            event_types.event_type,
            quarantine.subject_code,
            quarantine.row_hash,
            {{ source_row('deliveries.delivery_number', 'quarantine.row_number') }} as source_row
        from {{ source('meta', 'quarantine') }} as quarantine
        inner join {{ source('meta', 'deliveries') }} as deliveries on quarantine.delivery_id = deliveries.delivery_id
        inner join {{ ref('event_types') }} as event_types on quarantine.dataset = event_types.dataset
        where quarantine.subject_code is not null and not event_types.may_lack
    ) as held
)

select
    subject_type,
    subject_id,
    event_type,
    occurred_at,
    {{ local_date('occurred_at') }} as occurred_on,
    coalesce(known_at, occurred_at) as known_at,
    allowance,
    record_key,
    source_row
from happened
where {{ is_touched() }}
