-- The annual report of a source beside what its records give: which figures are reproduced, which differ, and which no record can give.
-- Of one that differs the report itself may say why: its own figures contradict each other, or agree only as they were printed.
with contradicted as (
    select report, whole as indicator
    from {{ ref('published_identities') }}
    where not holds_as_published
),

fitted as (
    select distinct parts.report, parts.part as indicator
    from {{ ref('identities_of_reports') }} as parts
    inner join {{ ref('published_identities') }} as identities on parts.report = identities.report and parts.identity = identities.identity
    where identities.holds_as_published and identities.computed_sum <> identities.published_sum
)

select
    figures.* exclude (reason),
    coalesce(
        figures.reason,
        case
            when figures.verdict = 'differs' and contradicted.indicator is not null then 'report_contradicts_itself'
            when figures.verdict = 'differs' and fitted.indicator is not null then 'adds_up_only_as_printed'
        end) as reason
from {{ ref('compared_figures') }} as figures
left join contradicted on figures.report = contradicted.report and figures.indicator = contradicted.indicator
left join fitted on figures.report = fitted.report and figures.indicator = fitted.indicator
