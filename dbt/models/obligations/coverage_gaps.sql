{{ config(materialized="view") }}
-- What lies between two periods that a source declares to cover of a data set: a delivery that was lost or not made. What is not found there proves nothing.
with declared as (
    select
        source_id,
        dataset,
        covers_from,
        max(covers_to) over (partition by source_id, dataset order by covers_from, covers_to rows between unbounded preceding and 1 preceding) as covered_until
    from {{ source('meta', 'deliveries') }}
    where status = 'loaded' and covers_from is not null and covers_to is not null
)

select source_id, dataset, covered_until + 1 as begins_on, covers_from - 1 as ends_on
from declared
where covers_from > covered_until + 1
