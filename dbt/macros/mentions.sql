{#- Every mention of a subject by the current records of one data set. -#}
{% macro mentions_of(table, rank, has_region) %}
    {% set described = var('raw_tables')[table] %}
    select
        '{{ described.subject_type }}' as subject_type,
        unnest(subject_codes) as subject_id,
        '{{ described.transaction_type }}' as transaction_type,
        {{ rank }} as rank,
        {{ 'region_code' if has_region else 'cast(null as varchar)' }} as region_code,
        title,
        {{ 'tender_project_code' if described.subject_type == 'section' else 'cast(null as varchar)' }} as tender_project_code,
        source_row
    from {{ ref('stg_' ~ table) }}
    where len(subject_codes) > 0
{% endmacro %}
