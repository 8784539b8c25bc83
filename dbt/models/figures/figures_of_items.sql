-- Items of the register that were disclosed in the year of the report, as the report's indicators group them.
with items as (
    select register.source_id, register.source_row, register.category, {{ code_list('register.channel') }} as channels
    from {{ ref('disclosure_register') }} as register
    {{ of_the_year_of_the_report('register.source_id', year_of('register.published_at')) }}
    where register.is_published and register.openness_class = 'proactive'
),

totals as (
    select source_id, count(*) as items
    from items
    group by source_id
),

counted as (
    select items.source_id, indicators.indicator, count(distinct items.source_row) as items
    from items
    inner join {{ ref('indicators_of_items') }} as indicators
        on coalesce(items.category = indicators.category, indicators.category is null)
        and coalesce(list_contains(items.channels, indicators.channel), true)
    group by items.source_id, indicators.indicator
),

asked as (
    select distinct delivered.source_id, indicators.indicator, indicators.measure
    from {{ ref('delivered_datasets') }} as delivered
    cross join {{ ref('indicators_of_items') }} as indicators
    where delivered.dataset = 'DISCLOSURE_REGISTER'
)

select
    asked.source_id,
    asked.indicator,
    cast(
        case asked.measure
            when 'items' then coalesce(counted.items, 0)
            else {{ share_percent('coalesce(counted.items, 0)', 'nullif(totals.items, 0)') }}
        end as decimal(20, 6)) as figure
from asked
left join counted on asked.source_id = counted.source_id and asked.indicator = counted.indicator
left join totals on asked.source_id = totals.source_id
