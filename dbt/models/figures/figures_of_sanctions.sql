with notices as (
    select sanctions.source_id, count(*) as quantification_notices
    from {{ ref('sanctions') }} as sanctions
    {{ of_the_year_of_the_report('sanctions.source_id', 'extract(year from sanctions.issued_on)') }}
    group by sanctions.source_id
),

blacklisted as (
    select blacklist.source_id, count(distinct coalesce(blacklist.body_code, blacklist.body_name)) as blacklisted_subjects
    from {{ ref('blacklist') }} as blacklist
    {{ of_the_year_of_the_report('blacklist.source_id', 'extract(year from blacklist.listed_on)') }}
    group by blacklist.source_id
),

commitments as (
    select commitments.source_id, count(*) as credit_commitments
    from {{ ref('credit_commitments') }} as commitments
    {{ of_the_year_of_the_report('commitments.source_id', 'extract(year from commitments.signed_on)') }}
    group by commitments.source_id
)

{{ figures('POINT_NOTICE', 'notices', ['quantification_notices']) }}
union all
{{ figures('BLACK_LIST', 'blacklisted', ['blacklisted_subjects']) }}
union all
{{ figures('CREDIT_COMMITMENT', 'commitments', ['credit_commitments']) }}
