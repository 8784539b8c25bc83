{{ config(post_hook="{{ keep_figure_verdict() }}") }}
-- Every figure of a source's annual report beside what its records give.
{% set subject_areas = [
    'channels',
    'consultations',
    'disputes',
    'double_publicity',
    'intermediaries',
    'items',
    'push_quality',
    'pushed_records',
    'register',
    'requests',
    'sanctions',
    'transactions',
    'violations',
] %}

with computed as (
    {% for area in subject_areas %}
    select source_id, indicator, figure from {{ ref('figures_of_' ~ area) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

compared as (
    select
        published.*,
        try_cast(published.value as decimal(20, 6)) as number,
        computed.indicator is not null as is_counted,
        computed.figure
    from {{ ref('published_figures_of_reports') }} as published
    inner join {{ source('meta', 'sources') }} as sources on published.report = sources.source_id
    left join computed on published.report = computed.source_id and published.indicator = computed.indicator
)

select
    report,
    indicator,
    operator,
    value as published,
    unit,
    period,
    phrase,
    figure as computed,
    cast(figure - number as decimal(20, 6)) as difference,
    {{ figure_verdict('operator', 'number', 'figure') }} as verdict,
    {{ figure_reason('number', 'figure', 'is_counted') }} as reason
from compared
