{#- Whether any day from the first to the last lies in one of the gaps (a list of begins_on and ends_on, null where there is none). -#}
{% macro touches_a_gap(gaps, first, last) -%}
    coalesce(len(list_filter({{ gaps }}, lambda gap: gap['begins_on'] <= {{ last }} and gap['ends_on'] >= {{ first }})) > 0, false)
{%- endmacro %}
