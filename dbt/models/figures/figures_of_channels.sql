-- The rate of the year that the report tells of, over every notice and channel that could be judged.
with disclosed as (
    select
        channel_disclosures.source_id,
        100.0 * count(*) filter (where channel_disclosures.verdict = 'met')
        / nullif(count(*) filter (where channel_disclosures.verdict in ('met', 'missed')), 0) as trade_info_disclosure_rate
    from {{ ref('channel_disclosures') }} as channel_disclosures
    inner join {{ ref('report_years') }} as reports
        on channel_disclosures.source_id = reports.report
        and coalesce(extract(year from channel_disclosures.due_on) = reports.year, true)
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
