select
    source_row,
    record_key,
    row_hash,
    {{ code_list('project_code') }} as subject_codes,
    project_name as title,
    region_code,
    url,
    {{ start_of_day('traded_on') }} as traded_at,
    {{ start_of_day('result_published_on') }} as published_at
from ({{ current_records('property_results') }}) as current_records
