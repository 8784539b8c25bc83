select
    {{ project_columns() }},
    {{ start_of_day('traded_on') }} as traded_at,
    {{ start_of_day('result_published_on') }} as published_at
from ({{ current_records('property_results') }}) as current_records
