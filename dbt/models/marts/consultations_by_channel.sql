-- Consultations by channel, each counted once, with explicit zeros.
with consultations as (
    select
        deliveries.source_id,
        {{ year_of('consultations.consulted_at') }} as year,
        {{ stated('consultations.channel') }} as channel
    from ({{ happened_records('stg_consultations', 'consulted_at') }}) as consultations
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('consultations.source_row') }} = deliveries.delivery_number
),

{{ listed_counts('CONSULTATION', 'consultations', 'channel', 'consultation_channel', {'consultations': 'count(*)'}) }}
