{{ config(alias='regions') }}
-- The regions that occur, with their names; a code that no list knows is shown as it is.
select
    subjects.region_code,
    coalesce(max(regions.label) filter (where regions.is_current), max(regions.label), case when subjects.region_code = '000000' then '未知地区' else subjects.region_code end) as name
from (
    select region_code from {{ ref('subjects') }}
    {% for mart in ['sanctions', 'blacklist', 'credit_commitments'] %}
    union
    select region_code from {{ ref(mart) }}
    {% endfor %}
) as subjects
left join {{ ref('regions') }} as regions on subjects.region_code = regions.region_code
group by subjects.region_code
