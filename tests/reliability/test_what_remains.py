"""Small proofs for rows of docs/reliability.md that no other test is about."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk import DAG
from provisioning import DELTA_COLUMN, Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.operators.flow_service import AepRunFlowOperator

WINDOW = {"window_start": 1_900_000_000, "window_end": 1_900_003_600}


@pytest.fixture
def flow_id(aep):
    return Provisioning(AepHook().get_conn()).build().flow


def dag_of(retries=0, **arguments):
    default_args = {"retries": retries, "retry_delay": timedelta(seconds=0)}
    arguments = {"delta_column": DELTA_COLUMN, **WINDOW, **arguments}
    native = arguments.pop("native", False)
    with DAG("run", schedule=None, default_args=default_args, render_template_as_native_obj=native) as dag:
        AepRunFlowOperator(task_id="run", poll_interval=0.01, **arguments)
    return dag


def posts(aep):
    return [record for record in aep.requests if record.method == "POST" and record.path.endswith("/runs")]


@pytest.mark.aep(auto_advance=30)
def test_a_failed_task_has_its_link_and_its_run_id(aep, run_dag, flow_id):
    aep.script_run("failed_copy", flow_id=flow_id)

    result = run_dag(dag_of(flow_id=flow_id))

    (run_id,) = aep.state()["runs"]
    assert result.run.state == "failed"
    assert result.xcom("run", "run_id") == run_id
    assert run_id in result.xcom("run", "aep_run_url")


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize(
    "start",
    [
        1_900_000_000,
        "1900000000",
        "{{ 1900000000 }}",
        "2030-03-17T17:46:40Z",
        "2030-03-17T18:46:40+01:00",
        datetime(2030, 3, 17, 17, 46, 40, tzinfo=UTC),
    ],
    ids=str,
)
def test_a_time_is_the_same_however_it_is_written_and_rendered(aep, run_dag, flow_id, start, native):
    run_dag(dag_of(flow_id=flow_id, window_start=start, native=native))
    (post,) = posts(aep)
    assert post.body["params"]["windowStartTime"] == 1_900_000_000


@pytest.mark.parametrize("start", ["2030-03-17T17:46:40", 1_900_000_000_000, "yesterday"])
def test_a_time_that_cannot_be_meant_is_refused_before_any_request(aep, run_dag, flow_id, start):
    before = len(aep.requests)
    assert run_dag(dag_of(retries=2, flow_id=flow_id, window_start=start)).run.state == "failed"
    assert aep.requests[before:] == []


@pytest.mark.parametrize("deferrable", [False, True])
def test_a_disabled_dataflow_is_refused_and_says_how_to_enable_it(aep, run_dag, flow_id, deferrable):
    AepHook().send(flow_service.disable_flow(flow_id))

    result = run_dag(dag_of(retries=2, flow_id=flow_id, deferrable=deferrable))

    assert result.run.state == "failed"
    assert posts(aep) == []
    (ti,) = result.run.get_task_instances()
    assert ti.try_number == 1, "no retry can enable a dataflow"


@pytest.mark.aep(auto_advance=1)
@pytest.mark.parametrize("deferrable", [False, True])
def test_a_run_that_never_ends_is_given_up_at_the_deadline(aep, run_dag, flow_id, deferrable):
    """As when the dataflow was disabled, or its credentials ended, while the run was under way."""
    aep.script_run("never_ending", flow_id=flow_id)

    result = run_dag(dag_of(flow_id=flow_id, timeout=1, deferrable=deferrable))

    assert result.run.state == "failed"
    assert len(posts(aep)) == 1


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("deferrable", [False, True])
def test_what_goes_into_xcom_is_small_json_without_a_secret(aep, run_dag, flow_id, deferrable):
    result = run_dag(dag_of(flow_id=flow_id, deferrable=deferrable))
    pushed = json.dumps(result.xcoms)
    assert len(pushed) < 10_000
    assert aep.client_secret not in pushed
    assert "Bearer" not in pushed
