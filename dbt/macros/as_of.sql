{#- The day whose truth is told, and its last second in Asia/Shanghai. -#}
{% macro as_of() -%} cast('{{ var("as_of") }}' as date) {%- endmacro %}
{% macro as_of_end() -%} {{ end_of_day(as_of()) }} {%- endmacro %}
