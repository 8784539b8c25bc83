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
    {{ whole_amount('award_amount', 'price_unit') }} as award_amount,
    price_form_code,
    currency_code,
    published_at,
    notice_ended_at
from ({{ current_records('procurement_results') }}) as current_records
