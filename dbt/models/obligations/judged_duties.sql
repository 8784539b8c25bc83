{{ config(materialized="view") }}
-- Every duty with its due date and its verdict as of the day asked about.
with duties as (
    select
        duties.*,
        rules.measure,
        rules.kind,
        rules.amount,
        rules.unit,
        rules.rolls_over_holiday,
        rules.if_earlier,
        subjects.transaction_type,
        subjects.region_code,
        subjects.title as subject_title,
        coverage.covers_from,
        coverage.covers_to
    from {{ ref('duties') }} as duties
    inner join {{ ref('rules') }} as rules on duties.rule_id = rules.rule_id and duties.version = rules.version
    inner join {{ ref('subjects') }} as subjects
        on duties.subject_type = subjects.subject_type
        and duties.subject_id = subjects.subject_id
        and rules.transaction_type = subjects.transaction_type
    inner join {{ source('meta', 'sources') }} as sources on subjects.source_id = sources.source_id and rules.jurisdiction = sources.jurisdiction
    left join {{ ref('coverage') }} as coverage on subjects.source_id = coverage.source_id and rules.duty_event = coverage.event_type
),

-- Days are counted from the day after the trigger; a working day is looked up in the calendar, never computed.
dated as (
    select
        duties.*,
        case
            when duties.kind = 'before' then duties.triggered_on - duties.amount
            when duties.unit = 'working_day' then nth_working_day.day
            when duties.rolls_over_holiday then rolled_to.day
            else duties.triggered_on + duties.amount
        end as due_on
    from duties
    left join {{ ref('calendar') }} as trigger_day on duties.unit = 'working_day' and trigger_day.is_published and duties.triggered_on = trigger_day.day
    left join {{ ref('calendar') }} as nth_working_day
        on nth_working_day.is_working_day
        and nth_working_day.is_published
        and trigger_day.working_day_number + duties.amount = nth_working_day.working_day_number
    left join {{ ref('calendar') }} as rolled
        on duties.unit = 'calendar_day'
        and duties.rolls_over_holiday
        and rolled.is_published
        and duties.triggered_on + duties.amount = rolled.day
    left join {{ ref('calendar') }} as rolled_to on rolled_to.is_published and rolled.next_working_day = rolled_to.day
),

situated as (
    select
        *,
        duty_at is not null and (kind = 'at_least' or duty_at <= {{ as_of_end() }}) as is_done,
        case
            when covers_to is null then 'dataset_not_delivered'
            when covers_from is null then 'outside_coverage'
            when kind = 'before' and (triggered_on - {{ var('absence_lookback_days') }} < covers_from or triggered_on > covers_to) then 'outside_coverage'
            when kind = 'within' and (triggered_on < covers_from or due_on > covers_to) then 'outside_coverage'
        end as unprovable_reason
    from dated
),

-- The outcome in one word, the verdict and its reason derived from it below.
concluded as (
    select
        *,
        case
            when triggered_at is null then 'trigger_time_missing'
            when kind in ('within', 'at_least') and is_done and duty_on < triggered_on
                then case when if_earlier = 'met' then 'met' else 'duty_before_trigger' end
            when kind = 'at_least' and is_done and due_on is null then 'calendar_unpublished'
            when kind = 'at_least' and is_done then case when duty_on >= due_on then 'met' else 'too_short' end
            when kind = 'before' and is_done then case when duty_on <= due_on then 'met' else 'late' end
            when kind = 'within' and is_done and due_on is null then 'calendar_unpublished'
            when kind = 'within' and is_done then case when duty_on <= due_on then 'met' else 'late' end
            when kind = 'at_least' or (duty_source_row is not null and duty_at is null) then 'duty_time_missing'
            when kind = 'before' and triggered_on > {{ as_of() }} then 'pending'
            when kind = 'within' and due_on is null then 'calendar_unpublished'
            when kind = 'within' and due_on >= {{ as_of() }} then 'pending'
            when unprovable_reason is not null then unprovable_reason
            else 'absent'
        end as outcome
    from situated
)

select
    *,
    case
        when outcome in ('met', 'pending') then outcome
        when outcome in ('late', 'absent', 'too_short') then 'missed'
        else 'undecidable'
    end as verdict
from concluded
