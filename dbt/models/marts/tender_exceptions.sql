-- Every report that a tender failed, ended or was revoked, with the section it is about.
select
    subjects.subject_type,
    subjects.subject_id,
    subjects.transaction_type,
    subjects.region_code,
    subjects.title,
    {{ masked('reports.title') }} as report_title,
    reports.exception_type,
    reports.exception_type = 1 as is_failed,
    reports.approved_at,
    deliveries.source_id,
    reports.source_row
from (
    select *, unnest(subject_codes) as subject_id
    from ({{ happened_records('stg_tender_exceptions', 'approved_at') }}) as approved
) as reports
inner join {{ ref('subjects') }} as subjects on subjects.subject_type = 'section' and reports.subject_id = subjects.subject_id
inner join {{ source('meta', 'deliveries') }} as deliveries on {{ delivery_number('reports.source_row') }} = deliveries.delivery_number
