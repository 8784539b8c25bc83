select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('tender_exceptions') }} as subject_codes,
    tender_project_code,
    exception_name as title,
    exception_type,
    approved_at
from ({{ current_records('tender_exceptions') }}) as current_records
