-- What was disclosed over each channel. An item over several channels counts once in each of them, and once in all.
with items as (
    select
        source_id,
        {{ year_of('published_at') }} as year,
        source_row,
        channels
    from {{ ref('disclosure_register') }}
    where is_published and openness_class = 'proactive'
),

totals as (
    select source_id, year, count(*) as items_of_the_year
    from items
    group by source_id, year
),

placed as (
    select source_id, year, len(channels) as over_channels, unnest(case when len(channels) = 0 then ['未注明'] else channels end) as channel
    from items
)

select
    placed.source_id,
    placed.year,
    placed.channel,
    count(*) as items,
    count(*) filter (where placed.over_channels <= 1) as items_only_there,
    any_value(totals.items_of_the_year) as items_of_the_year
from placed
inner join totals on placed.source_id = totals.source_id and placed.year is not distinct from totals.year
group by placed.source_id, placed.year, placed.channel
