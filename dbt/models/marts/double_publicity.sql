-- Permits and penalties by department: how many were decided, published, and published in time.
select
    source_id,
    year,
    department,
    kind,
    count(*) as decided,
    count(published_on) as published,
    {% for verdict in ['met', 'missed'] %}
    count(*) filter (where verdict = '{{ verdict }}') as {{ verdict }},
    {% endfor %}
    count(*) filter (where missed_reason = 'late') as late,
    count(*) filter (where missed_reason = 'absent') as absent,
    count(*) filter (where verdict = 'pending') as pending,
    -- A decision of a time without the rule owes nothing.
    count(*) filter (where verdict = 'undecidable') as undecidable
from {{ ref('permits_and_penalties') }}
group by source_id, year, department, kind
