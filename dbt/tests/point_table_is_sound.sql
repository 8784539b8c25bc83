-- Rows of the point table and of the thresholds that could not be applied: amounts that are none, a version that ends before it begins, two versions in force on one day.
with versions as (
    select 'point_table' as seed, clause as name, points as amount, valid_months as months, valid_from, valid_to
    from {{ ref('point_table') }}
    union all
    select 'blacklist_thresholds', 'blacklist', blacklist_points, window_months, valid_from, valid_to
    from {{ ref('blacklist_thresholds') }}
),

numbered as (
    select *, row_number() over (partition by seed, name order by valid_from, valid_to) as version_number
    from versions
)

select seed, name, valid_from, 'points and months are more than zero' as expected
from numbered
where amount <= 0 or months <= 0

union all

select seed, name, valid_from, 'a version ends after it begins'
from numbered
where valid_to < valid_from

union all

select later.seed, later.name, later.valid_from, 'one version is in force on a day'
from numbered as later
inner join numbered as earlier
    on later.seed = earlier.seed
    and later.name = earlier.name
    and later.version_number > earlier.version_number
    and later.valid_from <= coalesce(earlier.valid_to, later.valid_from)
