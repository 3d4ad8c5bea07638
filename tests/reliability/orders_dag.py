"""The DAG of an imaginary user: run a dataflow for one day, and go on only if it lost no record."""

from datetime import timedelta

from airflow.sdk import DAG

from airflow_provider_aep.operators.flow_service import AepRunFlowOperator

with DAG(
    "orders",
    schedule=None,
    params={"flow_id": "", "day": "2030-01-28"},
    default_args={"retries": 1, "retry_delay": timedelta(0)},
) as dag:
    AepRunFlowOperator(
        task_id="load",
        flow_id="{{ params.flow_id }}",
        window_start="{{ params.day }}T00:00:00+00:00",
        window_end="{{ params.day }}T23:59:59+00:00",
        delta_column={"name": "LastModifiedDate"},
        poll_interval=0.1,
    )
