{{ config(materialized='view') }}
-- How many intermediaries of a category disclose each of the sixteen items: all of them, and the standardised ones among them.
with items as (
    select unnest(['{{ disclosed_items() | join("', '") }}']) as item
)

select
    intermediaries.source_id,
    intermediaries.category,
    items.item,
    count(*) as bodies,
    count(*) filter (where not list_contains(intermediaries.missing_items, items.item)) as bodies_disclosing,
    count(*) filter (where intermediaries.is_standardised) as standardised,
    count(*) filter (where intermediaries.is_standardised and not list_contains(intermediaries.missing_items, items.item)) as standardised_disclosing
from {{ ref('intermediaries') }} as intermediaries
cross join items
group by intermediaries.source_id, intermediaries.category, items.item
