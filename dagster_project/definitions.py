"""Gathers what Dagster loads; reads nothing but dbt's manifest, which ``gongkai`` has prepared."""

from dagster import Definitions, in_process_executor

from dagster_project.assets import deliveries, snapshot
from dagster_project.checks import audit
from dagster_project.documents import documents, documents_of
from dagster_project.edition import Edition
from dagster_project.jobs import every_day, inbox, whole_way
from dagster_project.models import dbt_resource, models
from dagster_project.province import every_half_hour, province, push_to_province

defs = Definitions(
    assets=[deliveries, models, snapshot, province, *documents],
    asset_checks=[audit],
    jobs=[whole_way, push_to_province, *documents_of],
    schedules=[every_day, every_half_hour],
    sensors=[inbox],
    resources={"edition": Edition.configure_at_launch(), "dbt": dbt_resource()},
    executor=in_process_executor,
)
