-- How many notices without a section code found their section by title.
select
    table_name,
    method,
    count(*) as notices
from {{ ref('notice_links') }}
group by table_name, method
