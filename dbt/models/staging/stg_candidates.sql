select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('candidates') }} as subject_codes,
    tender_project_code,
    candidate_name,
    candidate_rank,
    price_form_code,
    {{ in_yuan('bid_price', 'price_unit') }} as bid_price_yuan,
    other_bid_price
from ({{ current_records('candidates') }}) as current_records
