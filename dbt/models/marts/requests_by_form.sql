-- Requests by the form and the year in which they came, with explicit zeros.
with requests as (
    select source_id, {{ year_of('received_at') }} as year, {{ stated('form') }} as form
    from {{ ref('request_register') }}
),

{{ listed_counts('INFORMATION_REQUEST', 'requests', 'form', 'request_form', {'requests': 'count(*)'}) }}
