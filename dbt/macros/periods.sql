{#- Counts by month (`month_start`) added up by month, quarter and year, for each value of the keys. -#}
{% macro by_period(by_month, keys, counts) %}
    {% for period in ['month', 'quarter', 'year'] %}
    select
        '{{ period }}' as period_kind,
        cast(date_trunc('{{ period }}', month_start) as date) as period_start,
        {% for key in keys %}{{ key }},
        {% endfor %}
        {% for count in counts %}
        cast(sum({{ count }}) as bigint) as {{ count }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ by_month }}
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
{% endmacro %}
