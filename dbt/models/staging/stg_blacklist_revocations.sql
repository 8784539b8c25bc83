select
    source_row,
    record_key,
    row_hash,
    version_number,
    known_at,
    is_withdrawn,
    blacklist_code,
    body_name,
    body_code,
    revocation_reason,
    revoking_authority,
    document_number,
    applied_at,
    {{ local_date('applied_at') }} as applied_on
from ({{ record_versions('blacklist_revocations', 'applied_at') }}) as record_versions
