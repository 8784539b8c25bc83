-- The commitments that were signed up to the day.
select
    coalesce(commitments.region_code, sources.region_code, '000000') as region_code,
    commitments.body_code,
    {{ masked('commitments.body_name') }} as body_name,
    commitments.section_code,
    {{ local_date('commitments.signed_at') }} as signed_on,
    sources.source_id,
    commitments.source_row
from ({{ happened_records('stg_credit_commitments', 'signed_at') }}) as commitments
inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('commitments.source_row') }} = deliveries.delivery_number
inner join {{ source('meta', 'sources') }} as sources on deliveries.source_id = sources.source_id
