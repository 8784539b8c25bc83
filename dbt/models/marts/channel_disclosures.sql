-- Every duty to disclose a notice of a project or of its result, on every channel over which it must be disclosed. Whether there is a duty, and since when,
-- is told by the obligations; here it is only looked for on the channels.
with notices as (
    select
        obligations.*,
        rules.duty_event as notice_event,
        -- As of its obligation: a term runs to the end of its last day, a notice must be there before its stage is reached.
        case when rules.kind = 'before' then obligations.due_on > {{ as_of() }} else obligations.due_on >= {{ as_of() }} end as may_still_come,
        subjects.source_id,
        channels.channel,
        channels.shown_by,
        channels.source as channel_source,
        channels.status as channel_status
    from {{ ref('obligations') }} as obligations
    inner join {{ ref('rules') }} as rules on obligations.rule_id = rules.rule_id and obligations.rule_version = rules.version
    inner join {{ ref('required_channels') }} as channels
        on starts_with(obligations.region_code, channels.region_prefix) and {{ in_force('channels', 'obligations.due_on') }}
    inner join {{ ref('subjects') }} as subjects on obligations.subject_type = subjects.subject_type and obligations.subject_id = subjects.subject_id
    where obligations.measure = 'disclosure'
        and rules.duty_event in (select categories.notice_event from {{ ref('notice_categories') }} as categories)
),

registered as (
    select
        categories.notice_event,
        entries.subject_id,
        entries.channel,
        min(entries.published_at) as published_at,
        {{ row_of_first('entries.source_row', 'entries.published_at') }} as source_row
    from (
        select category, published_at, source_row, unnest(related_codes) as subject_id, channel
        from (select category, published_at, source_row, related_codes, unnest(channels) as channel from {{ ref('stg_disclosure_register') }}) as by_channel
        -- What was published later did not exist on the day asked about.
        where published_at is null or published_at <= {{ as_of_end() }}
    ) as entries
    inner join {{ ref('notice_categories') }} as categories on entries.category = categories.category
    group by categories.notice_event, entries.subject_id, entries.channel
),

looked_for as (
    select
        notices.*,
        case when notices.shown_by = 'notice' then notices.fulfilled_at else registered.published_at end as published_at,
        case when notices.shown_by = 'notice' then notices.duty_source_row else registered.source_row end as shown_source_row,
        case
            -- Whether anything is to be disclosed yet, or can be known to be, is no question of the channel.
            when notices.verdict not in ('met', 'missed') then coalesce(notices.undecidable_reason, notices.verdict)
            when notices.shown_by = 'notice' then coalesce(notices.missed_reason, notices.verdict)
            when {{ local_date('registered.published_at') }} > notices.due_on then 'late'
            when registered.published_at is not null then 'met'
            when registered.subject_id is not null then 'duty_time_missing'
            when notices.may_still_come then 'pending'
            when coverage.source_id is null then 'dataset_not_delivered'
            when coverage.covers_from is null or notices.due_on < coverage.covers_from or notices.due_on > coverage.covers_to then 'outside_coverage'
            when {{ touches_a_gap('coverage.gaps', 'least(' ~ local_date('notices.triggered_at') ~ ', notices.due_on)', 'notices.due_on') }} then 'outside_coverage'
            else 'absent'
        end as outcome
    from notices
    left join registered
        on notices.notice_event = registered.notice_event
        and notices.subject_id = registered.subject_id
        and notices.channel = registered.channel
    left join {{ ref('coverage') }} as coverage on notices.source_id = coverage.source_id and coverage.event_type = 'information_published'
)

select
    obligation_id,
    channel,
    rule_id,
    rule_version,
    transaction_type,
    region_code,
    subject_type,
    subject_id,
    subject_title,
    triggered_at,
    due_on,
    published_at,
    case
        when outcome in ('met', 'pending', 'exempt') then outcome
        when outcome in ('late', 'absent', 'too_short') then 'missed'
        else 'undecidable'
    end as verdict,
    case when outcome in ('late', 'absent', 'too_short') then outcome end as missed_reason,
    case when outcome not in ('met', 'pending', 'exempt', 'late', 'absent', 'too_short') then outcome end as undecidable_reason,
    shown_by,
    channel_source,
    channel_status,
    as_of,
    source_id,
    trigger_source_row,
    shown_source_row
from looked_for
