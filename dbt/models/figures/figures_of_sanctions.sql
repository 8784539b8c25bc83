with notices as (
    select source_id, count(*) as quantification_notices
    from {{ ref('sanctions') }}
    group by source_id
),

blacklisted as (
    select source_id, count(distinct coalesce(body_code, body_name)) as blacklisted_subjects
    from {{ ref('blacklist') }}
    group by source_id
),

commitments as (
    select source_id, count(*) as credit_commitments
    from {{ ref('credit_commitments') }}
    group by source_id
)

{{ figures('POINT_NOTICE', 'notices', ['quantification_notices']) }}
union all
{{ figures('BLACK_LIST', 'blacklisted', ['blacklisted_subjects']) }}
union all
{{ figures('CREDIT_COMMITMENT', 'commitments', ['credit_commitments']) }}
