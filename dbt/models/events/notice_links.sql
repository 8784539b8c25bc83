-- Sources that publish only titles say nowhere which section a notice belongs to. Here a notice without a section code is linked to the one section
-- whose title agrees with its own; where several agree, or none does, it stays a subject of its own.
{% set coded = ['sections', 'award_notices', 'tender_notices', 'candidate_publicities'] %}

with unlinked as (
    {% for name, described in var('raw_tables').items() if described.linked_by_title %}
    select '{{ name }}' as table_name, row_hash, record_key, source_row, title, url
    from {{ ref('stg_' ~ name) }}
    where len(subject_codes) = 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

section_titles as (
    {% for name in coded %}
    select subject_codes[1] as section_code, title
    from {{ ref('stg_' ~ name) }}
    where len(subject_codes) = 1
    {% if not loop.last %}union{% endif %}
    {% endfor %}
),

wanted_keys as (
    select *, {{ title_key('title') }} as title_key, {{ loose_title_key('title') }} as loose_key
    from unlinked
),

sections_by_key as (
    select title_key, count(distinct section_code) as candidates, min(section_code) as section_code
    from (select section_code, {{ title_key('title') }} as title_key from section_titles)
    where title_key in (select w.title_key from wanted_keys as w)
    group by title_key
),

sections_by_loose_key as (
    select loose_key, count(distinct section_code) as candidates, min(section_code) as section_code
    from (select section_code, {{ loose_title_key('title') }} as loose_key from section_titles)
    where loose_key in (select w.loose_key from wanted_keys as w)
    group by loose_key
),

matched as (
    select
        wanted_keys.*,
        coalesce(exact.candidates, loose.candidates, 0) as candidates,
        case
            when exact.candidates = 1 then exact.section_code
            when exact.candidates is null and loose.candidates = 1 then loose.section_code
        end as section_code,
        case
            when exact.candidates = 1 then 'title'
            when exact.candidates > 1 or loose.candidates > 1 then 'ambiguous'
            when loose.candidates = 1 then 'title_without_punctuation'
            else 'none'
        end as method
    from wanted_keys
    left join sections_by_key as exact on wanted_keys.title_key = exact.title_key
    left join sections_by_loose_key as loose on wanted_keys.loose_key = loose.loose_key
)

select
    table_name,
    row_hash,
    record_key,
    source_row,
    title,
    url,
    case when section_code is null then 'notice' else 'section' end as subject_type,
    coalesce(section_code, url, cast(record_key as varchar)) as subject_id,
    method,
    candidates
from matched
