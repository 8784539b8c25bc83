{#- A share in per cent with one decimal, rounded half up: worked out in whole numbers, so that no fraction is rounded twice. -#}
{% macro share_percent(part, whole) -%} cast((({{ part }}) * 2000 + {{ whole }}) // (2 * {{ whole }}) / 10 as decimal(5, 1)) {%- endmacro %}
