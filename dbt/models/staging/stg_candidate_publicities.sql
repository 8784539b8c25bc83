select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('candidate_publicities') }} as subject_codes,
    tender_project_code,
    notice_title as title,
    url,
    submitted_at,
    publicity_started_at,
    publicity_ended_at
from ({{ current_records('candidate_publicities') }}) as current_records
