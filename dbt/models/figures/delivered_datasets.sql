-- What each source delivers, be it without a record.
select distinct source_id, dataset
from {{ source('meta', 'deliveries') }}
where status = 'loaded'
