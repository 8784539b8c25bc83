-- Whether the figures of an annual report agree with each other: as printed, and as the records give them.
with parts as (
    select
        identities.report,
        identities.identity,
        identities.relation,
        identities.whole,
        count(*) as parts,
        count(figures.computed) as computed_parts,
        sum(try_cast(figures.published as decimal(20, 6))) as published_sum,
        max(try_cast(figures.published as decimal(20, 6))) as published_largest,
        count(try_cast(figures.published as decimal(20, 6))) as published_parts,
        sum(figures.computed) as computed_sum
    from {{ ref('identities_of_reports') }} as identities
    inner join {{ ref('compared_figures') }} as figures on identities.report = figures.report and identities.part = figures.indicator
    group by identities.report, identities.identity, identities.relation, identities.whole
)

select
    parts.report,
    parts.identity,
    parts.relation,
    parts.whole,
    cast(coalesce(try_cast(figures.published as decimal(20, 6)), try_cast(parts.whole as decimal(20, 6))) as decimal(20, 6)) as published_whole,
    cast(case when published_parts = parts.parts then published_sum end as decimal(20, 6)) as published_sum,
    cast(published_largest as decimal(20, 6)) as published_largest,
    cast(case when computed_parts = parts.parts then computed_sum end as decimal(20, 6)) as computed_sum,
    case parts.relation
        when 'sum' then published_sum = published_whole
        -- What is counted once is as much as its largest part and no more than all parts together.
        when 'each_once' then published_whole between published_largest and published_sum
    end as holds_as_published
from parts
left join {{ ref('compared_figures') }} as figures on parts.report = figures.report and parts.whole = figures.indicator
