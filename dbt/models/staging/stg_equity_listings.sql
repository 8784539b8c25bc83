select
    source_row,
    record_key,
    row_hash,
    {{ code_list('project_code') }} as subject_codes,
    project_name as title,
    region_code,
    url,
    {{ start_of_day('listed_on') }} as listed_at,
    {{ start_of_day('listing_ended_on') }} as listing_ended_at
from ({{ current_records('equity_listings') }}) as current_records
