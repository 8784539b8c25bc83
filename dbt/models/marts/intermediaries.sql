-- The register of intermediaries with what each of them discloses of the sixteen items, and its good and bad records.
with delivered as (
    select
        intermediaries.*,
        sources.source_id,
        coalesce(intermediaries.region_code, sources.region_code, '000000') as known_region_code,
        list_filter([
            {% for item in disclosed_items() %}
            case when not has_{{ item }} then '{{ item }}' end{{ ',' if not loop.last }}
            {% endfor %}
        ], lambda item: item is not null) as missing_items
    from ({{ happened_records('stg_intermediaries', 'updated_at') }}) as intermediaries
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('intermediaries.source_row') }} = deliveries.delivery_number
    inner join {{ source('meta', 'sources') }} as sources on deliveries.source_id = sources.source_id
)

select
    intermediary_code,
    {{ masked('intermediary_name') }} as intermediary_name,
    category,
    known_region_code as region_code,
    is_resident,
    is_online,
    is_standardised,
    {{ disclosed_items() | length }} as required_items,
    cast({{ disclosed_items() | length }} - len(missing_items) as integer) as disclosed_items,
    missing_items,
    len(missing_items) = 0 as is_complete,
    good_records,
    bad_records,
    {{ local_date('updated_at') }} as updated_on,
    source_id,
    source_row
from delivered
