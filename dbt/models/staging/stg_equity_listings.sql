select
    {{ project_columns() }},
    {{ in_yuan('listing_price', 'price_unit', 'currency_code') }} as estimate_yuan,
    {{ start_of_day('listed_on') }} as listed_at,
    {{ start_of_day('listing_ended_on') }} as listing_ended_at
from ({{ current_records('equity_listings') }}) as current_records
