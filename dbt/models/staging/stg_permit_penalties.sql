select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('permit_penalties') }} as subject_codes,
    document_number,
    title,
    region_code,
    kind,
    authority,
    decided_at,
    published_at
from ({{ current_records('permit_penalties') }}) as current_records
