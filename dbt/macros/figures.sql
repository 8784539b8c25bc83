{#-
Rows of source, indicator and figure: the columns `indicators` of `counted` (one row a source), for sources that deliver the data set.
One that was delivered without a record counts zero; one that was not delivered counts nothing: its figure is null.
-#}
{% macro figures(dataset, counted, indicators) %}
{% for indicator in indicators %}
select
    sources.source_id,
    '{{ indicator }}' as indicator,
    case when delivered.source_id is not null then cast(coalesce({{ counted }}.{{ indicator }}, 0) as decimal(20, 6)) end as figure
from {{ source('meta', 'sources') }} as sources
left join {{ ref('delivered_datasets') }} as delivered on sources.source_id = delivered.source_id and delivered.dataset = '{{ dataset }}'
left join {{ counted }} on sources.source_id = {{ counted }}.source_id
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% endmacro %}

{#-
A join that keeps of a relation what belongs to the year that the annual report of its source tells of. What is of no time is kept, and all of it where the year of the report is masked.
-#}
{% macro of_the_year_of_the_report(source_id, year) -%}
    inner join {{ ref('report_years') }} as reports on {{ source_id }} = reports.report and coalesce({{ year }} = reports.year, true)
{%- endmacro %}
