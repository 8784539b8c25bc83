{{ config(materialized='view') }}
{{ rates(ref('channel_disclosures'), by='channel') }}
