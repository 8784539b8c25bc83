select
    {{ project_columns() }},
    {{ whole_amount('trade_amount', 'price_unit') }} as award_amount,
    currency_code,
    {{ start_of_day('traded_on') }} as traded_at,
    {{ start_of_day('result_published_on') }} as published_at
from ({{ current_records('property_results') }}) as current_records
