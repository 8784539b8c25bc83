select
    source_row,
    record_key,
    row_hash,
    entry_code,
    notice_title as title,
    region_code,
    category,
    url,
    published_at,
    last_edited_at
from ({{ current_records('portal_entries') }}) as current_records
