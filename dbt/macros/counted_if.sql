{#- A count where its data set was delivered, zero when it held no row; nothing where it was not delivered. -#}
{% macro counted_if(was_delivered, count) -%} case when delivered.{{ was_delivered }} then cast(coalesce({{ count }}, 0) as decimal(20, 6)) end {%- endmacro %}
