{#- What two notices of one section have in common in their titles: brackets folded, spaces gone, the kind of notice and all after it cut off. -#}
{% macro title_key(title) -%}
    nullif(regexp_replace(
        regexp_replace(translate({{ title }}, '（）［］【】〔〕，：；／', '()[][][],:;/'), '\s+', '', 'g'),
        '(中标候选人公示|中标结果公告|中标公告|成交结果公告|招标公告|采购公告|资格预审公告).*$', ''), '')
{%- endmacro %}

{#- The same without any punctuation. -#}
{% macro loose_title_key(title) -%}
    regexp_replace({{ title_key(title) }}, '[^\p{L}\p{N}]+', '', 'g')
{%- endmacro %}
