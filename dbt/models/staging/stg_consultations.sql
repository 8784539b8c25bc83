select
    source_row,
    record_key,
    row_hash,
    consultation_code,
    region_code,
    channel,
    topic,
    consulted_at
from ({{ current_records('consultations') }}) as current_records
