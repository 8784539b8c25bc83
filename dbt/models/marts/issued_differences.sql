-- Why an issued period would be counted otherwise now: one row an obligation, one reason each, the first that holds.
{% set judged_by = ['trigger_event', 'duty_event', 'matching', 'kind', 'amount', 'unit', 'rolls_over_holiday', 'if_earlier', 'jurisdiction', 'region_prefix', 'valid_from', 'valid_to'] %}
{% set tables = var('event_types') | map(attribute='table') | unique | list %}

with statements as (
    select * from {{ ref('issued_statements') }} where is_current
),

issued as (
    select
        issued.*,
        {{ source_row('trigger_file.delivery_number', 'issued.trigger_row') }} as trigger_source_row,
        {{ source_row('duty_file.delivery_number', 'issued.duty_row') }} as duty_source_row
    from {{ source('meta', 'issued_obligations') }} as issued
    left join {{ source('meta', 'deliveries') }} as trigger_file on issued.trigger_delivery_id = trigger_file.delivery_id
    left join {{ source('meta', 'deliveries') }} as duty_file on issued.duty_delivery_id = duty_file.delivery_id
),

present as (
    select statements.period, obligations.*
    from {{ ref('obligations') }} as obligations
    inner join statements on obligations.fell_due_on between statements.period_start and statements.period_end
),

compared as (
    select
        coalesce(issued.period, present.period) as period,
        coalesce(issued.obligation_id, present.obligation_id) as obligation_id,
        issued.obligation_id is not null as was_counted,
        coalesce(issued.missed_reason, issued.verdict) as counted_before,
        coalesce(present.missed_reason, present.verdict) as counted_after,
        issued.measure as measure_before,
        issued.rule_id as rule_before,
        issued.rule_version as version_before,
        coalesce(issued.subject_type, present.subject_type) as subject_type,
        coalesce(issued.subject_id, present.subject_id) as subject_id,
        issued.subject_title as title_before,
        issued.region_code as region_before,
        present.region_code as region_after,
        issued.transaction_type as transaction_type_before,
        present.transaction_type as transaction_type_after,
        issued.due_on as due_before,
        issued.fulfilled_at as fulfilled_before,
        issued.undecidable_reason as undecidable_before,
        issued.trigger_source_row as trigger_before,
        issued.duty_source_row as duty_before,
        coalesce(issued.trigger_delivery_id is not null and issued.trigger_source_row is null, false)
        or coalesce(issued.duty_delivery_id is not null and issued.duty_source_row is null, false) as lacks_delivery
    from issued
    full join present on issued.period = present.period and issued.obligation_id = present.obligation_id
    where
        (coalesce(issued.missed_reason, issued.verdict), issued.region_code, issued.transaction_type)
        is distinct from (coalesce(present.missed_reason, present.verdict), present.region_code, present.transaction_type)
),

-- The obligation as it is now, also where it fell into another period.
changed as (
    select
        compared.*,
        statements.edition,
        statements.as_of as issued_as_of,
        {{ end_of_day('statements.as_of') }} as issued_as_of_end,
        {{ end_of_day('statements.known_at') }} as issued_known_end,
        coalesce(now.measure, compared.measure_before) as measure,
        coalesce(now.rule_id, compared.rule_before) as rule_id,
        coalesce(now.rule_version, compared.version_before) as version_after,
        coalesce(now.subject_title, compared.title_before) as subject_title,
        now.triggered_at as triggered_after,
        now.due_on as due_after,
        now.fulfilled_at as fulfilled_after,
        now.undecidable_reason as undecidable_after,
        now.trigger_source_row as trigger_after,
        now.duty_source_row as duty_after
    from compared
    inner join statements on compared.period = statements.period
    left join {{ ref('obligations') }} as now on compared.obligation_id = now.obligation_id
),

looked_at as (
    select distinct period, issued_known_end, unnest([trigger_before, duty_before, trigger_after, duty_after]) as source_row
    from changed
),

records as (
    {% for table in tables %}
    select '{{ table }}' as table_name, record_key, source_row
    from {{ source('raw', table) }}
    where source_row in (select looked_at.source_row from looked_at)
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

versions as (
    {% for table in tables %}
    select
        '{{ table }}' as table_name,
        record_key,
        source_row,
        version_at,
        is_withdrawn,
        row_hash not in (select s.row_hash from {{ ref('superseded_rows') }} as s where s.table_name = '{{ table }}') as is_current
    from {{ source('raw', table) }}
    where record_key in (select records.record_key from records where records.table_name = '{{ table }}')
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Of a row that speaks of an obligation: whether it, or any version of its record, was known when the statement was issued, and what its record is now.
-- A row that is quarantined is known by its delivery alone.
rows_told as (
    select
        looked_at.period,
        looked_at.source_row,
        coalesce(
            bool_or(versions.source_row = looked_at.source_row and known.delivery_id is not null and coalesce(versions.version_at <= looked_at.issued_known_end, true))
                filter (where versions.source_row is not null),
            bool_or(own.delivery_id is not null)
        ) as was_known,
        coalesce(bool_or(known.delivery_id is not null and coalesce(versions.version_at <= looked_at.issued_known_end, true)), false) as record_was_known,
        max(versions.source_row) filter (where versions.is_current) as current_row,
        coalesce(bool_or(versions.is_withdrawn) filter (where versions.is_current), false) as is_withdrawn
    from looked_at
    left join {{ source('meta', 'deliveries') }} as own_file on {{ delivery_number('looked_at.source_row') }} = own_file.delivery_number
    left join {{ source('meta', 'issued_deliveries') }} as own on looked_at.period = own.period and own_file.delivery_id = own.delivery_id
    left join records on looked_at.source_row = records.source_row
    left join versions on records.table_name = versions.table_name and records.record_key = versions.record_key
    left join {{ source('meta', 'deliveries') }} as files on {{ delivery_number('versions.source_row') }} = files.delivery_number
    left join {{ source('meta', 'issued_deliveries') }} as known on looked_at.period = known.period and files.delivery_id = known.delivery_id
    where looked_at.source_row is not null
    group by looked_at.period, looked_at.source_row
),

holidays_changed as (
    select statements.period, coalesce(issued.day, present.day) as day
    from {{ source('meta', 'issued_holidays') }} as issued
    full join (
        select s.period, exceptions.day, exceptions.is_working_day
        from {{ ref('calendar_exceptions') }} as exceptions
        cross join statements as s
        where exceptions.valid_to is null
    ) as present on issued.period = present.period and issued.day = present.day
    inner join statements on coalesce(issued.period, present.period) = statements.period
    where issued.is_working_day is distinct from present.is_working_day
),

facts as (
    select
        changed.*,
        trigger_then.is_withdrawn or duty_then.is_withdrawn as is_withdrawn,
        case when trigger_then.current_row <> changed.trigger_before then trigger_then.current_row when duty_then.current_row <> changed.duty_before then duty_then.current_row end as later_version,
        changed.trigger_before is distinct from changed.trigger_after or changed.duty_before is distinct from changed.duty_after as is_told_by_others,
        not trigger_now.was_known as is_new_trigger,
        not duty_now.was_known as is_new_duty,
        case
            when not trigger_now.was_known and trigger_now.record_was_known then changed.trigger_after
            when not duty_now.was_known and duty_now.record_was_known then changed.duty_after
        end as new_version,
        -- What a subject is decides which rules ask about it: a report may come before the notice that tells of which kind it is.
        case
            when changed.was_counted and changed.trigger_after is null
                then (subject_now.transaction_type, subject_now.region_code) is distinct from (changed.transaction_type_before, changed.region_before)
            when changed.was_counted
                then (changed.transaction_type_after, changed.region_after) is distinct from (changed.transaction_type_before, changed.region_before) and changed.region_after is not null
            else exists (
                select 1 from issued
                where issued.period = changed.period and issued.subject_type = changed.subject_type and issued.subject_id = changed.subject_id
                    and (issued.transaction_type, issued.region_code) is distinct from (changed.transaction_type_after, changed.region_after)
            )
        end as is_other_subject,
        {% for column in judged_by %}
        rule_then.{{ column }} is distinct from rule_now.{{ column }} or
        {% endfor %}
        changed.version_before <> changed.version_after as is_other_rule,
        exists (
            select 1 from holidays_changed
            where holidays_changed.period = changed.period and holidays_changed.day
                between least({{ local_date('changed.triggered_after') }}, changed.due_after) and greatest({{ local_date('changed.triggered_after') }}, changed.due_after)
        ) as counts_other_holidays
    from changed
    left join rows_told as trigger_then on changed.period = trigger_then.period and changed.trigger_before = trigger_then.source_row
    left join rows_told as duty_then on changed.period = duty_then.period and changed.duty_before = duty_then.source_row
    left join rows_told as trigger_now on changed.period = trigger_now.period and changed.trigger_after = trigger_now.source_row
    left join rows_told as duty_now on changed.period = duty_now.period and changed.duty_after = duty_now.source_row
    left join {{ ref('subjects') }} as subject_now on changed.subject_type = subject_now.subject_type and changed.subject_id = subject_now.subject_id
    left join {{ source('meta', 'issued_rules') }} as rule_then
        on changed.period = rule_then.period and changed.rule_id = rule_then.rule_id and coalesce(changed.version_before, changed.version_after) = rule_then.version
    left join {{ ref('rules') }} as rule_now on changed.rule_id = rule_now.rule_id and changed.version_after = rule_now.version
)

select
    period,
    edition,
    obligation_id,
    measure,
    rule_id,
    subject_title,
    region_before,
    region_after,
    transaction_type_before,
    transaction_type_after,
    counted_before,
    counted_after,
    due_before,
    due_after,
    fulfilled_before,
    fulfilled_after,
    case
        when {{ as_of() }} < issued_as_of then 'told_of_an_earlier_day'
        when lacks_delivery then 'delivery_missing'
        when is_withdrawn and is_told_by_others then 'withdrawn'
        when is_told_by_others and (later_version is not null or new_version is not null) then 'corrected'
        when (is_new_trigger and triggered_after > issued_as_of_end) or fulfilled_after > issued_as_of_end then 'happened_later'
        when not was_counted and triggered_after > issued_as_of_end then 'happened_later'
        when is_told_by_others and (is_new_trigger or is_new_duty) then 'delivered_later'
        when is_other_rule then 'rule_changed'
        when is_other_subject then 'subject_changed'
        when (was_counted and trigger_after is not null and due_before is distinct from due_after) or counts_other_holidays then 'calendar_changed'
        when counted_before = 'pending' then 'became_due'
        when coalesce(undecidable_before, undecidable_after) in ('outside_coverage', 'dataset_not_delivered') then 'coverage_changed'
        else 'judged_otherwise'
    end as reason,
    trigger_before,
    trigger_after,
    duty_before,
    duty_after,
    coalesce(later_version, new_version) as correcting_row
from facts
