-- Which rows are not the current version of their record: a later one takes their place, or they were made after the day up to which we know.
-- Only records delivered more than once are ranked.
{{ config(materialized='table') }}
{% for dataset_table in var('raw_tables') %}
select '{{ dataset_table }}' as table_name, row_hash
from (
    select row_hash, row_number() over (partition by record_key order by version_at desc nulls last, source_row desc, row_hash) as recency
    from {{ source('raw', dataset_table) }}
    where record_key in (select record_key from {{ source('raw', dataset_table) }} group by record_key having count(*) > 1)
      and {{ is_known('version_at') }}
) as versions
where recency > 1
union all
select '{{ dataset_table }}', row_hash
from {{ source('raw', dataset_table) }}
where not {{ is_known('version_at') }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
