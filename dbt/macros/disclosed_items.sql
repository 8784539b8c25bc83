{#- What an intermediary discloses to the public: the first sixteen columns of its data set (a test compares). The report gives their number only. -#}
{% macro disclosed_items() -%}
    {{ return([
        'intermediary_name', 'intermediary_code', 'category', 'legal_representative', 'qualification_grade', 'qualification_number',
        'qualification_expires_on', 'business_address', 'service_phone_number', 'service_items', 'service_basis', 'service_procedure',
        'service_time_limit', 'fee_standard', 'fee_basis', 'service_commitment']) }}
{%- endmacro %}
