select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('evaluation_reports') }} as subject_codes,
    tender_project_code,
    report_name as title,
    evaluated_at,
    received_at,
    supplier_determined_at,
    award_letter_sent_at
from ({{ current_records('evaluation_reports') }}) as current_records
