{#- A delivered text as readers are shown it: identity numbers, telephone numbers and e-mail addresses masked (sources/masking.py). Staging keeps it as received. -#}
{% macro masked(text) -%}
    {{ return(adapter.dispatch('masked')(text)) }}
{%- endmacro %}

{% macro default__masked(text) -%}
    meta.masked({{ text }})
{%- endmacro %}
