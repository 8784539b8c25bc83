-- The blacklist with entry and exit, and whether the points of the ledger support each entry: on the day of the listing and as of the day.
with entries as (
    {{ happened_records('stg_blacklist_entries', 'listed_at') }}
),

revocations as (
    {{ happened_records('stg_blacklist_revocations', 'applied_at') }}
),

-- A revocation can only follow its entry: one dated before it is taken only where there is no other.
exits as (
    select
        entries.blacklist_code,
        count(*) as revocations,
        coalesce(min(revocations.applied_on) filter (where revocations.applied_on >= entries.listed_on), min(revocations.applied_on)) as revoked_on
    from entries
    inner join revocations on entries.blacklist_code = revocations.blacklist_code
    group by entries.blacklist_code
),

delivered as (
    select
        deliveries.delivery_number,
        sources.source_id,
        coalesce(sources.region_code, '000000') as region_code,
        sources.source_id in (select d.source_id from {{ source('meta', 'deliveries') }} as d where d.dataset = 'POINT_NOTICE' and d.status = 'loaded') as has_ledger
    from {{ source('meta', 'deliveries') }} as deliveries
    inner join {{ source('meta', 'sources') }} as sources on deliveries.source_id = sources.source_id
),

situated as (
    select
        entries.*,
        delivered.source_id,
        delivered.region_code,
        delivered.has_ledger,
        exits.revoked_on,
        case
            when entries.listed_on is null or exits.revoked_on < entries.listed_on then 'undecidable'
            when exits.revocations > 0 then 'revoked'
            when entries.is_revoked then 'revoked_without_record'
            else 'in_force'
        end as state
    from entries
    inner join delivered on {{ delivery_number('entries.source_row') }} = delivered.delivery_number
    left join exits on entries.blacklist_code = exits.blacklist_code
),

{% set days = {'when_listed': 'situated.listed_on', 'now': as_of()} %}
{% for name, day in days.items() %}
points_{{ name }} as (
    select
        situated.source_row,
        threshold.blacklist_points,
        threshold.status as threshold_status,
        threshold.source as threshold_source,
        cast(coalesce(sum(sanctions.points) filter (where {{ counts_on('sanctions', day, 'threshold.window_months') }}), 0) as decimal(20, 6)) as points,
        coalesce(bool_or({{ may_count_on('sanctions', day, 'threshold.window_months') }}) filter (where sanctions.notice_number is not null), false) as may_lack_points
    from situated
    left join {{ ref('blacklist_thresholds') }} as threshold on {{ in_force('threshold', day) }}
    left join {{ ref('sanctions') }} as sanctions on situated.body_code = sanctions.body_code
    where situated.has_ledger and situated.body_code is not null and {{ day }} is not null
    group by situated.source_row, threshold.blacklist_points, threshold.status, threshold.source
),

{% endfor %}
supported as (
    select
        situated.*,
        points_when_listed.points as points_when_listed,
        points_when_listed.blacklist_points as threshold_when_listed,
        {{ reaches('points_when_listed.points', 'points_when_listed.blacklist_points', 'points_when_listed.may_lack_points') }} as was_supported,
        points_now.points as body_points,
        points_now.blacklist_points,
        points_now.threshold_status,
        points_now.threshold_source,
        {{ reaches('points_now.points', 'points_now.blacklist_points', 'points_now.may_lack_points') }} as is_supported
    from situated
    left join points_when_listed on situated.source_row = points_when_listed.source_row
    left join points_now on situated.source_row = points_now.source_row
)

select
    blacklist_code,
    region_code,
    body_code,
    {{ masked('body_name') }} as body_name,
    {{ masked('listing_reason') }} as reason,
    document_number,
    listing_authority,
    restricted_action,
    listed_on,
    revoked_on,
    state,
    case state when 'in_force' then true when 'undecidable' then null else false end as is_in_force,
    points_when_listed,
    threshold_when_listed,
    was_supported,
    body_points,
    blacklist_points,
    threshold_status,
    threshold_source,
    is_supported,
    {{ as_of() }} as as_of,
    source_id,
    source_row
from supported
