-- The register of disclosures: what was decided about each item, when it was reviewed and published, and what was published against the decision.
-- Whether the review came before the publication is rule G-11's verdict.
with entries as (
    select
        register.*,
        sources.source_id,
        coalesce(register.region_code, sources.region_code, '000000') as known_region_code,
        case
            when trim(register.openness) = '主动公开' then 'proactive'
            when trim(register.openness) = '依申请公开' then 'on_request'
            when trim(register.openness) in ('不公开', '不予公开') then 'withheld'
            when coalesce(trim(register.openness), '') = '' then 'undecided'
            else 'unrecognised'
        end as openness_class,
        coalesce(register.published_at <= {{ as_of_end() }}, false) as is_published
    from ({{ happened_records('stg_disclosure_register', 'formed_at') }}) as register
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('register.source_row') }} = deliveries.delivery_number
    inner join {{ source('meta', 'sources') }} as sources on deliveries.source_id = sources.source_id
),

reviews as (
    select subject_id, verdict, missed_reason
    from {{ ref('obligations') }}
    where rule_id = 'G-11'
)

select
    entries.item_code,
    entries.known_region_code as region_code,
    cast(extract(year from {{ local_date('coalesce(entries.formed_at, entries.published_at)') }}) as integer) as year,
    {{ masked('entries.office') }} as office,
    -- What may not be public is not named in a snapshot that is.
    case when entries.openness_class = 'proactive' then {{ masked('entries.title') }} end as title,
    {{ masked('entries.category') }} as category,
    {{ masked('entries.channel') }} as channel,
    {{ code_list(masked('entries.channel')) }} as channels,
    entries.openness,
    entries.openness_class,
    entries.formed_at,
    entries.reviewed_at,
    case when entries.is_published then entries.published_at end as published_at,
    entries.is_published,
    case when entries.is_published then reviews.verdict end as review_verdict,
    case
        when not entries.is_published then null
        when entries.reviewed_at is null then 'not_reviewed'
        when reviews.missed_reason = 'late' then 'reviewed_after'
        when reviews.verdict = 'met' then 'reviewed_before'
        else 'undecidable'
    end as review_state,
    -- What nobody decided about may not be out either.
    entries.is_published and entries.openness_class <> 'proactive' as is_published_against_decision,
    entries.url,
    entries.source_id,
    entries.source_row
from entries
left join reviews on entries.item_code = reviews.subject_id
