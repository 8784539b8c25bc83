select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('procurement_results') }} as subject_codes,
    purchase_project_code as tender_project_code,
    purchase_project_name as title,
    region_code,
    supplier_name as supplier,
    url,
    {{ in_yuan('award_amount', 'price_unit', 'currency_code') }} as award_yuan,
    price_form_code,
    currency_code,
    published_at,
    notice_ended_at
from ({{ current_records('procurement_results') }}) as current_records
