with counties as (
    select subjects.source_id, count(distinct subjects.region_code) as county_subcentres
    from {{ ref('subjects') }} as subjects
    inner join {{ source('meta', 'sources') }} as sources on subjects.source_id = sources.source_id and subjects.region_code <> sources.region_code
    where subjects.subject_type in ('section', 'land_announcement')
    group by subjects.source_id
)

select source_id, 'county_subcentres' as indicator, cast(county_subcentres as decimal(20, 6)) as figure
from counties
