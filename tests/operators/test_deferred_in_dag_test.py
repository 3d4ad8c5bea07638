"""Everything that is deferred, under `dag.test()`: it hands on the event of a trigger, and drops the keyword arguments
of `defer` (airflow#69942)."""

from datetime import timedelta

import pytest
from airflow.sdk import DAG
from provisioning import DELTA_COLUMN, Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.hooks import connection
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.models.times import epoch_seconds
from airflow_provider_aep.operators.flow_service import AepRetryFlowRunOperator, AepRunFlowOperator
from airflow_provider_aep.sensors.flow_run import AepDatasetBatchSensor, AepFlowRunSensor

pytestmark = pytest.mark.aep(auto_advance=30)

HOURS = ["2030-01-31T00:00:00+00:00", "2030-01-31T01:00:00+00:00", "2030-01-31T02:00:00+00:00"]


@pytest.fixture
def client(aep):
    return AepHook().get_conn()


@pytest.fixture
def built(client):
    """A dataflow that is run on demand, and its parts."""
    return Provisioning(client).build()


@pytest.fixture
def deferred():
    """A DAG whose tasks all wait in the triggerer."""
    return DAG("deferred", schedule=None, default_args={"retries": 0, "deferrable": True, "poll_interval": 0.01})


def run_hour(flow_id, number, **arguments):
    return AepRunFlowOperator(
        task_id=f"hour_{number}",
        flow_id=flow_id,
        delta_column=DELTA_COLUMN,
        window_start=HOURS[number],
        window_end=HOURS[number + 1],
        **arguments,
    )


def window(number):
    return {"start": HOURS[number], "end": HOURS[number + 1]}


def test_two_runs_of_one_dataflow_of_which_the_first_is_not_waited_for(aep, run_dag, built, deferred):
    with deferred:
        run_hour(built.flow, 0, wait=False) >> run_hour(built.flow, 1)

    result = run_dag(deferred)

    assert result.states == {"hour_0": "success", "hour_1": "success"}
    assert [result.xcom(f"hour_{number}")["window"] for number in (0, 1)] == [window(0), window(1)]
    assert result.xcom("hour_1")["status"] == "success"
    assert len(aep.state()["runs"]) == 2


def test_the_summary_has_the_window(run_dag, built, deferred):
    with deferred:
        run_hour(built.flow, 0)

    assert run_dag(deferred).xcom("hour_0")["window"] == window(0)


def test_a_run_that_is_repeated(aep, run_dag, client, built, deferred):
    aep.script_run("failed_promotion", flow_id=built.flow)
    start, end = (epoch_seconds(hour) for hour in HOURS[:2])
    params = {"startTime": int(client.now()), "windowStartTime": start, "windowEndTime": end}
    failed = client.send(flow_service.create_run(built.flow, {**params, "deltaColumn": DELTA_COLUMN})).id
    aep.advance(600)
    with deferred:
        AepRetryFlowRunOperator(task_id="again", run_id=failed)

    result = run_dag(deferred)

    assert result.xcom("again")["status"] == "success"
    assert result.xcom("again")["window"] == window(0)


def test_a_task_that_begins_in_an_outage(aep, run_dag, built, deferred, mocker):
    make_client = connection.make_client
    mocker.patch.object(connection, "make_client", lambda *args, **more: make_client(*args, **more, patience=0))
    aep.fault("GET", "*", kind="status", status=503, times=1)
    with deferred:
        run_hour(built.flow, 0)

    result = run_dag(deferred)

    assert result.xcom("hour_0")["window"] == window(0)
    assert len(aep.state()["runs"]) == 1


def test_sensors(aep, run_dag, built, deferred):
    since = aep.now()
    with deferred:
        start = run_hour(built.flow, 0, wait=False)
        run = AepFlowRunSensor(task_id="run", run_id="{{ ti.xcom_pull('hour_0')['run_id'] }}")
        first = AepFlowRunSensor(task_id="first", flow_id=built.flow, since=since)
        batch = AepDatasetBatchSensor(
            task_id="batch", dataset_id=built.dataset, since=since, timeout=timedelta(hours=1).total_seconds()
        )
        start >> run >> first >> batch

    result = run_dag(deferred)

    assert set(result.states.values()) == {"success"}
    assert result.xcom("run")["run_id"] == result.xcom("first")["run_id"] == result.xcom("hour_0")["run_id"]
    assert result.xcom("batch")["status"]
