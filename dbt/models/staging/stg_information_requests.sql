select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('information_requests') }} as subject_codes,
    title,
    region_code,
    form,
    outcome,
    fee,
    cast(coalesce(suspended_days, 0) + coalesce(extended_days, 0) as bigint) as allowed_days,
    received_at,
    answered_at
from ({{ current_records('information_requests') }}) as current_records
