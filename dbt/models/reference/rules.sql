-- The rule book: one row a version of a rule.
select
    rule_id,
    cast(version as integer) as version,
    transaction_type as subject,
    measure,
    transaction_type,
    label,
    trigger_event,
    duty_event,
    matching,
    kind,
    cast(amount as integer) as amount,
    unit,
    rolls_over_holiday,
    if_earlier,
    jurisdiction,
    cast(region_prefix as varchar) as region_prefix,
    legal_source,
    status,
    valid_from,
    valid_to,
    note
from {{ ref('rule_book') }}
