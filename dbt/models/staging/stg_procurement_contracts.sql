select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('procurement_contracts') }} as subject_codes,
    purchase_project_code as tender_project_code,
    contract_name as title,
    purchaser_name as procuring_entity,
    supplier_name as supplier,
    {{ in_yuan('contract_amount', 'price_unit', 'currency_code') }} as contract_yuan,
    price_form_code,
    currency_code,
    url,
    signed_at,
    published_at
from ({{ current_records('procurement_contracts') }}) as current_records
