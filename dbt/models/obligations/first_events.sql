-- depends_on: {{ ref('touched_subjects') }}
-- The first time each event type happened to each subject, as far as it was known on the day asked about.
select
    subject_type,
    subject_id,
    event_type,
    min(occurred_at) as occurred_at,
    min(occurred_on) as occurred_on,
    {{ row_of_first('source_row', 'occurred_at') }} as source_row
from {{ ref('events') }}
where (known_at is null or known_at <= {{ as_of_end() }}) and {{ is_touched() }}
group by subject_type, subject_id, event_type
