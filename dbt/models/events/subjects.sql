-- What notices are about: where it lies, what it is called, who buys. Parts come from the most authoritative record that has them (lowest rank).
{% set ranks = {
    'sections': 1, 'award_notices': 2, 'tender_notices': 3, 'candidate_publicities': 4, 'contracts': 5, 'bid_openings': 6, 'clarifications': 7,
    'procurement_results': 1, 'procurement_notices': 2, 'procurement_contracts': 3, 'land_notices': 1, 'land_results': 2, 'evaluation_reports': 9} %}
{% set with_region = ['sections', 'award_notices', 'procurement_results', 'procurement_notices', 'land_notices', 'land_results'] %}
{% set with_entity = ['tender_notices', 'contracts', 'procurement_contracts', 'land_notices'] %}

with mentions as (
    {% for table, rank in ranks.items() %}
    {% set described = var('raw_tables')[table] %}
    select
        '{{ described.subject_type }}' as subject_type,
        unnest(subject_codes) as subject_id,
        '{{ described.transaction_type }}' as transaction_type,
        {{ rank }} as rank,
        {{ 'region_code' if table in with_region else 'cast(null as varchar)' }} as region_code,
        title,
        {{ 'cast(null as varchar)' if described.subject_type == 'land_announcement' else 'tender_project_code' }} as tender_project_code,
        {{ 'procuring_entity' if table in with_entity else 'cast(null as varchar)' }} as procuring_entity,
        source_row
    from {{ ref('stg_' ~ table) }}
    where len(subject_codes) > 0

    union all

    {% endfor %}
    {% for table, described in var('raw_tables').items() if described.linked_by_title %}
    select
        link.subject_type,
        link.subject_id,
        '{{ described.transaction_type }}',
        8,
        entry.region_code,
        link.title,
        cast(null as varchar),
        cast(null as varchar),
        link.source_row
    from {{ ref('notice_links') }} as link
    left join {{ ref('stg_portal_entries') }} as entry on link.url = entry.url
    where link.table_name = '{{ table }}'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    mentions.subject_type,
    mentions.subject_id,
    arg_min(mentions.transaction_type, mentions.rank) as transaction_type,
    coalesce(
        arg_min(mentions.region_code, mentions.rank) filter (where mentions.region_code is not null),
        min(sources.region_code),
        '000000'
    ) as region_code,
    arg_min(mentions.title, mentions.rank) filter (where mentions.title is not null) as title,
    min(mentions.tender_project_code) as tender_project_code,
    min(mentions.procuring_entity) as procuring_entity,
    min(sources.source_id) as source_id
from mentions
inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('mentions.source_row') }} = deliveries.delivery_number
inner join {{ source('meta', 'sources') }} as sources on deliveries.source_id = sources.source_id
group by mentions.subject_type, mentions.subject_id
