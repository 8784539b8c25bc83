-- Reviews, lawsuits and complaints about government information by the year in which they were filed, with explicit zeros.
with disputes as (
    select
        deliveries.source_id,
        {{ year_of('disputes.filed_at') }} as year,
        {{ stated('disputes.kind') }} as kind,
        -- What is decided later was still open on the day asked about.
        case when disputes.decided_at > {{ as_of_end() }} then '尚未审结' else {{ stated('disputes.outcome') }} end as outcome
    from ({{ happened_records('stg_reviews_and_lawsuits', 'filed_at') }}) as disputes
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('disputes.source_row') }} = deliveries.delivery_number
),

{{ listed_counts('REVIEW_LITIGATION', 'disputes', 'kind', 'dispute_kind', {
    'filed': 'count(*)',
    'upheld': "count(*) filter (where outcome = '结果维持')",
    'corrected': "count(*) filter (where outcome = '结果纠正')",
    'pending': "count(*) filter (where outcome = '尚未审结')",
    'other': "count(*) filter (where outcome not in ('结果维持', '结果纠正', '尚未审结'))"}) }}
