-- depends_on: {{ ref('touched_subjects') }}
-- Every obligation is told as of one day, also those whose verdict no day changes any more.
{{ config(post_hook="update {{ this }} set as_of = {{ as_of() }} where as_of <> {{ as_of() }}") }}
select
    rule_id || ':' || subject_id || coalesce(':' || {{ record_mark('record_key') }}, '') as obligation_id,
    rule_id,
    version as rule_version,
    measure,
    transaction_type,
    region_code,
    subject_type,
    subject_id,
    subject_title,
    triggered_at,
    due_at,
    due_on,
    {{ fell_due_on() }} as fell_due_on,
    case when is_done then duty_at end as fulfilled_at,
    verdict,
    case when verdict = 'missed' then outcome end as missed_reason,
    case when verdict = 'undecidable' then outcome end as undecidable_reason,
    case outcome
        when 'late' then date_diff('day', due_on, duty_on)
        when 'absent' then date_diff('day', due_on, {{ as_of() }})
        when 'too_short' then date_diff('day', duty_on, due_on)
    end as days_late,
    {{ as_of() }} as as_of,
    trigger_source_row,
    duty_source_row
from {{ ref('judged_duties') }}
where {{ is_touched() }}
