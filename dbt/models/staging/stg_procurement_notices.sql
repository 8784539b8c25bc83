select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('procurement_notices') }} as subject_codes,
    purchase_project_code as tender_project_code,
    purchase_project_name as title,
    region_code,
    url,
    {{ in_yuan('budget_amount', 'price_unit') }} as estimate_yuan,
    published_at,
    bid_deadline_at,
    notice_ended_at,
    document_provision_ended_at
from ({{ current_records('procurement_notices') }}) as current_records
