-- One row a day. A plain week, but for the days that State Council notices change; by default as the latest notices have it,
-- with the variable calendar_as_of as the notices of that day had it.
{{ config(materialized="view") }}
{% set as_of = var('calendar_as_of', none) %}
{% set as_of_day = "cast('" ~ as_of ~ "' as date)" if as_of else 'cast(null as date)' %}

with exceptions as (
    select
        day,
        is_working_day,
        name,
        arranged_year
    from {{ ref('calendar_exceptions') }} as exceptions
    where {{ in_force('exceptions', as_of_day) }}
),

published_years as (
    select distinct arranged_year
    from exceptions
),

days as (
    select
        days.day,
        coalesce(exceptions.is_working_day, {{ is_weekday('days.day') }}) as is_working_day,
        published_years.arranged_year is not null as is_published,
        exceptions.name
    from {{ each_day('2000-01-01', '2035-12-31') }} as days
    left join exceptions on days.day = exceptions.day
    left join published_years on extract(year from days.day) = published_years.arranged_year
)

select
    day,
    is_working_day,
    is_published,
    cast(
        sum(case when is_working_day then 1 else 0 end) over (order by day rows between unbounded preceding and current row)
        as integer
    ) as working_day_number,
    min(case when is_working_day then day end) over (order by day rows between current row and unbounded following) as next_working_day,
    name
from days
