-- The ledger of bad-behaviour records: every point notice with what the point table says of it, and what it adds to its body's points as of the day.
with notices as (
    {{ happened_records('stg_point_notices', 'issued_at') }}
),

compared as (
    select
        notices.notice_number,
        coalesce(notices.region_code, sources.region_code, '000000') as region_code,
        notices.body_code,
        {{ masked('notices.body_name') }} as body_name,
        notices.violation_code,
        notices.clause,
        point_table.label as clause_label,
        point_table.severity,
        notices.points,
        point_table.points as points_by_table,
        notices.points <> point_table.points as points_differ,
        point_table.status as table_status,
        point_table.source as table_source,
        notices.issued_on,
        coalesce(notices.expires_on, {{ last_day_of_months('notices.issued_on', 'point_table.valid_months') }}) as expires_on,
        case
            when notices.expires_on is not null then 'notice'
            when notices.issued_on is not null and point_table.valid_months is not null then 'point_table'
        end as expiry_basis,
        notices.appeal_state,
        coalesce(notices.appeal_state = '申诉中', false) as is_under_appeal,
        sources.source_id,
        notices.source_row
    from notices
    inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('notices.source_row') }} = deliveries.delivery_number
    inner join {{ source('meta', 'sources') }} as sources on deliveries.source_id = sources.source_id
    left join {{ ref('point_table') }} as point_table
        on trim(notices.clause) = point_table.clause
        and {{ in_force('point_table', 'notices.issued_on') }}
),

situated as (
    select
        *,
        case
            when appeal_state = '撤销' then 'revoked'
            when expires_on < {{ as_of() }} then 'expired'
            when points is null or issued_on is null or expires_on is null then 'undecidable'
            else 'in_effect'
        end as effect
    from compared
),

threshold as (
    select *
    from {{ ref('blacklist_thresholds') }} as versions
    where {{ in_force('versions', as_of()) }}
),

counted as (
    select
        situated.*,
        threshold.blacklist_points,
        threshold.window_months,
        threshold.status as threshold_status,
        threshold.source as threshold_source,
        {{ counts_on('situated', as_of(), 'threshold.window_months') }} as is_counted,
        {{ may_count_on('situated', as_of(), 'threshold.window_months') }} as may_count
    from situated
    left join threshold on true
),

-- Without a code a body cannot be told from others of its name: its notices are not added up.
added_up as (
    select
        *,
        case when body_code is not null then sum(case when is_counted then points else 0 end) over up_to_this_notice end as running_points,
        case when body_code is not null then sum(case when is_counted then points else 0 end) over body end as body_points,
        case when body_code is not null then sum(case when is_counted and is_under_appeal then points else 0 end) over body end as body_points_under_appeal,
        bool_or(may_count) over body as may_lack_points
    from counted
    window
        body as (partition by body_code),
        up_to_this_notice as (partition by body_code order by issued_on nulls last, notice_number, source_row rows unbounded preceding)
)

select
    notice_number,
    region_code,
    body_code,
    body_name,
    violation_code,
    clause,
    clause_label,
    severity,
    points,
    points_by_table,
    points_differ,
    table_status,
    table_source,
    issued_on,
    expires_on,
    expiry_basis,
    appeal_state,
    is_under_appeal,
    effect,
    is_counted,
    cast(running_points as decimal(20, 6)) as running_points,
    cast(body_points as decimal(20, 6)) as body_points,
    cast(body_points_under_appeal as decimal(20, 6)) as body_points_under_appeal,
    blacklist_points,
    window_months,
    threshold_status,
    threshold_source,
    {{ reaches('body_points', 'blacklist_points', 'may_lack_points') }} as reaches_threshold,
    {{ as_of() }} as as_of,
    source_id,
    source_row
from added_up
