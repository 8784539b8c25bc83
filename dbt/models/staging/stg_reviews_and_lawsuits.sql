select
    source_row,
    record_key,
    row_hash,
    case_code,
    region_code,
    kind,
    request_number,
    is_after_review,
    filed_at,
    decided_at,
    outcome
from ({{ current_records('reviews_and_lawsuits') }}) as current_records
