{{ config(materialized='view') }}
-- Where each delivery's rows stand: a source_row belongs to the delivery of its first_source_row … last_source_row.
select
    {{ source_row('delivery_number', 0) }} as first_source_row,
    {{ source_row('delivery_number', 999999999) }} as last_source_row,
    delivery_id,
    delivery_number,
    source_id,
    dataset,
    file
from {{ source('meta', 'deliveries') }}
