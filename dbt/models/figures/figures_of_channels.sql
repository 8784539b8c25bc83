-- The rate of the year that the report tells of, over every notice and channel that could be judged.
with disclosed as (
    select
        channel_disclosures.source_id,
        100.0 * count(*) filter (where channel_disclosures.verdict = 'met')
        / nullif(count(*) filter (where channel_disclosures.verdict in ('met', 'missed')), 0) as trade_info_disclosure_rate
    from {{ ref('channel_disclosures') }} as channel_disclosures
    {{ of_the_year_of_the_report('channel_disclosures.source_id', 'extract(year from channel_disclosures.due_on)') }}
    group by channel_disclosures.source_id
),

kinds as (
    select source_id, count(distinct transaction_type) as trade_project_kinds
    from {{ ref('subjects') }}
    where transaction_type in ('construction', 'procurement', 'land', 'property')
    group by source_id
)

select source_id, 'trade_info_disclosure_rate' as indicator, cast(trade_info_disclosure_rate as decimal(20, 6)) as figure from disclosed
union all
select source_id, 'trade_project_kinds', cast(trade_project_kinds as decimal(20, 6)) from kinds
