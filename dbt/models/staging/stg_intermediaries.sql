-- Of the disclosed items only whether they are filled goes on from here: two of them are personal.
select
    source_row,
    record_key,
    row_hash,
    intermediary_code,
    intermediary_name,
    category,
    region_code,
    is_resident,
    is_online,
    is_standardised,
    good_records,
    bad_records,
    updated_at,
    {% for item in disclosed_items() %}
    {{ item }} is not null as has_{{ item }}{{ ',' if not loop.last }}
    {% endfor %}
from ({{ current_records('intermediaries') }}) as current_records
