select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('disclosure_register') }} as subject_codes,
    title,
    region_code,
    category,
    channel,
    openness,
    formed_at,
    reviewed_at,
    case when openness = '主动公开' then formed_at end as proactive_formed_at,
    published_at
from ({{ current_records('disclosure_register') }}) as current_records
