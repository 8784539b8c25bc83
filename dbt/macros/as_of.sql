{#- The day whose truth is told, and its last second in Asia/Shanghai. A run gives it by the environment: another day then costs no new parsing. -#}
{% macro as_of() -%} cast('{{ env_var("GONGKAI_AS_OF", var("as_of")) }}' as date) {%- endmacro %}
{% macro as_of_end() -%} {{ end_of_day(as_of()) }} {%- endmacro %}

{#- The day up to which we know what records say: a version that its source made later is not read. Without one it is the day whose truth is told. -#}
{% macro known_at() -%} cast('{{ env_var("GONGKAI_KNOWN_AT", "") or var("known_at") or env_var("GONGKAI_AS_OF", var("as_of")) }}' as date) {%- endmacro %}
