"""Gathers what Dagster loads; reads nothing but dbt's manifest, which ``gongkai`` has prepared."""

from dagster import Definitions, in_process_executor

from dagster_project.assets import deliveries, snapshot
from dagster_project.checks import audit
from dagster_project.edition import Edition
from dagster_project.jobs import every_day, inbox, whole_way
from dagster_project.models import dbt_resource, models

defs = Definitions(
    assets=[deliveries, models, snapshot],
    asset_checks=[audit],
    jobs=[whole_way],
    schedules=[every_day],
    sensors=[inbox],
    resources={"edition": Edition.configure_at_launch(), "dbt": dbt_resource()},
    executor=in_process_executor,
)
