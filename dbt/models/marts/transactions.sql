-- depends_on: {{ ref('touched_subjects') }}
-- Amounts and stages of every section and land announcement.
with stages as (
    select
        subject_type,
        subject_id,
        min(occurred_at) filter (where event_type in ('tender_notice_published', 'procurement_notice_published', 'land_notice_published')) as tender_notice_at,
        min(occurred_at) filter (where event_type = 'candidate_publicity_started') as candidate_publicity_at,
        min(occurred_at) filter (where event_type in ('award_notice_published', 'procurement_result_published', 'land_result_published')) as award_notice_at,
        min(occurred_at) filter (where event_type in ('contract_signed', 'procurement_contract_signed')) as contract_signed_at
    from {{ ref('first_events') }}
    where {{ is_touched() }}
    group by subject_type, subject_id
),

estimates as (
    select subject_type, subject_id, max(estimate_yuan) as estimate_yuan
    from (
        {% for table in ['sections', 'procurement_notices', 'land_notices'] %}
        select '{{ var('raw_tables')[table].subject_type }}' as subject_type, subject_codes[1] as subject_id, estimate_yuan
        from {{ ref('stg_' ~ table) }}
        where len(subject_codes) = 1
        {% if not loop.last %}union all{% endif %}
        {% endfor %}
    ) as estimated
    where {{ is_touched() }}
    group by subject_type, subject_id
),

awards as (
    {% for table in ['award_notices', 'procurement_results', 'land_results'] %}
    select '{{ var('raw_tables')[table].subject_type }}' as subject_type, subject_codes[1] as subject_id, supplier, award_yuan, currency_code
    from {{ ref('stg_' ~ table) }}
    where len(subject_codes) = 1
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- A section may be awarded to several suppliers.
awarded as (
    select
        subject_type,
        subject_id,
        string_agg(distinct supplier, '；' order by supplier) as supplier,
        cast(sum(award_yuan) as decimal(20, 6)) as award_yuan,
        min(currency_code) as currency_code
    from awards
    where {{ is_touched() }}
    group by subject_type, subject_id
)

select
    subjects.subject_id,
    subjects.subject_type,
    subjects.transaction_type,
    subjects.region_code,
    subjects.title,
    subjects.tender_project_code,
    subjects.procuring_entity,
    {{ masked('awarded.supplier') }} as supplier,
    estimates.estimate_yuan,
    awarded.award_yuan,
    awarded.currency_code,
    case
        when subjects.transaction_type in ('construction', 'procurement') then cast(estimates.estimate_yuan - awarded.award_yuan as decimal(20, 6))
    end as savings_yuan,
    stages.tender_notice_at,
    stages.candidate_publicity_at,
    stages.award_notice_at,
    stages.contract_signed_at
from {{ ref('subjects') }} as subjects
left join stages on subjects.subject_type = stages.subject_type and subjects.subject_id = stages.subject_id
left join estimates on subjects.subject_type = estimates.subject_type and subjects.subject_id = estimates.subject_id
left join awarded on subjects.subject_type = awarded.subject_type and subjects.subject_id = awarded.subject_id
-- Requests, decisions and registered information are no transactions.
where subjects.subject_type in ('section', 'land_announcement') and {{ is_touched('subjects.subject_type', 'subjects.subject_id') }}
