select
    source_row,
    record_key,
    row_hash,
    version_number,
    known_at,
    is_withdrawn,
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
from ({{ record_versions('point_notices', 'issued_at') }}) as record_versions
