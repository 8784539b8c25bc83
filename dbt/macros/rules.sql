{#- The trigger's day decides which version of a rule holds; without a day it is the version without an end. -#}
{% macro in_force(rule, day) -%}
    case
        when {{ day }} is null then {{ rule }}.valid_to is null
        else {{ day }} >= {{ rule }}.valid_from and ({{ rule }}.valid_to is null or {{ day }} <= {{ rule }}.valid_to)
    end
{%- endmacro %}
