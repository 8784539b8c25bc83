-- Every record that is missing at the province, came late, or was not right at once, with its reason.
select
    dataset,
    pushed_key,
    region_code,
    source_row,
    clock_started_at,
    due_at,
    sent_at,
    accepted_at,
    case
        when outcome <> 'on_time' then outcome
        when is_corrected then 'corrected'
        else 'refused_first'
    end as shortfall,
    case when outcome = 'late' then round(date_diff('second', due_at, accepted_at) / 3600.0, 1) end as hours_late,
    case
        when outcome = 'never_sent' then '应推送而未推送'
        when outcome = 'unanswered' then '已推送，省平台没有回执'
        when outcome in ('refused', 'late') and refusal_code is not null then concat_ws('：', '退回', refusal_code, refusal_reason)
        when outcome = 'late' then '接收晚于时限'
        when is_corrected then '接收之后又推送了更正'
        else concat_ws('：', '首次推送被退回', refusal_code, refusal_reason)
    end as reason
from {{ ref('pushed_records') }}
where outcome not in ('not_due', 'pending')
  and (outcome <> 'on_time' or is_corrected or not is_accepted_first)
