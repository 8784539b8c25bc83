{{ config(alias="rules") }}
-- The rule book as readers of the snapshot find it: one row a version of a rule.
select * from {{ ref('rules') }}
