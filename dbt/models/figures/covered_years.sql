-- The years that what a source delivers of a data set covers from the first day to the last without a gap, so far as they have begun: what is not found in them was not there.
with covered as (
    select source_id, dataset, min(covers_from) as covers_from, max(covers_to) as covers_to
    from {{ source('meta', 'deliveries') }}
    where status = 'loaded'
    group by source_id, dataset
),

years as (
    select cast(extract(year from day) as integer) as year, min(day) as begins_on, max(day) as ends_on
    from {{ ref('calendar') }}
    group by 1
)

select covered.source_id, covered.dataset, years.year
from covered
inner join years on covered.covers_from <= years.begins_on and covered.covers_to >= years.ends_on and years.begins_on <= {{ as_of() }}
where not exists (
    select 1 from {{ ref('coverage_gaps') }} as gaps
    where gaps.source_id = covered.source_id and gaps.dataset = covered.dataset and gaps.begins_on <= years.ends_on and gaps.ends_on >= years.begins_on
)
