-- depends_on: {{ ref('touched_subjects') }}
-- Amounts and stages of everything that is dealt: sections, land announcements and projects of state property.
{% set in_lots = ['property_listings', 'equity_listings'] %}
{% set results = ['award_notices', 'procurement_results', 'land_results'] %}
{% set results_in_lots = ['property_results', 'equity_results'] %}
with stages as (
    select
        subject_type,
        subject_id,
        min(occurred_at) filter (
            where event_type in ('tender_notice_published', 'procurement_notice_published', 'land_notice_published', 'asset_listed', 'equity_listed')
        ) as tender_notice_at,
        -- Bids are opened when they are due (招标投标法 §34).
        coalesce(min(occurred_at) filter (where event_type = 'bid_opened'), min(occurred_at) filter (where event_type = 'bid_deadline')) as bids_opened_at,
        min(occurred_at) filter (where event_type = 'candidate_publicity_started') as candidate_publicity_at,
        min(occurred_at) filter (
            where event_type in ('award_notice_published', 'procurement_result_published', 'land_result_published', 'asset_result_published', 'equity_result_published')
        ) as award_notice_at,
        min(occurred_at) filter (where event_type in ('asset_traded', 'equity_traded')) as traded_at,
        min(occurred_at) filter (where event_type in ('contract_signed', 'procurement_contract_signed')) as contract_signed_at
    from {{ ref('first_events') }}
    where {{ is_touched() }}
    group by subject_type, subject_id
),

-- A project of state property may be offered in lots.
listed_lots as (
    select subject_type, subject_id, lot_code, max(estimate_yuan) as estimate_yuan
    from (
        {{ of_one_subject(in_lots, "coalesce(lot_code, '') as lot_code, estimate_yuan") }}
    ) as listed
    where {{ is_touched() }}
    group by subject_type, subject_id, lot_code
),

-- What was asked for the whole: of state property for all lots together. The one price of a land announcement is of the parcel where it offers one.
estimates as (
    select subject_type, subject_id, max(estimate_yuan) as estimate_yuan, max(parcels) as parcels
    from (
        {{ of_one_subject(['sections', 'procurement_notices'], "estimate_yuan, cast(null as bigint) as parcels") }}
        union all
        {{ of_one_subject(['land_notices'], "estimate_yuan, parcels") }}
    ) as estimated
    where {{ is_touched() }}
    group by subject_type, subject_id
    union all
    select
        subject_type,
        subject_id,
        cast(case when count(estimate_yuan) = count(*) then sum(estimate_yuan) end as decimal(20, 6)) as estimate_yuan,
        null as parcels
    from listed_lots
    group by subject_type, subject_id
),

-- What was sold of a land announcement (parcels) or a project of state property (lots), and the starting prices of these parts together where each has its own. Two buyers of one part share its price.
sold_parts as (
    select
        subject_type,
        subject_id,
        count(*) as parts,
        cast(case when count(starting_yuan) = count(*) then sum(starting_yuan) end as decimal(20, 6)) as starting_yuan
    from (
        select subject_type, subject_id, part, max(starting_yuan) as starting_yuan
        from (
            {{ of_one_subject(['land_results'], "parcel as part, starting_yuan") }}
            union all
            select sold.subject_type, sold.subject_id, sold.lot_code as part, listed_lots.estimate_yuan as starting_yuan
            from (
                {{ of_one_subject(results_in_lots, "coalesce(lot_code, '') as lot_code") }}
            ) as sold
            left join listed_lots
                on sold.subject_type = listed_lots.subject_type and sold.subject_id = listed_lots.subject_id and sold.lot_code = listed_lots.lot_code
        ) as deals
        where {{ is_touched() }}
        group by subject_type, subject_id, part
    ) as parts
    group by subject_type, subject_id
),

-- A section may be awarded to several suppliers, a lot to several buyers, who may be persons: no buyer of property is told.
awarded as (
    select
        subject_type,
        subject_id,
        string_agg(distinct supplier, '；' order by supplier) as supplier,
        case when min(currency) = max(currency) then min(currency) end as currency_code,
        cast(case when min(currency) = max(currency) then sum(award_amount) end as decimal(20, 6)) as award_amount,
        bool_and(award_amount is not null) as is_priced
    from (
        {{ of_one_subject(results, "supplier, award_amount, " ~ currency('currency_code') ~ " as currency") }}
        union all
        {{ of_one_subject(results_in_lots, "cast(null as varchar) as supplier, award_amount, " ~ currency('currency_code') ~ " as currency") }}
    ) as awards
    where {{ is_touched() }}
    group by subject_type, subject_id
),

listed_bidders as (
    select 'section' as subject_type, subject_codes[1] as subject_id, count(distinct bidder) as bidders
    from {{ ref('stg_bids') }}
    where len(subject_codes) = 1 and {{ is_touched("'section'", 'subject_codes[1]') }}
    group by subject_codes[1]
),

-- Some centres state in the opening record how many there were. One of several sections does not say whose bidders they are.
stated_bidders as (
    select 'section' as subject_type, subject_codes[1] as subject_id, max(bidder_count) as bidders
    from {{ ref('stg_bid_openings') }}
    where len(subject_codes) = 1 and bidder_count is not null and {{ is_touched("'section'", 'subject_codes[1]') }}
    group by subject_codes[1]
),

dealt as (
    select
        subjects.subject_id,
        subjects.subject_type,
        subjects.transaction_type,
        subjects.region_code,
        subjects.title,
        subjects.tender_project_code,
        subjects.procuring_entity,
        {{ masked('awarded.supplier') }} as supplier,
        coalesce(sold_parts.starting_yuan, estimates.estimate_yuan) as estimate_yuan,
        awarded.award_amount,
        awarded.currency_code,
        case when awarded.currency_code = '156' then awarded.award_amount end as award_yuan,
        awarded.is_priced,
        -- Whether the starting price is that of what was sold, and else why not: of land, one price says nothing of several parcels; of property, that of all lots nothing of some.
        case
            when subjects.transaction_type = 'property' and not awarded.is_priced then 'lot_without_price'
            when subjects.transaction_type = 'land' and not awarded.is_priced then 'parcel_without_price'
            when coalesce(sold_parts.starting_yuan, estimates.estimate_yuan) is null then 'no_starting_price'
            when subjects.transaction_type = 'property' and sold_parts.starting_yuan is null then 'no_starting_price'
            when subjects.transaction_type = 'land' and sold_parts.starting_yuan is null and greatest(estimates.parcels, sold_parts.parts) > 1 then 'one_price_for_several_parcels'
            when subjects.transaction_type = 'land' and sold_parts.starting_yuan is null and coalesce(estimates.parcels, 0) <> 1 then 'parcels_not_stated'
        end as not_comparable_reason,
        coalesce(listed_bidders.bidders, stated_bidders.bidders) as bidders,
        stages.tender_notice_at,
        stages.bids_opened_at,
        stages.candidate_publicity_at,
        stages.award_notice_at,
        -- That a result is announced is no column of the standard of property: without one it counts when it was traded.
        coalesce(stages.award_notice_at, stages.traded_at) as concluded_at,
        stages.contract_signed_at
    from {{ ref('subjects') }} as subjects
    left join stages on subjects.subject_type = stages.subject_type and subjects.subject_id = stages.subject_id
    left join estimates on subjects.subject_type = estimates.subject_type and subjects.subject_id = estimates.subject_id
    left join sold_parts on subjects.subject_type = sold_parts.subject_type and subjects.subject_id = sold_parts.subject_id
    left join awarded on subjects.subject_type = awarded.subject_type and subjects.subject_id = awarded.subject_id
    left join listed_bidders on subjects.subject_type = listed_bidders.subject_type and subjects.subject_id = listed_bidders.subject_id
    left join stated_bidders on subjects.subject_type = stated_bidders.subject_type and subjects.subject_id = stated_bidders.subject_id
    -- Requests, decisions and registered information are no transactions.
    where subjects.subject_type in ('section', 'land_announcement', 'property_project', 'equity_project')
        and {{ is_touched('subjects.subject_type', 'subjects.subject_id') }}
)

select
    subject_id,
    subject_type,
    transaction_type,
    region_code,
    title,
    tender_project_code,
    procuring_entity,
    supplier,
    estimate_yuan,
    award_yuan,
    award_amount,
    currency_code,
    -- Of several awards one without an amount would count as saved.
    case when transaction_type in ('construction', 'procurement') and is_priced then cast(estimate_yuan - award_yuan as decimal(20, 6)) end as savings_yuan,
    case when transaction_type in ('land', 'property') and not_comparable_reason is null then cast(award_yuan - estimate_yuan as decimal(20, 6)) end as added_yuan,
    case when transaction_type in ('land', 'property') and award_yuan is not null then not_comparable_reason end as not_comparable_reason,
    bidders,
    tender_notice_at,
    bids_opened_at,
    candidate_publicity_at,
    award_notice_at,
    concluded_at,
    contract_signed_at
from dealt
