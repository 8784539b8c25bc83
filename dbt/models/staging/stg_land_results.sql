select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('land_results') }} as subject_codes,
    land_project_name as title,
    region_code,
    supplier_name as supplier,
    url,
    {{ whole_amount('deal_price', 'price_unit') }} as award_amount,
    {{ in_yuan('start_price', 'price_unit', 'currency_code') }} as starting_yuan,
    land_deal_code as parcel,
    currency_code,
    published_at
from ({{ current_records('land_results') }}) as current_records
