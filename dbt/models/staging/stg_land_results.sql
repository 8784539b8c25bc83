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
    currency_code,
    published_at
from ({{ current_records('land_results') }}) as current_records
