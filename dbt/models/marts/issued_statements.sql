-- Every edition of every period's statement. What it froze stands beside the issued folder's files in meta.issued_*.
select
    period,
    period_kind,
    period_start,
    period_end,
    edition,
    issued_at,
    reason,
    snapshot,
    as_of,
    known_at,
    obligations,
    digest,
    is_current
from {{ source('meta', 'issued_statements') }}
