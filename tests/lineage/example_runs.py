"""Runs the example DAGs where OpenLineage is switched on. `test_openlineage_events.py` starts it in a process of its
own: Airflow decides when it starts whether it sends events.
"""

from datetime import UTC, datetime

import pytest
from airflow.sdk import DAG
from provisioning import DELTA_COLUMN, Provisioning
from test_example_dags import credentials, impatient  # noqa: F401

from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.operators.flow_service import AepRunFlowOperator

pytestmark = pytest.mark.aep(auto_advance=600)

WAYS = {"sync": False, "deferred": True}


def example(name, way, outcome):
    """One of the example DAGs under a name of its own, waiting in the worker or in the triggerer."""
    dag = impatient(name)
    dag.dag_id = f"{name}.{way}.{outcome}"
    for task in dag.tasks:
        if hasattr(task, "deferrable"):
            task.deferrable = WAYS[way]
        if hasattr(task, "poke_interval"):
            task.poke_interval = 0.1
    return dag


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("outcome", ["success", "failed_copy"])
def test_crm(aep, run_dag, way, outcome):
    aep.script_run(outcome, records=100)
    result = run_dag(example("example_crm_dataflow", way, outcome))
    assert result.states["first_run"] == ("success" if outcome == "success" else "failed")


@pytest.mark.parametrize("way", WAYS)
def test_streaming(aep, run_dag, way):
    result = run_dag(example("example_streaming_dataflow", way, "success"))
    assert result.states["first_batch"] == "success"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("outcome", ["success", "failed_copy", "empty"])
def test_on_demand(aep, run_dag, way, outcome):
    flow_id = Provisioning(AepHook().get_conn()).build().flow
    aep.script_run(outcome, flow_id=flow_id, **({} if outcome == "empty" else {"records": 100}))
    window = {"window_start": "2030-01-31T00:00:00+00:00", "window_end": "2030-02-01T00:00:00+00:00"}
    dag = example("example_on_demand_run", way, outcome)
    result = run_dag(dag, logical_date=datetime.now(UTC), run_conf={"flow_id": flow_id, **window})
    assert result.states["run"] == {"success": "success", "failed_copy": "failed", "empty": "skipped"}[outcome]


def test_a_platform_that_fails_when_it_is_asked_for_lineage_fails_no_task(aep, run_dag):
    flow_id = Provisioning(AepHook().get_conn()).build().flow
    aep.fault("GET", "*/targetConnections/*", times=None, kind="status", status=403)
    with DAG("no_lineage", schedule=None) as dag:
        AepRunFlowOperator(
            task_id="run",
            flow_id=flow_id,
            delta_column=DELTA_COLUMN,
            window_start="2030-01-31T00:00:00+00:00",
            window_end="2030-02-01T00:00:00+00:00",
            poll_interval=0.01,
        )
    assert run_dag(dag).states == {"run": "success"}
