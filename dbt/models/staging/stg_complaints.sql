select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('complaints') }} as subject_codes,
    tender_project_name as title,
    region_code,
    complained_at,
    accepted_at,
    handled_at
from ({{ current_records('complaints') }}) as current_records
