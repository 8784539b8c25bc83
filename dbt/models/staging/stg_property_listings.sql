-- The floor price decides how long an asset is listed; one without a price in yuan is under neither limit.
with priced as (
    select
        *,
        {{ in_yuan('listing_price', 'price_unit', 'currency_code') }} as listing_yuan
    from ({{ current_records('property_listings') }}) as current_records
)

select
    {{ project_columns() }},
    listing_yuan as estimate_yuan,
    {{ start_of_day('listed_on') }} as listed_at,
    case when listing_yuan > 1000000 and listing_yuan < 10000000 then {{ start_of_day('listed_on') }} end as medium_asset_listed_at,
    case when listing_yuan > 10000000 then {{ start_of_day('listed_on') }} end as large_asset_listed_at,
    {{ start_of_day('listing_ended_on') }} as listing_ended_at
from priced
