"""Waiting for a batch in a dataset, which is what a streaming dataflow has instead of runs."""

import logging
import re
from datetime import timedelta

import pytest
from airflow.sdk import DAG
from emulator.caller import EVENT_HUBS, Caller
from many import add_batches, dataset_ids
from operators.execution import WAYS, make_context, wait

from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.exceptions import AepConfigError, AepFlowRunFailedError
from airflow_provider_aep.hooks import connection as hook_module
from airflow_provider_aep.sensors.flow_run import AepDatasetBatchSensor
from airflow_provider_aep.task.compat import AirflowFailException, AirflowSensorTimeout, AirflowSkipException

in_every_mode = pytest.mark.parametrize("mode", WAYS)


@pytest.fixture(autouse=True)
def _database(airflow_db):
    """Connections are looked up in it, too."""


@pytest.fixture
def api(aep):
    with Caller(aep) as api:
        yield api


def sensor(**arguments):
    arguments = {"poll_interval": 0.01, "timeout": 30, **arguments}
    return lambda **how: AepDatasetBatchSensor(task_id="task", **arguments, **how)


def dataset_of(api, flow_id):
    (target_id,) = api.one(f"flow/flows/{flow_id}")["targetConnectionIds"]
    return api.one(f"flow/targetConnections/{target_id}")["params"]["dataSetId"]


@pytest.mark.aep(auto_advance=200)
@in_every_mode
def test_the_first_batch_of_a_streaming_dataflow_is_waited_for(aep, api, mode):
    dataset_id = dataset_of(api, api.flow(EVENT_HUBS))
    context = make_context()
    summary = wait(mode, sensor(dataset_id=dataset_id, since=aep.now()), context)
    batches = sorted(aep.state()["batches"].values(), key=lambda batch: batch["created"])
    assert summary["batch_ids"] == [batches[0]["id"]]
    assert summary["dataset_id"] == dataset_id
    assert summary["status"] == "success"
    assert summary["records"]["input"] == batches[0]["metrics"]["inputRecordCount"]
    assert {"started_at", "completed_at", "errors", "bytes"} <= set(summary)


TABLE = [
    ("success", None, "success", ""),
    ("partial", None, AepFlowRunFailedError, "dropped 1 "),
    ("partial", {"max_failed_records": 1}, "success", ""),
    ("partial", {"max_failed_percent": 1}, "success", ""),
    ("partial", {"max_failed_percent": 0.5}, AepFlowRunFailedError, "dropped 1 "),
    ("failed_promotion", None, AepFlowRunFailedError, "'failed'"),
    ("failed_promotion", {"max_failed_percent": 100}, AepFlowRunFailedError, "'failed'"),
    ("never_ending", None, AirflowSensorTimeout, None),
]


@pytest.mark.aep(auto_advance=15)
@pytest.mark.parametrize(("outcome", "policy", "verdict", "said"), TABLE, ids=str)
@in_every_mode
def test_every_way_of_waiting_comes_to_the_same_verdict(aep, api, mode, outcome, policy, verdict, said):
    """A run's batch, watched from the dataset's side."""
    aep.script_run(outcome)
    flow_id = api.once_flow()
    dataset_id = dataset_of(api, flow_id)
    since = aep.now()
    api.run(flow_id)
    patience = 1 if outcome == "never_ending" else 30
    make = sensor(dataset_id=dataset_id, since=since, policy=policy, timeout=patience)
    if verdict == "success":
        assert wait(mode, make)["status"] == "success"
        return
    with pytest.raises(verdict, match=said and re.escape(said)) as raised:
        wait(mode, make)
    if verdict is AepFlowRunFailedError:
        assert isinstance(raised.value, AirflowFailException)
        assert raised.value.summary["batch_ids"][0] in str(raised.value)


@in_every_mode
def test_an_empty_batch_is_what_the_policy_says(aep, api, mode, monkeypatch):
    dataset_id = dataset_of(api, api.flow(EVENT_HUBS))
    since = aep.now()
    aep.advance(1000)
    for batch in aep._platform.sandboxes["dev"]["batches"].values():
        batch["metrics"] = {**batch["metrics"], "inputRecordCount": 0, "outputRecordCount": 0}
    assert wait(mode, sensor(dataset_id=dataset_id, since=since))["records"]["input"] == 0
    with pytest.raises(AirflowSkipException):
        wait(mode, sensor(dataset_id=dataset_id, since=since, policy={"on_empty": "skip"}))
    with pytest.raises(AepFlowRunFailedError, match="moved no records"):
        wait(mode, sensor(dataset_id=dataset_id, since=since, policy={"on_empty": "fail"}))


@in_every_mode
def test_an_unknown_status_is_waited_on(aep, api, mode):
    dataset_id = dataset_of(api, api.flow(EVENT_HUBS))
    since = aep.now()
    aep.advance(1000)
    for batch in aep._platform.sandboxes["dev"]["batches"].values():
        batch["status"] = "brand_new_state"
    with pytest.raises(AirflowSensorTimeout):
        wait(mode, sensor(dataset_id=dataset_id, since=since, timeout=0.4))


@pytest.mark.aep(auto_advance=200)
@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "drop_before"}, {"kind": "malformed"}])
@pytest.mark.parametrize("nth", [1, 2], ids=["from the start", "later"])
@in_every_mode
def test_an_outage_is_waited_out(aep, api, mode, nth, fault, mocker):
    make_client = hook_module.make_client
    mocker.patch.object(hook_module, "make_client", lambda *args, **more: make_client(*args, **more, patience=0))
    dataset_id = dataset_of(api, api.flow(EVENT_HUBS))
    aep.fault("GET", "*", nth=nth, times=5, **fault)
    assert wait(mode, sensor(dataset_id=dataset_id))["dataset_id"] == dataset_id


@in_every_mode
def test_soft_fail_skips_when_time_is_up(aep, api, mode):
    dataset_id = dataset_of(api, api.flow(EVENT_HUBS))
    for limit in ({"timeout": 0.3}, {"execution_timeout": timedelta(seconds=0.3)}):
        with pytest.raises(AirflowSkipException):
            wait(mode, sensor(dataset_id=dataset_id, since=aep.now(), soft_fail=True, **limit))


@in_every_mode
def test_a_time_out_says_of_what_and_since_when(aep, api, mode):
    dataset_id = dataset_of(api, api.flow(EVENT_HUBS))
    with pytest.raises(AirflowSensorTimeout) as late:
        wait(mode, sensor(dataset_id=dataset_id, since=1_900_000_000, timeout=0.3))
    assert str(late.value).endswith(
        f"for a batch of dataset {dataset_id} made since 2030-03-17T17:46:40+00:00; last seen: nothing."
    )


@pytest.mark.aep(auto_advance=200)
def test_a_deferred_wait_logs_its_batch_once(aep, api, caplog):
    caplog.set_level(logging.INFO, "airflow_provider_aep.runs.poll_group")
    dataset_id = dataset_of(api, api.flow(EVENT_HUBS))
    (batch_id,) = wait("serialised", sensor(dataset_id=dataset_id, since=aep.now()))["batch_ids"]
    assert caplog.text.count(f"Batch {batch_id}: success") == 1


@pytest.mark.parametrize(
    "wrong",
    [{"dataset_id": "nonsense"}, {"dataset_id": "5c8c3c555033b814b69f947f", "since": "2030-01-31T06:00:00"}],
    ids=["id", "naive time"],
)
@in_every_mode
def test_wrong_arguments_are_named_before_anything_is_asked(aep, mode, wrong):
    with pytest.raises(AepConfigError, match="|".join(wrong)) as raised:
        wait(mode, sensor(soft_fail=True, **wrong))
    assert isinstance(raised.value, AirflowFailException)
    assert aep.requests == []


@pytest.mark.aep(auto_advance=200)
def test_in_real_airflow_every_mode_ends_alike(aep, api, run_dag):
    dataset_id = dataset_of(api, api.flow(EVENT_HUBS))
    with DAG("waiting_for_batches", schedule=None) as dag:
        for mode, how in {"poke": {}, "reschedule": {"mode": "reschedule"}, "deferrable": {"deferrable": True}}.items():
            AepDatasetBatchSensor(
                task_id=mode, dataset_id=dataset_id, since=aep.now(), poll_interval=0, timeout=60, **how
            )
    result = run_dag(dag)
    assert set(result.states.values()) == {"success"}
    first = min(aep.state()["batches"].values(), key=lambda batch: batch["created"])["id"]
    assert [result.xcom(mode)["batch_ids"] for mode in result.states] == [[first]] * 3


@pytest.mark.aep(speed=0)
def test_a_batch_made_in_the_very_millisecond_counts(aep):
    """A whole second, as `since` is written: epoch seconds."""
    (dataset_id,) = dataset_ids(1)
    aep.advance(1 - aep.now() % 1)
    add_batches(aep, dataset_id)
    sensor = AepDatasetBatchSensor(task_id="task", dataset_id=dataset_id, since=int(aep.now()))
    # The platform's clock is known, so the list begins exactly there.
    sensor.hook.get_conn().send(list_sandboxes())
    batch = sensor.poll(make_context())
    assert batch is not None
    assert batch.created == int(aep.now()) * 1000
