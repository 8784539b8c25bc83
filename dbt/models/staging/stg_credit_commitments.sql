select
    source_row,
    record_key,
    row_hash,
    {{ code_list('section_code') }} as subject_codes,
    section_code,
    region_code,
    body_name,
    body_code,
    signed_at
from ({{ current_records('credit_commitments') }}) as current_records
