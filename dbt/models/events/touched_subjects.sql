-- Whose rows a build that goes on from the last one makes again: whoever a new delivery speaks of, by whichever version of a record, and whoever the
-- passing of days or another coverage may still change. A build from the ground makes all of them and asks nobody.
{% set goes_on = not flags.FULL_REFRESH %}
{% set events = api.Relation.create(database=target.database, schema='events', identifier='events') %}
{% set obligations = api.Relation.create(database=target.database, schema='marts', identifier='obligations') %}

with spoken_of as (
    {% for table, described in var('raw_tables').items() if described.subject %}
    select '{{ described.subject_type }}' as subject_type, unnest({{ subject_codes(table) }}) as subject_id
    from {{ source('raw', table) }}
    where {{ 'record_key in (select record_key from ' ~ source('raw', table) ~ ' where ' ~ is_new('source_row') ~ ' or ' ~ became_known('version_at') ~ ')' if goes_on else 'false' }}
    union all
    {% endfor %}
    select event_types.subject_type, quarantine.subject_code
    from {{ source('meta', 'quarantine') }} as quarantine
    inner join {{ source('meta', 'deliveries') }} as deliveries on quarantine.delivery_id = deliveries.delivery_id
    inner join {{ ref('event_types') }} as event_types on quarantine.dataset = event_types.dataset
    where quarantine.subject_code is not null and {{ is_new(source_row('deliveries.delivery_number', 0)) if goes_on else 'false' }}
    union all
    select subject_type, subject_id from {{ ref('notice_links') }}
),

-- Verdicts of the last build that are not final, and what it did not know yet.
still_open as (
    {% if goes_on and execute and load_relation(obligations) and load_relation(events) %}
    select subject_type, subject_id
    from {{ obligations }}
    where verdict in ('pending', 'undecidable') or missed_reason = 'absent'
    union all
    select subject_type, subject_id
    from {{ events }}
    where known_at > (select {{ end_of_day('max(as_of)') }} from {{ source('meta', 'last_build') }})
    {% else %}
    select subject_type, subject_id from spoken_of where false
    {% endif %}
)

select distinct subject_type, subject_id from spoken_of
union
select distinct subject_type, subject_id from still_open
