-- Every permit and penalty under double publicity with the verdict on its publication. Bodies are not named: some are persons.
with decisions as (
    {{ happened_records('stg_permit_penalties', 'decided_at') }}
),

publicity as (
    select trigger_source_row, due_on, verdict, missed_reason, undecidable_reason, days_late
    from {{ ref('obligations') }}
    where rule_id = 'G-06'
)

select
    decisions.document_number,
    coalesce(decisions.region_code, sources.region_code, '000000') as region_code,
    {{ masked(stated('decisions.authority')) }} as department,
    {{ stated('decisions.kind') }} as kind,
    {{ masked('decisions.title') }} as title,
    {{ year_of('decisions.decided_at') }} as year,
    {{ local_date('decisions.decided_at') }} as decided_on,
    publicity.due_on,
    case when decisions.published_at <= {{ as_of_end() }} then {{ local_date('decisions.published_at') }} end as published_on,
    publicity.verdict,
    publicity.missed_reason,
    publicity.undecidable_reason,
    publicity.days_late,
    sources.source_id,
    decisions.source_row
from decisions
inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('decisions.source_row') }} = deliveries.delivery_number
inner join {{ source('meta', 'sources') }} as sources on deliveries.source_id = sources.source_id
left join publicity on decisions.source_row = publicity.trigger_source_row
