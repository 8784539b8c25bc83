-- What was decided about the items of the register, published or not; what was published of each category is counted by figures_of_items.
with items as (
    select
        register.source_id,
        count(distinct register.openness_class) filter (where register.openness_class in ('proactive', 'on_request', 'withheld')) as document_openness_classes,
        count(*) filter (where register.category = '规范性文件') as normative_documents_issued
    from {{ ref('disclosure_register') }} as register
    {{ of_the_year_of_the_report('register.source_id', 'register.year') }}
    group by register.source_id
)

{{ figures('DISCLOSURE_REGISTER', 'items', ['document_openness_classes', 'normative_documents_issued']) }}
