select
    source_row,
    record_key,
    row_hash,
    tender_project_code,
    tender_project_name,
    region_code,
    tenderer_name as procuring_entity,
    unified_deal_code,
    created_at
from ({{ current_records('tender_projects') }}) as current_records
