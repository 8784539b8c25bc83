{#- Whether a version of a record had been made on the day up to which we know; of one without a time nobody can say that it had not. -#}
{% macro is_known(version_at) -%} coalesce({{ version_at }} <= {{ end_of_day(known_at()) }}, true) {%- endmacro %}

{#- The current, not withdrawn records of a raw table: the latest version of each record by the source's own order. -#}
{% macro current_records(table) %}
    select *
    from {{ source('raw', table) }}
    where not is_withdrawn
      and row_hash not in (select s.row_hash from {{ ref('superseded_rows') }} as s where s.table_name = '{{ table }}')
{% endmacro %}

{#- Codes of one cell ("A001;A002") as a list; most cells hold one code and skip the splitting. -#}
{% macro code_list(expression) %}
    case
        when {{ expression }} is null then []
        when regexp_matches({{ expression }}, '[;,；，、|\s]')
            then list_distinct(list_filter(string_split_regex({{ expression }}, '[;,；，、|\s]+'), lambda code: code <> ''))
        else [{{ expression }}]
    end
{% endmacro %}

{#- What the records of a raw table are about, as a list. -#}
{% macro subject_codes(table) %}{{ code_list(var('raw_tables')[table].subject) }}{% endmacro %}

{#- An amount in whole units of its money: PRICE_UNIT 0 is yuan, 1 is ten thousand yuan; without a unit the amount is not guessed.
    None is a million million or more: somebody mistook the unit, and no sum must hold it (amount_in_range finds it). -#}
{% macro whole_amount(amount, unit) %}
    case
        when trim({{ unit }}) = '0' and abs({{ amount }}) < 1000000000000 then {{ amount }}
        when trim({{ unit }}) = '1' and abs({{ amount }}) < 100000000 then cast({{ amount }} * 10000 as decimal(20, 6))
    end
{% endmacro %}

{#- The currency of an amount by its number (GB/T 12406; 156 is the yuan); what states none is in the money of the country. -#}
{% macro currency(code) -%} case when {{ code }} is null or {{ code }} = 'CNY' then '156' else {{ code }} end {%- endmacro %}

{#- An amount in yuan: foreign money is none. -#}
{% macro in_yuan(amount, unit, currency_code=none) %}
    {% if currency_code %}case when {{ currency(currency_code) }} = '156' then {% endif %}{{ whole_amount(amount, unit) }}{% if currency_code %} end{% endif %}
{% endmacro %}

{#- The calendar date in Asia/Shanghai of an instant. -#}
{% macro local_date(instant) -%}
    {{ return(adapter.dispatch('local_date', 'gongkai')(instant)) }}
{%- endmacro %}
{% macro default__local_date(instant) -%} cast(({{ instant }}) at time zone 'Asia/Shanghai' as date) {%- endmacro %}

{#- The instant at which a date begins in Asia/Shanghai. -#}
{% macro start_of_day(day) -%}
    {{ return(adapter.dispatch('start_of_day', 'gongkai')(day)) }}
{%- endmacro %}
{% macro default__start_of_day(day) -%} (cast({{ day }} as timestamp) at time zone 'Asia/Shanghai') {%- endmacro %}

{#- The last second of a date in Asia/Shanghai: a due date is inclusive (民法典 §203). -#}
{% macro end_of_day(day) -%} ({{ start_of_day(day) }} + interval 86399 second) {%- endmacro %}

{#- One number for file and line: delivery number × 10⁹ + row number (sources/warehouse.py). -#}
{% macro source_row(delivery_number, row_number) -%} (cast({{ delivery_number }} as bigint) * 1000000000 + {{ row_number }}) {%- endmacro %}
{% macro delivery_number(source_row) -%} ({{ source_row }} // 1000000000) {%- endmacro %}

{#- Eight characters that tell the records of one subject apart; through uuid, because writing out a 128-bit number takes 20 microseconds. -#}
{% macro record_mark(record_key) -%} left(cast(cast({{ record_key }} as uuid) as varchar), 8) {%- endmacro %}

{#- The records of a staging model of what had happened by the day asked about; of one without a time nobody can say that it had not. -#}
{% macro happened_records(model, happened_at) %}
    select *
    from {{ ref(model) }}
    where {{ happened_at }} is null or {{ happened_at }} <= {{ as_of_end() }}
{% endmacro %}

{#- What the four data sets of state property have in common: their records are about a project. -#}
{% macro project_columns() -%}
    source_row,
    record_key,
    row_hash,
    {{ code_list('project_code') }} as subject_codes,
    project_name as title,
    lot_code,
    region_code,
    url
{%- endmacro %}
