-- One row a region code and period in which it bore that name. Groupings of GB/T 2260 (市辖区, 县, 省直辖) are left out of the full names of what they hold.
with regions as (
    select
        *,
        coalesce(valid_from, date '1949-10-01') as begins_on,
        coalesce(valid_to, date '9999-12-31') as ends_on
    from {{ ref('region_codes') }}
),

-- The parent as it was at the end of the region's own period.
lineage as (
    select
        regions.*,
        parent.name as parent_name,
        parent.level as parent_level,
        grandparent.name as grandparent_name
    from regions
    left join regions as parent
        on regions.parent_code = parent.region_code and regions.ends_on between parent.begins_on and parent.ends_on
    left join regions as grandparent
        on parent.parent_code = grandparent.region_code and regions.ends_on between grandparent.begins_on and grandparent.ends_on
)

select
    region_code,
    name,
    level,
    parent_code,
    case when parent_code like '__0000' then region_code else parent_code end as city_code,
    substr(region_code, 1, 2) || '0000' as province_code,
    coalesce(grandparent_name, '') || case when parent_name is null or parent_level = 'grouping' then '' else parent_name end || name as full_name,
    case when level = 'grouping' and region_code like '____01' then parent_name || '本级' else name end as label,
    valid_from,
    valid_to,
    valid_to is null as is_current,
    replaced_by,
    source,
    note
from lineage
