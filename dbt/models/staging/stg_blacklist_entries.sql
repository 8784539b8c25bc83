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
    listing_reason,
    listed_at,
    {{ local_date('listed_at') }} as listed_on,
    listing_authority,
    document_number,
    is_revoked,
    restricted_action
from ({{ record_versions('blacklist_entries', 'listed_at') }}) as record_versions
