-- The event types of the project's variables as a table.
{% for event in var('event_types') %}
select
    '{{ event.name }}' as event_type,
    '{{ event.table }}' as table_name,
    '{{ var('raw_tables')[event.table].dataset }}' as dataset,
    '{{ var('raw_tables')[event.table].subject_type }}' as subject_type,
    '{{ var('raw_tables')[event.table].transaction_type }}' as transaction_type,
    '{{ event.column }}' as column_name,
    '{{ event.label }}' as label,
    {{ 'true' if event.may_lack else 'false' }} as may_lack
{% if not loop.last %}union all{% endif %}
{% endfor %}
