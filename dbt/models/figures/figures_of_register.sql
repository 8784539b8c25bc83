with items as (
    select
        source_id,
        count(*) filter (where is_published) as info_published,
        count(distinct openness_class) filter (where openness_class in ('proactive', 'on_request', 'withheld')) as document_openness_classes,
        count(*) filter (where category = '规范性文件') as normative_documents_issued,
        count(*) filter (where category = '工作动态' and is_published) as dynamics,
        count(*) filter (where category = '工作简报' and is_published) as briefings,
        count(*) filter (where category = '放管服文件' and is_published) as reform_documents
    from {{ ref('disclosure_register') }}
    group by source_id
)

{{ figures('DISCLOSURE_REGISTER', 'items', [
    'info_published', 'document_openness_classes', 'normative_documents_issued', 'dynamics', 'briefings', 'reform_documents']) }}
