with decisions as (
    select
        departments.source_id,
        count(distinct departments.department) as double_publicity_departments,
        sum(departments.published) filter (where departments.kind = '许可') as double_publicity_permits,
        sum(departments.published) filter (where departments.kind = '处罚') as double_publicity_penalties
    from {{ ref('double_publicity') }} as departments
    {{ of_the_year_of_the_report('departments.source_id', 'departments.year') }}
    group by departments.source_id
)

{{ figures('PERMIT_PENALTY', 'decisions', ['double_publicity_departments', 'double_publicity_permits', 'double_publicity_penalties']) }}
