"""Load one day of data, on demand, with a dataflow that is scheduled `once`.

Trigger it with the id of such a dataflow and the day. Give it a `schedule`, and each scheduled run and each run of a
backfill, for which both params are empty, loads its own slot: from the schedule's tick before to its own.

A retry goes on with the run that an earlier try started, and repeats it if it failed: no window is loaded twice.
"""

from airflow.sdk import DAG, Param

from airflow_provider_aep.operators.flow_service import AepRunFlowOperator

with DAG(
    dag_id="example_on_demand_run",
    schedule=None,
    default_args={"retries": 2},
    params={
        "flow_id": Param("", type="string", title="Dataflow", description="The id of the dataflow"),
        "window_start": Param("", type="string", title="From", description="With an offset: 2030-01-31T00:00:00+00:00"),
        "window_end": Param("", type="string", title="To", description="With an offset: 2030-02-01T00:00:00+00:00"),
    },
    doc_md=__doc__,
    tags=["example", "aep", "batch"],
) as dag:
    # [start run]
    AepRunFlowOperator(
        task_id="run",
        flow_id="{{ params.flow_id }}",
        window_start="{{ params.window_start }}",
        window_end="{{ params.window_end }}",
        # Needed by the first run of a table source; later runs keep it.
        delta_column={"name": "LastModifiedDate", "dateFormat": "yyyy-MM-dd HH:mm:ss", "timezone": "UTC"},
        # Two runs at a time would load the same rows twice: wait for the other one first.
        if_running="wait",
        # One record in a thousand may be dropped; more fails the task. A day without data is no failure.
        policy={"max_failed_percent": 0.1, "on_empty": "skip"},
        deferrable=True,
    )
    # [end run]
