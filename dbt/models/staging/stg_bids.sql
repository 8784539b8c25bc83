-- Who bid is known by code, else by name; of the persons behind a bid nothing is taken.
select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('bids') }} as subject_codes,
    tender_project_code,
    cast(null as varchar) as title,
    coalesce(bidder_code, bidder_name) as bidder
from ({{ current_records('bids') }}) as current_records
