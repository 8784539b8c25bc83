-- What the ledger says of each body as of the day, and which bodies should be looked at: their points reach the threshold, and no entry of the blacklist is in force.
with bodies as (
    select
        body_code,
        arg_max(body_name, source_row) as body_name,
        count(distinct body_name) as spellings,
        count(*) as notices,
        count(*) filter (where effect = 'in_effect') as notices_in_effect,
        count(*) filter (where effect = 'undecidable') as notices_undecidable,
        max(issued_on) as last_issued_on,
        any_value(body_points) as body_points,
        any_value(body_points_under_appeal) as body_points_under_appeal,
        any_value(blacklist_points) as blacklist_points,
        any_value(window_months) as window_months,
        any_value(threshold_status) as threshold_status,
        any_value(threshold_source) as threshold_source,
        any_value(reaches_threshold) as reaches_threshold,
        any_value(as_of) as as_of
    from {{ ref('sanctions') }}
    where body_code is not null
    group by body_code
),

listings as (
    select
        body_code,
        bool_or(is_in_force is distinct from false) as is_listed,
        max(revoked_on) as last_revoked_on
    from {{ ref('blacklist') }}
    where body_code is not null
    group by body_code
)

select
    bodies.body_code,
    bodies.body_name,
    bodies.spellings,
    bodies.notices,
    bodies.notices_in_effect,
    bodies.notices_undecidable,
    bodies.last_issued_on,
    bodies.body_points,
    bodies.body_points_under_appeal,
    bodies.blacklist_points,
    bodies.window_months,
    bodies.threshold_status,
    bodies.threshold_source,
    bodies.reaches_threshold,
    coalesce(listings.is_listed, false) as is_listed,
    listings.last_revoked_on,
    coalesce(bodies.reaches_threshold, false) and not coalesce(listings.is_listed, false) as should_be_looked_at,
    bodies.as_of
from bodies
left join listings on bodies.body_code = listings.body_code
