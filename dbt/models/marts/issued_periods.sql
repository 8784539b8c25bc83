-- What is published for an issued period beside what the records tell now. Corrections change the first only when the period is issued once more.
{% set counts = ['met', 'missed', 'late', 'absent', 'too_short', 'pending', 'undecidable', 'exempt'] %}
{% set keys = ['period', 'edition', 'measure', 'region_code', 'transaction_type', 'rule_id'] %}

with statements as (
    select * from {{ ref('issued_statements') }} where is_current
),

issued as (
    select
        statements.period,
        statements.edition,
        issued.measure,
        issued.region_code,
        issued.transaction_type,
        issued.rule_id,
        {% for count in counts %}
        count(*) filter (where issued.{{ 'missed_reason' if count in ('late', 'absent', 'too_short') else 'verdict' }} = '{{ count }}') as {{ count }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('meta', 'issued_obligations') }} as issued
    inner join statements on issued.period = statements.period
    group by all
),

present as (
    {% for measure, mart in [('disclosure', 'disclosure_rates'), ('timeliness', 'timeliness')] %}
    select statements.period, statements.edition, '{{ measure }}' as measure, rates.*
    from {{ ref(mart) }} as rates
    inner join statements on rates.period_kind = statements.period_kind and rates.period_start = statements.period_start
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    {% for key in keys %}
    coalesce(issued.{{ key }}, present.{{ key }}) as {{ key }},
    {% endfor %}
    coalesce(issued.met + issued.missed + issued.undecidable, 0) as issued_due,
    {% for count in counts %}
    coalesce(issued.{{ count }}, 0) as issued_{{ count }},
    {% endfor %}
    coalesce(present.due, 0) as due,
    {% for count in counts %}
    coalesce(present.{{ count }}, 0) as {{ count }}{{ ',' if not loop.last }}
    {% endfor %}
from issued
full join present
    on {% for key in keys %}issued.{{ key }} = present.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
