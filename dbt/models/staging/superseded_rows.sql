-- Which rows are no longer the current version of their record. Only records delivered more than once are looked at.
{{ config(materialized='table') }}
{% for dataset_table in var('raw_tables') %}
select '{{ dataset_table }}' as table_name, row_hash
from (
    select row_hash,
        row_number() over (partition by record_key order by version_at desc nulls last, source_row desc, row_hash) as recency
    from {{ source('raw', dataset_table) }}
    where record_key in (select record_key from {{ source('raw', dataset_table) }} group by record_key having count(*) > 1)
) as versions
where recency > 1
{% if not loop.last %}union all{% endif %}
{% endfor %}
