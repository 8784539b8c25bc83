{#-
A build goes on from the last one: only what the new deliveries and the passing of days can change is made again, subject by subject.
`--full-refresh` makes everything again; gongkai asks for it whenever it cannot be sure (dagster_project/built_models.py).
-#}

{#- Whether a row belongs to a delivery that the last build did not know. -#}
{% macro is_new(source_row) -%}
    {{ delivery_number(source_row) }} not in (select modelled.delivery_number from {{ source('meta', 'modelled_deliveries') }} as modelled)
{%- endmacro %}

{#- Whether a version was made after the day up to which the last build knew. -#}
{% macro became_known(version_at) -%}
    {{ version_at }} > (select {{ end_of_day('max(last_build.known_at)') }} from {{ source('meta', 'last_build') }} as last_build)
{%- endmacro %}

{#- Whether the rows of a subject are made again in this build. -#}
{% macro is_touched(subject_type='subject_type', subject_id='subject_id') -%}
    {%- if is_incremental() -%}
        ({{ subject_type }}, {{ subject_id }}) in (select (touched.subject_type, touched.subject_id) from {{ ref('touched_subjects') }} as touched)
    {%- else -%} true {%- endif -%}
{%- endmacro %}

{#- Before it is added to: a table forgets the subjects that are made again. -#}
{% macro forget_touched() %}
    {% if is_incremental() %}delete from {{ this }} where {{ is_touched() }}{% endif %}
{% endmacro %}
