select
    source_row,
    record_key,
    row_hash,
    blacklist_code,
    body_name,
    body_code,
    listing_reason,
    listed_at,
    {{ local_date('listed_at') }} as listed_on,
    listing_authority,
    document_number,
    is_revoked,
    restricted_action
from ({{ current_records('blacklist_entries') }}) as current_records
