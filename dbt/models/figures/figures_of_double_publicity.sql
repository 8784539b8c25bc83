with decisions as (
    select
        departments.source_id,
        count(distinct departments.department) as double_publicity_departments,
        sum(departments.published) filter (where departments.kind = '许可') as double_publicity_permits,
        sum(departments.published) filter (where departments.kind = '处罚') as double_publicity_penalties
    from {{ ref('double_publicity') }} as departments
    inner join {{ ref('report_years') }} as reports on departments.source_id = reports.report and coalesce(departments.year = reports.year, true)
    group by departments.source_id
)

{{ figures('PERMIT_PENALTY', 'decisions', ['double_publicity_departments', 'double_publicity_permits', 'double_publicity_penalties']) }}
