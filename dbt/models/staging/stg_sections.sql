select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('sections') }} as subject_codes,
    tender_project_code,
    section_name as title,
    region_code,
    unified_deal_code,
    {{ in_yuan('estimated_price', 'price_unit', 'currency_code') }} as estimate_yuan,
    currency_code,
    created_at
from ({{ current_records('sections') }}) as current_records
