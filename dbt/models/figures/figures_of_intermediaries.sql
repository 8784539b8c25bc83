with bodies as (
    select
        source_id,
        count(*) filter (where is_resident) as agency_physical,
        count(distinct category) filter (where is_resident) as agency_physical_categories,
        count(*) filter (where is_online) as agency_online,
        count(*) filter (where is_standardised) as agency_standardised
    from {{ ref('intermediaries') }}
    group by source_id
),

-- The items that every one of the standardised discloses.
items as (
    select source_id, count(*) as agency_disclosed_fields
    from (
        select source_id, item
        from {{ ref('intermediary_completeness') }}
        group by source_id, item
        having sum(standardised) > 0 and sum(standardised_disclosing) = sum(standardised)
    ) as disclosed_by_all
    group by source_id
)

{{ figures('INTERMEDIARY', 'bodies', ['agency_physical', 'agency_physical_categories', 'agency_online', 'agency_standardised']) }}
union all
{{ figures('INTERMEDIARY', 'items', ['agency_disclosed_fields']) }}
