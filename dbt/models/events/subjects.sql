-- depends_on: {{ ref('touched_subjects') }}
-- What notices are about: where it lies, what it is called, who buys. One record tells what it is: the registration, the result, the land notice,
-- the request or decision itself;
-- only a subject that has none of these is put together from whatever mentions it, the most authoritative mention first (lowest rank).
{% set main_records = ['sections', 'procurement_results', 'land_notices', 'violations', 'complaints', 'information_requests', 'permit_penalties', 'disclosure_register', 'property_listings', 'equity_listings'] %}
{% set ranks = {
    'award_notices': 2, 'tender_notices': 3, 'candidate_publicities': 4, 'contracts': 5, 'bid_openings': 6, 'clarifications': 7,
    'procurement_notices': 2, 'procurement_contracts': 3, 'procurement_corrections': 4, 'land_results': 2, 'property_results': 2, 'equity_results': 2, 'evaluation_reports': 9, 'tender_exceptions': 9, 'bids': 9} %}
{% set without_region = ['tender_notices', 'candidate_publicities', 'contracts', 'bid_openings', 'clarifications', 'procurement_contracts', 'procurement_corrections', 'evaluation_reports', 'tender_exceptions', 'bids'] %}
{% set with_entity = ['tender_notices', 'contracts', 'procurement_contracts', 'land_notices'] %}

with main_mentions as (
    select * from (
    {% for table in main_records %}
    {{ mentions_of(table, 1, table not in without_region) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    ) as mentioned
    where {{ is_touched() }}
),

-- A page that the portal lists twice lies where the entry delivered first says.
regions_of_entries as (
    select url, arg_min(region_code, source_row) as region_code
    from {{ ref('stg_portal_entries') }}
    group by url
),

further_mentions as (
    {% for table, rank in ranks.items() %}
    {{ mentions_of(table, rank, table not in without_region) }}
    union all
    {% endfor %}
    {% for table, described in var('raw_tables').items() if described.linked_by_title %}
    select
        link.subject_type,
        link.subject_id,
        '{{ described.transaction_type }}' as transaction_type,
        8 as rank,
        entry.region_code,
        link.title,
        cast(null as varchar) as tender_project_code,
        link.source_row
    from {{ ref('notice_links') }} as link
    left join regions_of_entries as entry on link.url = entry.url
    where link.table_name = '{{ table }}'
    union all
    {% endfor %}
    -- A quarantined row whose subject can be read still says that there is such a subject.
    select
        kinds.subject_type,
        quarantine.subject_code,
        kinds.transaction_type,
        10 as rank,
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        {{ source_row('deliveries.delivery_number', 'quarantine.row_number') }}
    from {{ source('meta', 'quarantine') }} as quarantine
    inner join {{ source('meta', 'deliveries') }} as deliveries on quarantine.delivery_id = deliveries.delivery_id
    inner join (select distinct dataset, subject_type, transaction_type from {{ ref('event_types') }}) as kinds on quarantine.dataset = kinds.dataset
    where quarantine.subject_code is not null
),

mentions as (
    select * from main_mentions
    union all
    select * from further_mentions as further
    where {{ is_touched('further.subject_type', 'further.subject_id') }}
        and (further.subject_type, further.subject_id) not in (select (main_mentions.subject_type, main_mentions.subject_id) from main_mentions)
),

entities as (
    select subject_type, subject_id, min(procuring_entity) as procuring_entity
    from (
        {% for table in with_entity %}
        select '{{ var('raw_tables')[table].subject_type }}' as subject_type, unnest(subject_codes) as subject_id, procuring_entity
        from {{ ref('stg_' ~ table) }}
        where procuring_entity is not null
        {% if not loop.last %}union all{% endif %}
        {% endfor %}
    ) as named
    where {{ is_touched() }}
    group by subject_type, subject_id
),

described as (
    select
        subject_type,
        subject_id,
        arg_min(transaction_type, authority) as transaction_type,
        arg_min(region_code, authority) filter (where region_code is not null) as region_code,
        arg_min(title, authority) filter (where title is not null) as title,
        min(tender_project_code) as tender_project_code,
        min({{ delivery_number('source_row') }}) as delivery_number
    -- Of equal ranks the one delivered first: whichever thread comes first must decide nothing.
    from (select *, cast(rank as bigint) * 100000000000000000 + source_row as authority from mentions) as ranked
    group by subject_type, subject_id
)

select
    described.subject_type,
    described.subject_id,
    described.transaction_type,
    coalesce(described.region_code, sources.region_code, '000000') as region_code,
    {{ masked('described.title') }} as title,
    described.tender_project_code,
    {{ masked('entities.procuring_entity') }} as procuring_entity,
    sources.source_id
from described
inner join {{ source('meta', 'deliveries') }} as deliveries on described.delivery_number = deliveries.delivery_number
inner join {{ source('meta', 'sources') }} as sources on deliveries.source_id = sources.source_id
left join entities on described.subject_type = entities.subject_type and described.subject_id = entities.subject_id
