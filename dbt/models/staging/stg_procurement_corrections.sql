select
    source_row,
    record_key,
    row_hash,
    {{ code_list('section_code') }} as subject_codes,
    purchase_project_code as tender_project_code,
    purchase_project_name as title,
    url,
    published_at,
    case when is_postponed then postponed_deadline_at end as postponed_deadline_at
from ({{ current_records('procurement_corrections') }}) as current_records
