{#-
The rows of several staging models that speak of one subject alone, with its type and code: a sum or a count of a row that speaks of several belongs to none of them.
columns: SQL of what is selected beside these two.
-#}
{% macro of_one_subject(tables, columns) -%}
    {%- for table in tables %}
        select '{{ var('raw_tables')[table].subject_type }}' as subject_type, subject_codes[1] as subject_id, {{ columns }}
        from {{ ref('stg_' ~ table) }}
        where len(subject_codes) = 1
        {% if not loop.last %}union all{% endif %}
    {%- endfor -%}
{%- endmacro %}
