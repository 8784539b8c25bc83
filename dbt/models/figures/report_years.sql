-- The year that an annual report tells of: the one that most of its figures are of. A report whose year is masked has none.
select report, mode(try_cast(substr(period, 1, 4) as integer)) as year
from {{ ref('published_figures_of_reports') }}
group by report
