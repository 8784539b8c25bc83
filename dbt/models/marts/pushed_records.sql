-- Every national record that must be at the province, and what its receipts say: asked only of sources of which anything was pushed.
{% set national = [] %}
{% for table, described in var('raw_tables').items() if not described.own %}{% do national.append((table, described)) %}{% endfor %}

-- What was accepted later was still waiting for its receipt on the day asked about.
with receipts as (
    select
        happened.* exclude (accepted_at, status),
        case when accepted_at <= {{ as_of_end() }} then accepted_at end as accepted_at,
        case when accepted_at > {{ as_of_end() }} then '待回执' else status end as status
    from ({{ happened_records('stg_push_receipts', 'sent_at') }}) as happened
),

-- A record that was corrected has one current row; its first version tells since when it was there.
records as (
    {% for table, described in national %}
    select
        '{{ described.dataset }}' as dataset,
        upper(data_key) as pushed_key,
        source_row,
        version_at,
        {% if described.subject %}'{{ described.subject_type }}'{% else %}cast(null as varchar){% endif %} as subject_type,
        {% if described.subject %}({{ subject_codes(table) }})[1]{% else %}cast(null as varchar){% endif %} as subject_id
    from ({{ current_records(table) }}) as {{ table }}
    where data_key is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

pushing_sources as (
    select distinct deliveries.source_id
    from receipts
    inner join records on receipts.pushed_dataset = records.dataset and receipts.pushed_key = records.pushed_key
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('records.source_row') }} = deliveries.delivery_number
),

expected as (
    select records.*, deliveries.source_id, coalesce(subjects.region_code, sources.region_code) as region_code
    from records
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('records.source_row') }} = deliveries.delivery_number
    inner join pushing_sources on deliveries.source_id = pushing_sources.source_id
    inner join {{ source('meta', 'sources') }} as sources on deliveries.source_id = sources.source_id
    left join {{ ref('subjects') }} as subjects on records.subject_type = subjects.subject_type and records.subject_id = subjects.subject_id
),

pushes as (
    select
        pushed_dataset,
        pushed_key,
        min(region_code) as region_code,
        min(published_at) filter (where operation = '1') as published_at,
        min(sent_at) as sent_at,
        min(accepted_at) filter (where status = '已接收') as accepted_at,
        count(*) as pushes,
        coalesce(max_by(status, attempt) = '待回执', false) as is_unanswered,
        coalesce(min_by(status, attempt) = '已接收', false) as is_accepted_first,
        coalesce(bool_or(operation = '2' and status = '已接收'), false) as is_corrected,
        max_by(refusal_code, attempt) filter (where status = '已退回') as refusal_code,
        max_by(refusal_reason, attempt) filter (where status = '已退回') as refusal_reason,
        bool_or(operation = '3' and status = '已接收') as is_deleted
    from receipts
    group by pushed_dataset, pushed_key
),

together as (
    select
        coalesce(expected.dataset, pushes.pushed_dataset) as dataset,
        coalesce(expected.pushed_key, pushes.pushed_key) as pushed_key,
        expected.source_id,
        expected.source_row,
        coalesce(pushes.region_code, expected.region_code) as region_code,
        coalesce(pushes.published_at, expected.version_at, pushes.sent_at) as clock_started_at,
        pushes.sent_at,
        pushes.accepted_at,
        coalesce(pushes.is_unanswered, false) as is_unanswered,
        coalesce(pushes.is_accepted_first, false) as is_accepted_first,
        coalesce(pushes.is_corrected, false) as is_corrected,
        pushes.refusal_code,
        {{ masked('pushes.refusal_reason') }} as refusal_reason
    from expected
    full join pushes on expected.dataset = pushes.pushed_dataset and expected.pushed_key = pushes.pushed_key
    where expected.pushed_key is not null or not coalesce(pushes.is_deleted, false)
),

due as (
    select
        together.*,
        together.clock_started_at + limits.amount * interval 1 hour as due_at
    from together
    cross join (select amount from {{ ref('push_requirements') }} where measure = 'timeliness') as limits
)

select
    *,
    case
        when accepted_at <= due_at then 'on_time'
        when accepted_at is not null then 'late'
        when sent_at is null and coalesce(due_at > {{ as_of_end() }}, true) then 'not_due'
        when sent_at is null then 'never_sent'
        when is_unanswered and due_at > {{ as_of_end() }} then 'pending'
        when is_unanswered then 'unanswered'
        else 'refused'
    end as outcome
from due
