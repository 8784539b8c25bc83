select
    source_row,
    record_key,
    row_hash,
    {{ code_list('pushed_key') }} as subject_codes,
    pushed_key,
    pushed_dataset,
    operation,
    region_code,
    greatest(published_at, verified_at) as published_at,
    sent_at,
    accepted_at,
    status,
    refusal_code,
    refusal_reason,
    attempt
from ({{ current_records('push_receipts') }}) as current_records
