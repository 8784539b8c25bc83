{% set national = var('raw_tables').values() | rejectattr('own') | map(attribute='dataset') | list %}

select source_id, 'records_pushed_to_province' as indicator, cast(sum(rows_loaded) as decimal(20, 6)) as figure
from {{ source('meta', 'deliveries') }}
where dataset in ('{{ national | join("', '") }}')
group by source_id
