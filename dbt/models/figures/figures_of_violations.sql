with cases as (
    select
        subjects.source_id,
        count(*) filter (where subjects.region_code = sources.region_code) as city_cases,
        count(*) filter (where subjects.region_code <> sources.region_code) as county_cases,
        count(*) as cases_all
    from {{ ref('subjects') }} as subjects
    inner join {{ source('meta', 'sources') }} as sources on subjects.source_id = sources.source_id
    left join {{ ref('first_events') }} as decided
        on subjects.subject_type = decided.subject_type and subjects.subject_id = decided.subject_id and decided.event_type = 'penalty_decided'
    {{ of_the_year_of_the_report('subjects.source_id', 'extract(year from decided.occurred_on)') }}
    where subjects.subject_type = 'violation'
    group by subjects.source_id
)

{{ figures('VIOLATING_LAWS_RULES_INFO', 'cases', ['city_cases', 'county_cases', 'cases_all']) }}
