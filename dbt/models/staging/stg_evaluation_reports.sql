select
    source_row,
    record_key,
    row_hash,
    {{ code_list('section_code') }} as subject_codes,
    tender_project_code,
    report_name as title,
    evaluated_at,
    received_at,
    supplier_determined_at,
    award_letter_sent_at
from ({{ current_records('evaluation_reports') }}) as current_records
