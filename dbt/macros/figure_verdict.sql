{#-
What the figure of a report is worth beside the one that the records give: `operator` is =, or a bound where the report says 余, 以上 or 以内; `number` is the figure as
published, null where it is no number; `figure` the one counted, null where nothing counts it. `is_counted`: whether anything could have counted it.
-#}
{% macro figure_verdict(operator, number, figure) -%}
    case
        when {{ number }} is null or {{ figure }} is null then 'not_derivable'
        {% for bound in ['=', '>=', '<=', '<'] %}
        when {{ operator }} = '{{ bound }}' and {{ figure }} {{ bound }} {{ number }} then 'reproduced'
        {% endfor %}
        else 'differs'
    end
{%- endmacro %}

{% macro figure_reason(number, figure, is_counted) -%}
    case
        when {{ number }} is null then 'not_a_number'
        when {{ figure }} is null and {{ is_counted }} then 'dataset_not_delivered'
        when {{ figure }} is null then 'no_dataset_states_it'
    end
{%- endmacro %}

{#- The two as functions of the database, so that whoever reads a snapshot can judge the figures of any other report by the same words. DuckDB only. -#}
{% macro keep_figure_verdict() -%}
    {% if target.type == 'duckdb' %}
    create or replace macro {{ this.schema }}.figure_verdict(operator, number, figure) as {{ figure_verdict('operator', 'number', 'figure') }};
    create or replace macro {{ this.schema }}.figure_reason(number, figure, is_counted) as {{ figure_reason('number', 'figure', 'is_counted') }}
    {% endif %}
{%- endmacro %}
