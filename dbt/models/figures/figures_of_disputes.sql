with disputes as (
    select
        kinds.source_id,
        sum(kinds.filed) filter (where kinds.kind = '复议') as reconsiderations,
        sum(kinds.filed) filter (where kinds.kind = '诉讼') as litigations,
        sum(kinds.filed) filter (where kinds.kind = '投诉') as complaints
    from {{ ref('disputes_by_kind') }} as kinds
    {{ of_the_year_of_the_report('kinds.source_id', 'kinds.year') }}
    group by kinds.source_id
)

{{ figures('REVIEW_LITIGATION', 'disputes', ['reconsiderations', 'litigations', 'complaints']) }}
