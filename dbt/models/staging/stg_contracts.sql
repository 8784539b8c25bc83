select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('contracts') }} as subject_codes,
    tender_project_code,
    contract_name as title,
    tenderer_name as procuring_entity,
    supplier_name as supplier,
    {{ in_yuan('contract_amount', 'price_unit', 'currency_code') }} as contract_yuan,
    price_form_code,
    currency_code,
    signed_at
from ({{ current_records('contracts') }}) as current_records
