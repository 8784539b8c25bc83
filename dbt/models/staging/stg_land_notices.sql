select
    source_row,
    record_key,
    row_hash,
    {{ subject_codes('land_notices') }} as subject_codes,
    land_project_name as title,
    region_code,
    announcement_unit as procuring_entity,
    url,
    {{ in_yuan('start_price', 'price_unit') }} as estimate_yuan,
    field_num as parcels,
    {{ start_of_day('published_on') }} as published_at,
    listing_started_at,
    listing_ended_at
from ({{ current_records('land_notices') }}) as current_records
