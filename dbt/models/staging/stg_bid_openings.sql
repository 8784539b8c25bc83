select
    source_row,
    record_key,
    row_hash,
    {{ code_list('section_codes') }} as subject_codes,
    tender_project_code,
    notice_title as title,
    url,
    opened_at
from ({{ current_records('bid_openings') }}) as current_records
