select
    source_row,
    record_key,
    row_hash,
    {{ code_list('section_codes') }} as subject_codes,
    tender_project_code,
    notice_title as title,
    url,
    submitted_at,
    publicity_started_at,
    publicity_ended_at
from ({{ current_records('candidate_publicities') }}) as current_records
