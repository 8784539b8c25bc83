-- How well the push goes: by month, quarter and year of the moment from which the clock runs, county and data set.
with counted as (
    select
        cast(date_trunc('month', {{ local_date('clock_started_at') }}) as date) as month_start,
        region_code,
        dataset,
        count(*) filter (where outcome <> 'not_due') as records,
        count(*) filter (where sent_at is not null) as pushed,
        count(*) filter (where accepted_at is not null) as accepted,
        count(*) filter (where outcome = 'on_time') as on_time,
        count(*) filter (where accepted_at is not null and is_accepted_first and not is_corrected) as accurate,
        count(*) filter (where accepted_at is not null and is_accepted_first) as accepted_first,
        count(*) filter (where accepted_at is not null and not is_corrected) as uncorrected,
        count(*) filter (where outcome = 'late') as late,
        count(*) filter (where outcome = 'refused') as refused,
        count(*) filter (where outcome = 'unanswered') as unanswered,
        count(*) filter (where outcome = 'never_sent') as never_sent,
        count(*) filter (where outcome = 'pending') as pending,
        count(*) filter (where outcome = 'not_due') as not_due
    from {{ ref('pushed_records') }}
    group by all
),

by_period as (
    {{ by_period('counted', ['region_code', 'dataset'], ['records', 'pushed', 'accepted', 'on_time', 'accurate', 'accepted_first', 'uncorrected', 'late', 'refused', 'unanswered', 'never_sent', 'pending', 'not_due']) }}
),

judged as (
    select
        by_period.*,
        by_period.pushed - by_period.pending as judged,
        timeliness.threshold_percent as timeliness_percent,
        timeliness.confidence_percent as timeliness_confidence,
        accuracy.threshold_percent as accuracy_percent,
        accuracy.confidence_percent as accuracy_confidence
    from by_period
    cross join (select * from {{ ref('push_requirements') }} where measure = 'timeliness') as timeliness
    cross join (select * from {{ ref('push_requirements') }} where measure = 'accuracy') as accuracy
),

shown as (
    select
        *,
        {{ shows_share('on_time', 'judged', 'timeliness_percent', 'timeliness_confidence') }} as meets_timeliness,
        {{ shows_share('accurate', 'judged', 'accuracy_percent', 'accuracy_confidence') }} as meets_accuracy
    from judged
)

select
    period_kind,
    period_start,
    region_code,
    dataset,
    records,
    pushed,
    accepted,
    on_time,
    accurate,
    on_time / nullif(judged, 0) as timeliness_rate,
    accurate / nullif(judged, 0) as accuracy_rate,
    pushed / nullif(records, 0) as completeness_rate,
    meets_timeliness and meets_accuracy as meets_98,
    meets_timeliness,
    meets_accuracy,
    judged,
    accepted_first,
    uncorrected,
    late,
    refused,
    unanswered,
    never_sent,
    pending,
    not_due
from shown
