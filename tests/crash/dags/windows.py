"""DAGs whose DAG runs each load their own hour of a dataflow, and nothing else."""

import os
from datetime import UTC, datetime

from airflow.sdk import DAG, get_current_context, task

from airflow_provider_aep.operators.flow_run import AepRunFlowOperator

DELTA_COLUMN = {"name": "LastModifiedDate", "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"}
MIDNIGHT = datetime(2025, 1, 1, tzinfo=UTC)
HOURLY = {"schedule": "0 * * * *", "start_date": MIDNIGHT, "is_paused_upon_creation": True}


def run_hour(flow):
    # Without retries, and so in a worker: Airflow may lose a try that is deferred and resumes at once.
    return AepRunFlowOperator(
        task_id="run",
        flow_id=os.environ.get(flow, "not given"),
        delta_column=DELTA_COLUMN,
        poll_interval=0.2,
        retries=0,
        deferrable=False,
    )


# Midnight to five, as the scheduler catches up.
with DAG("windows_scheduled", end_date=MIDNIGHT.replace(hour=5), catchup=True, max_active_runs=1, **HOURLY):

    @task.short_circuit
    def wanted():
        """Leaves the hour that ends at two out, until a person clears it."""
        context = get_current_context()
        return context["data_interval_end"].hour != 2 or context["ti"].try_number > 1

    wanted() >> run_hour("WINDOWS_SCHEDULED_FLOW")

# Midnight to nine, by a backfill only.
with DAG("windows_backfilled", end_date=MIDNIGHT.replace(hour=9), catchup=False, max_active_runs=1, **HOURLY):
    run_hour("WINDOWS_BACKFILLED_FLOW")
