{{ config(materialized='view') }}
-- The register in numbers, by year and office.
select
    source_id,
    year,
    office,
    count(*) as items,
    {% for openness in ['proactive', 'on_request', 'withheld', 'undecided', 'unrecognised'] %}
    count(*) filter (where openness_class = '{{ openness }}') as {{ openness }},
    {% endfor %}
    count(*) filter (where is_published) as published,
    {% for state in ['reviewed_before', 'reviewed_after', 'not_reviewed', 'undecidable'] %}
    count(*) filter (where review_state = '{{ state }}') as {{ state }},
    {% endfor %}
    count(*) filter (where is_published_against_decision) as published_against_decision
from {{ ref('disclosure_register') }}
group by source_id, year, office
