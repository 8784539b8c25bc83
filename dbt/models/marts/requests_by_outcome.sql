-- Answers to requests by outcome and the year in which they were given, with explicit zeros for the outcomes of that year's form.
with answers as (
    select source_id, {{ year_of('answered_at') }} as year, {{ stated('outcome') }} as outcome
    from {{ ref('request_register') }}
    where answered_at is not null
),

{{ listed_counts('INFORMATION_REQUEST', 'answers', 'outcome', 'request_outcome', {'answers': 'count(*)'}) }}
