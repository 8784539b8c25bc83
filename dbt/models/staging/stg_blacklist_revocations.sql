select
    source_row,
    record_key,
    row_hash,
    blacklist_code,
    body_name,
    body_code,
    revocation_reason,
    revoking_authority,
    document_number,
    applied_at,
    {{ local_date('applied_at') }} as applied_on
from ({{ current_records('blacklist_revocations') }}) as current_records
