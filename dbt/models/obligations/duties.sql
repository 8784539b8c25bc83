{{ config(materialized="view") }}
-- Rules joined to events: every trigger with the duty event that answers it, if there is one. Nothing is judged here.
with rules as (
    select *
    from {{ ref('rules') }}
),

answered_in_the_same_record as (
    select
        rules.rule_id,
        rules.version,
        triggers.subject_type,
        triggers.subject_id,
        triggers.record_key,
        triggers.allowance,
        triggers.occurred_at as triggered_at,
        triggers.occurred_on as triggered_on,
        triggers.source_row as trigger_source_row,
        duties.occurred_at as duty_at,
        duties.occurred_on as duty_on,
        duties.source_row as duty_source_row
    from {{ ref('events') }} as triggers
    inner join rules
        on triggers.event_type = rules.trigger_event
        and rules.matching = 'same_record'
        and {{ in_force('rules', 'triggers.occurred_on') }}
    left join {{ ref('events') }} as duties
        on triggers.record_key = duties.record_key
        and triggers.subject_id = duties.subject_id
        and rules.duty_event = duties.event_type
        and (duties.known_at is null or duties.known_at <= {{ as_of_end() }})
    where triggers.known_at is null or triggers.known_at <= {{ as_of_end() }}
),

answered_by_the_same_subject as (
    select
        rules.rule_id,
        rules.version,
        triggers.subject_type,
        triggers.subject_id,
        cast(null as uhugeint) as record_key,
        cast(null as bigint) as allowance,
        triggers.occurred_at as triggered_at,
        triggers.occurred_on as triggered_on,
        triggers.source_row as trigger_source_row,
        duties.occurred_at as duty_at,
        duties.occurred_on as duty_on,
        duties.source_row as duty_source_row
    from {{ ref('first_events') }} as triggers
    inner join rules
        on triggers.event_type = rules.trigger_event
        and rules.matching = 'same_subject'
        and {{ in_force('rules', 'triggers.occurred_on') }}
    left join {{ ref('first_events') }} as duties
        on triggers.subject_type = duties.subject_type
        and triggers.subject_id = duties.subject_id
        and rules.duty_event = duties.event_type
)

select * from answered_in_the_same_record
union all
select * from answered_by_the_same_subject
