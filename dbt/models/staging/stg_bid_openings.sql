select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('bid_openings') }} as subject_codes,
    tender_project_code,
    notice_title as title,
    url,
    case when bidder_count >= 0 then bidder_count end as bidder_count,
    opened_at
from ({{ current_records('bid_openings') }}) as current_records
