{{ config(materialized="view") }}
-- Every duty with its due date and its verdict as of the day asked about.
with duties as (
    select
        duties.*,
        rules.measure,
        rules.kind,
        rules.unit,
        rules.rolls_over_holiday,
        rules.if_earlier,
        cast(rules.amount + coalesce(duties.allowance, 0) as integer) as allowed,
        subjects.transaction_type,
        subjects.region_code,
        subjects.title as subject_title,
        coverage.covers_from,
        coverage.covers_to,
        coverage.gaps
    from {{ ref('duties') }} as duties
    inner join {{ ref('rules') }} as rules on duties.rule_id = rules.rule_id and duties.version = rules.version
    inner join {{ ref('subjects') }} as subjects
        on duties.subject_type = subjects.subject_type
        and duties.subject_id = subjects.subject_id
        and rules.transaction_type = subjects.transaction_type
        and (rules.region_prefix is null or starts_with(subjects.region_code, rules.region_prefix))
    inner join {{ source('meta', 'sources') }} as sources on subjects.source_id = sources.source_id and rules.jurisdiction = sources.jurisdiction
    left join {{ ref('coverage') }} as coverage on subjects.source_id = coverage.source_id and rules.duty_event = coverage.event_type
),

-- Days are counted from the day after the trigger; a working day is looked up in the calendar, never computed.
-- A month ends on the day of the same number, or on the last day of a shorter month (民法典 §202).
signed as (
    select *, case when kind = 'before' then -allowed else allowed end as steps
    from duties
),

counted as (
    select
        *,
        case when unit = 'hour' then triggered_at + to_hours(steps) end as last_moment,
        case unit
            when 'calendar_day' then triggered_on + steps
            when 'month' then cast(triggered_on + to_months(steps) as date)
            when 'hour' then {{ local_date('triggered_at + to_hours(steps)') }}
        end as last_day
    from signed
),

dated as (
    select
        counted.*,
        case
            when counted.unit = 'working_day' then nth_working_day.day
            when counted.rolls_over_holiday and counted.last_moment is null then rolled_to.day
            else counted.last_day
        end as due_on
    from counted
    left join {{ ref('calendar') }} as trigger_day
        on counted.unit = 'working_day' and trigger_day.is_published and counted.triggered_on = trigger_day.day
    left join {{ ref('calendar') }} as nth_working_day
        on nth_working_day.is_working_day
        and nth_working_day.is_published
        -- A day off has the number of the working day before it: counting backwards, that one is the first.
        and trigger_day.working_day_number
        + counted.steps
        + case when counted.kind = 'before' and not trigger_day.is_working_day then 1 else 0 end
        = nth_working_day.working_day_number
    left join {{ ref('calendar') }} as rolled on counted.rolls_over_holiday and rolled.is_published and counted.last_day = rolled.day
    left join {{ ref('calendar') }} as rolled_to on rolled_to.is_published and rolled.next_working_day = rolled_to.day
),

limited as (
    select
        *,
        coalesce(last_moment, {{ end_of_day('due_on') }}) as due_at,
        case when last_moment is null then duty_on < due_on else duty_at < last_moment end as is_before_limit,
        case when last_moment is null then duty_on > due_on else duty_at > last_moment end as is_after_limit
    from dated
),

situated as (
    select
        *,
        duty_at is not null and (kind in ('at_least', 'exactly') or duty_at <= {{ as_of_end() }}) as is_done,
        case
            when covers_to is null then 'dataset_not_delivered'
            when covers_from is null then 'outside_coverage'
            when kind = 'before' and (triggered_on - {{ var('absence_lookback_days') }} < covers_from or triggered_on > covers_to) then 'outside_coverage'
            when kind = 'within' and (triggered_on < covers_from or due_on > covers_to) then 'outside_coverage'
            when kind = 'before' and {{ touches_a_gap('gaps', 'triggered_on - ' ~ var('absence_lookback_days'), 'triggered_on') }} then 'outside_coverage'
            when kind = 'within' and {{ touches_a_gap('gaps', 'triggered_on', 'due_on') }} then 'outside_coverage'
        end as unprovable_reason
    from limited
),

-- The outcome in one word, the verdict and its reason derived from it below.
concluded as (
    select
        *,
        case
            when triggered_at is null then 'trigger_time_missing'
            when kind <> 'before' and is_done and duty_on < triggered_on
                then case when if_earlier = 'met' then 'met' else 'duty_before_trigger' end
            when is_done and due_on is null then 'calendar_unpublished'
            -- A period that the law sets exactly and that lasts longer takes nothing from the public.
            when kind = 'exactly' and is_done and is_after_limit then 'longer'
            when kind in ('at_least', 'exactly') and is_done then case when is_before_limit then 'too_short' else 'met' end
            when is_done then case when is_after_limit then 'late' else 'met' end
            when kind in ('at_least', 'exactly') or (duty_source_row is not null and duty_at is null) then 'duty_time_missing'
            when kind = 'before' and triggered_on > {{ as_of() }} then 'pending'
            when due_on is null then 'calendar_unpublished'
            when kind = 'within' and case when last_moment is null then due_on >= {{ as_of() }} else last_moment >= {{ as_of_end() }} end then 'pending'
            when unprovable_reason is not null then unprovable_reason
            else 'absent'
        end as outcome
    from situated
)

select
    *,
    case
        when outcome in ('met', 'pending') then outcome
        when outcome = 'longer' then 'met'
        when outcome in ('late', 'absent', 'too_short') then 'missed'
        else 'undecidable'
    end as verdict
from concluded
