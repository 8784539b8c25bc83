select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('violations') }} as subject_codes,
    violation_name as title,
    region_code,
    decided_at,
    reported_at,
    published_at,
    restriction_started_at,
    restriction_ended_at,
    penalty_type,
    restricted_action
from ({{ current_records('violations') }}) as current_records
