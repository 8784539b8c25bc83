{#-
An aggregate: the row that tells of the first of several moments; of rows of one moment the one delivered first, whichever thread comes to it first. Where no row
has a moment, the one delivered first.
-#}
{% macro row_of_first(source_row, moment) -%}
    {{ return(adapter.dispatch('row_of_first', 'gongkai')(source_row, moment)) }}
{%- endmacro %}
{#- Moment and row in one number: to compare pairs takes twice as long. -#}
{% macro default__row_of_first(source_row, moment) -%}
    coalesce(
        arg_min({{ source_row }}, cast(epoch_us({{ moment }}) as hugeint) * 1000000000000000000 + {{ source_row }}),
        min({{ source_row }}))
{%- endmacro %}
