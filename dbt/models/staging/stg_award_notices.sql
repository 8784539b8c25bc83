select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('award_notices') }} as subject_codes,
    tender_project_code,
    notice_title as title,
    region_code,
    supplier_name as supplier,
    url,
    {{ whole_amount('award_amount', 'price_unit') }} as award_amount,
    price_form_code,
    currency_code,
    published_at
from ({{ current_records('award_notices') }}) as current_records
