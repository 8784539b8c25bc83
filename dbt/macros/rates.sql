{#- The day by which a duty is placed in a month: that on which it fell due, without one the day of its trigger. -#}
{% macro fell_due_on() -%} coalesce(due_on, {{ local_date('triggered_at') }}) {%- endmacro %}

{#- Rates of what was judged, by what tells one duty from another (`by`: a column of it). due = met + missed + undecidable; rate = met ÷ (met + missed); the bounds count everything undecidable as missed, as met. -#}
{% macro rates(judged, condition='true', by='rule_id') %}
with placed as (
    select
        region_code,
        transaction_type,
        {{ by }},
        verdict,
        missed_reason,
        {{ fell_due_on() }} as fell_due_on
    from {{ judged }}
    where {{ condition }}
),

by_month as (
    select
        cast(date_trunc('month', fell_due_on) as date) as month_start,
        region_code,
        transaction_type,
        {{ by }},
        count(*) filter (where verdict = 'met') as met,
        count(*) filter (where verdict = 'missed') as missed,
        count(*) filter (where missed_reason = 'late') as late,
        count(*) filter (where missed_reason = 'absent') as absent,
        count(*) filter (where missed_reason = 'too_short') as too_short,
        count(*) filter (where verdict = 'pending') as pending,
        count(*) filter (where verdict = 'undecidable') as undecidable,
        count(*) filter (where verdict = 'exempt') as exempt
    from placed
    where fell_due_on is not null
    group by all
),

by_period as (
    {{ by_period('by_month', ['region_code', 'transaction_type', by], ['met', 'missed', 'late', 'absent', 'too_short', 'pending', 'undecidable', 'exempt']) }}
)

select
    period_kind,
    period_start,
    region_code,
    transaction_type,
    {{ by }},
    met + missed + undecidable as due,
    met,
    missed,
    late,
    absent,
    too_short,
    pending,
    undecidable,
    exempt,
    met / nullif(met + missed, 0) as rate,
    met / nullif(met + missed + undecidable, 0) as rate_low,
    (met + undecidable) / nullif(met + missed + undecidable, 0) as rate_high
from by_period
{% endmacro %}
