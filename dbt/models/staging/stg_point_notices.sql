select
    source_row,
    record_key,
    row_hash,
    notice_number,
    region_code,
    violation_code,
    body_name,
    body_code,
    clause,
    points,
    issued_at,
    {{ local_date('issued_at') }} as issued_on,
    expires_on,
    appeal_state
from ({{ current_records('point_notices') }}) as current_records
