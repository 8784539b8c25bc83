-- What was decided about the items of the register, published or not; what was published of each category is counted by figures_of_items.
with items as (
    select
        source_id,
        count(distinct openness_class) filter (where openness_class in ('proactive', 'on_request', 'withheld')) as document_openness_classes,
        count(*) filter (where category = '规范性文件') as normative_documents_issued
    from {{ ref('disclosure_register') }}
    group by source_id
)

{{ figures('DISCLOSURE_REGISTER', 'items', ['document_openness_classes', 'normative_documents_issued']) }}
