{#- A table of every day from the first to the last, both included: one column, day. -#}
{% macro each_day(first, last) -%}
    {{ return(adapter.dispatch('each_day', 'gongkai')(first, last)) }}
{%- endmacro %}
{% macro default__each_day(first, last) -%}
    (select cast(moment as date) as day from generate_series(date '{{ first }}', date '{{ last }}', interval 1 day) as moments (moment))
{%- endmacro %}

{#- Monday to Friday, whatever the notices say. -#}
{% macro is_weekday(day) -%}
    {{ return(adapter.dispatch('is_weekday', 'gongkai')(day)) }}
{%- endmacro %}
{% macro default__is_weekday(day) -%} extract(isodow from {{ day }}) <= 5 {%- endmacro %}
