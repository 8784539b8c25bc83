-- What was disclosed by category, with shares: rounded plainly, and by the largest remainder, which add up to 100 without any being bent.
-- In whole tenths of a per cent, so that nothing depends on how a fraction is stored.
with counted as (
    select
        source_id,
        {{ year_of('published_at') }} as year,
        {{ stated('category') }} as category,
        count(*) as items
    from {{ ref('disclosure_register') }}
    where is_published and openness_class = 'proactive'
    group by 1, 2, 3
),

quotas as (
    select
        *,
        cast(sum(items) over of_the_year as bigint) as items_of_the_year,
        items * 1000 // cast(sum(items) over of_the_year as bigint) as tenths,
        items * 1000 % cast(sum(items) over of_the_year as bigint) as remainder
    from counted
    window of_the_year as (partition by source_id, year)
),

-- The tenths that are left over go to the largest remainders; of equal ones to the larger category.
ranked as (
    select
        *,
        row_number() over (partition by source_id, year order by remainder desc, items desc, category) as place,
        1000 - sum(tenths) over (partition by source_id, year) as left_over
    from quotas
)

select
    source_id,
    year,
    category,
    items,
    items_of_the_year,
    {{ share_percent('items', 'items_of_the_year') }} as rounded_percent,
    cast((tenths + case when place <= left_over then 1 else 0 end) / 10 as decimal(5, 1)) as allotted_percent
from ranked
