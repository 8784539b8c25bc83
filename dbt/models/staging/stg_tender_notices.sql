select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('tender_notices') }} as subject_codes,
    tender_project_code,
    notice_title as title,
    tenderer_name as procuring_entity,
    url,
    published_at,
    document_issued_at,
    document_issue_ended_at,
    bid_deadline_at,
    bid_opening_planned_at,
    -- BULLETIN_TYPE 2 is the notice of a prequalification (the code is recalled, not read).
    case when trim(bulletin_type) = '2' then document_issue_ended_at end as prequalification_issue_ended_at
from ({{ current_records('tender_notices') }}) as current_records
