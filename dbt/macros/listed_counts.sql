{#-
Ends a model: `records` (a CTE with source_id, year and `column`) counted by source, year and value, with a zero for every listed value that did not occur
in a year of which the source has records or which it covers. What is in no list is counted too. `counts` are aggregates by name.
-#}
{% macro listed_counts(dataset, records, column, list, counts) %}
told_years as (
    select source_id, year from {{ ref('covered_years') }} where dataset = '{{ dataset }}'
    union
    select source_id, year from {{ records }}
),

told_values as (
    select told_years.source_id, told_years.year, listed.value as {{ column }}
    from told_years
    inner join {{ ref('listed_values') }} as listed
        on listed.list = '{{ list }}'
        and coalesce(told_years.year >= listed.valid_from, true)
        and coalesce(told_years.year <= listed.valid_to, true)
    union
    select source_id, year, {{ column }} from {{ records }}
),

counted as (
    select
        source_id,
        year,
        {{ column }},
        {% for name, aggregate in counts.items() %}
        {{ aggregate }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ records }}
    group by source_id, year, {{ column }}
)

select
    told_values.source_id,
    told_values.year,
    told_values.{{ column }},
    positions.position,
    {% for name in counts %}
    cast(coalesce(counted.{{ name }}, 0) as bigint) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
from told_values
left join counted
    on told_values.source_id = counted.source_id
    and told_values.year is not distinct from counted.year
    and told_values.{{ column }} = counted.{{ column }}
left join {{ ref('listed_values') }} as positions on positions.list = '{{ list }}' and told_values.{{ column }} = positions.value
{% endmacro %}

{#- A value of a register as written, or that it was left empty. -#}
{% macro stated(column) -%} coalesce(nullif(trim({{ column }}), ''), '未注明') {%- endmacro %}

{#- The year of an instant in Asia/Shanghai. -#}
{% macro year_of(instant) -%} cast(extract(year from {{ local_date(instant) }}) as integer) {%- endmacro %}

{#- The first day of a year that is given as a number. -#}
{% macro first_of_year(year) -%} cast(cast({{ year }} as varchar) || '-01-01' as date) {%- endmacro %}
