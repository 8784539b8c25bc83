select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('clarifications') }} as subject_codes,
    tender_project_code,
    document_name as title,
    url,
    coalesce(clarified_at, submitted_at) as clarified_at,
    case when is_postpone then coalesce(postponed_opening_at, bid_deadline_at) else bid_deadline_at end as deadline_restated_at
from ({{ current_records('clarifications') }}) as current_records
-- The first issue of a tender document is delivered in the same data set; it clarifies nothing.
where clarify_content is not null or clarified_at is not null
