with cases as (
    select
        subjects.source_id,
        count(*) filter (where subjects.region_code = sources.region_code) as city_cases,
        count(*) filter (where subjects.region_code <> sources.region_code) as county_cases,
        count(*) as cases_all
    from {{ ref('subjects') }} as subjects
    inner join {{ source('meta', 'sources') }} as sources on subjects.source_id = sources.source_id
    where subjects.subject_type = 'violation'
    group by subjects.source_id
)

{{ figures('VIOLATING_LAWS_RULES_INFO', 'cases', ['city_cases', 'county_cases', 'cases_all']) }}
