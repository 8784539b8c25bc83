{#- The day whose truth is told, and its last second in Asia/Shanghai. A run gives it by the environment: another day then costs no new parsing. -#}
{% macro as_of() -%} cast('{{ env_var("GONGKAI_AS_OF", var("as_of")) }}' as date) {%- endmacro %}
{% macro as_of_end() -%} {{ end_of_day(as_of()) }} {%- endmacro %}
