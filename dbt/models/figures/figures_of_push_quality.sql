-- The shares of the year's pushed records in per cent; nothing where nothing was pushed.
with years as (
    select records.source_id, count(*) as judged, count(*) filter (where records.outcome = 'on_time') as on_time,
        count(*) filter (where records.accepted_at is not null and records.is_accepted_first and not records.is_corrected) as accurate
    from {{ ref('pushed_records') }} as records
    {{ of_the_year_of_the_report('records.source_id', year_of('records.clock_started_at')) }}
    where records.sent_at is not null and records.outcome <> 'pending'
    group by records.source_id
)

select source_id, 'push_timeliness' as indicator, cast(100 * on_time / judged as decimal(20, 6)) as figure
from years
union all
select source_id, 'push_accuracy' as indicator, cast(100 * accurate / judged as decimal(20, 6)) as figure
from years
