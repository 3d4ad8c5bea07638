"""Triggers: they ask and sleep, say one thing, and survive upgrades, restarts and a busy triggerer."""

import asyncio
import importlib
import inspect
import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from airflow.sdk import DAG
from emulator.caller import EVENT_HUBS, Caller
from operators.execution import all_events, build_trigger, run_trigger, through_json

from airflow_provider_aep.get_provider_info import get_provider_info
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.sensors.flow_run import AepFlowRunSensor
from airflow_provider_aep.task.events import error_from_json
from airflow_provider_aep.triggers.flow_run import (
    AepAnswerTrigger,
    AepDatasetBatchTrigger,
    AepFlowRunTrigger,
    AepTrigger,
)

try:
    from airflow.sdk.serde import deserialize, serialize
except ImportError:  # Airflow 3.1
    from airflow.serialization.serialized_objects import BaseSerialization

    serialize, deserialize = BaseSerialization.serialize, BaseSerialization.deserialize

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
LOGS = Path(os.environ["AIRFLOW_HOME"]) / "logs"
UNKNOWN_ID = "11111111-2222-4333-8444-555555555555"


def trigger_classes():
    """Every trigger that the provider says it has."""
    (exporter,) = [name for entry in get_provider_info()["triggers"] for name in entry["python-modules"]]
    members = [member for _, member in inspect.getmembers(importlib.import_module(exporter), inspect.isclass)]
    ours = [member for member in members if issubclass(member, AepTrigger) and member is not AepTrigger]
    assert len(ours) >= 3
    return [pytest.param(trigger, f"{exporter}.{trigger.__name__}", id=trigger.__name__) for trigger in ours]


@pytest.fixture
def api(aep, airflow_db):
    with Caller(aep) as api:
        yield api


def golden(path):
    content = json.loads(path.read_text())
    return content["classpath"], content["kwargs"]


def writes(requests):
    return [request for request in requests if request.method != "GET" and not request.path.startswith("/ims/")]


# What lies in Airflow's database


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_task_deferred_by_an_earlier_version_still_wakes_up(path):
    """A file here is what a released version wrote into the table `trigger`. It is never changed, only added to."""
    class_path, kwargs = golden(path)
    trigger = build_trigger(class_path, kwargs)
    again, now = trigger.serialize()
    assert again == class_path
    assert {key: now[key] for key in kwargs} == kwargs


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_task_deferred_by_a_later_version_still_wakes_up(path):
    """As after a downgrade: arguments that this version does not know."""
    class_path, kwargs = golden(path)
    trigger = build_trigger(class_path, {**kwargs, "from_the_future": [1, 2]})
    assert "from_the_future" not in trigger.serialize()[1]


@pytest.mark.parametrize(("trigger_class", "class_path"), trigger_classes())
def test_every_trigger_has_a_golden_file_and_survives_the_database(trigger_class, class_path):
    files = [kwargs for name, kwargs in map(golden, GOLDEN) if name == class_path]
    assert files, f"write tests/triggers/golden/VERSION-{trigger_class.__name__}.json"
    for kwargs in files:
        trigger = trigger_class(**kwargs)
        name, arguments = trigger.serialize()
        assert name == class_path
        assert build_trigger(name, arguments).serialize() == (name, arguments)
        assert deserialize(serialize(arguments)) == arguments == json.loads(json.dumps(arguments))
        assert set(arguments) <= set(inspect.signature(trigger_class.__init__).parameters) | set(
            inspect.signature(AepTrigger.__init__).parameters
        )


@pytest.mark.parametrize(("trigger_class", "class_path"), trigger_classes())
def test_only_what_says_what_to_wait_for_is_required(trigger_class, class_path):
    required = {"AepDatasetBatchTrigger": {"dataset_id": "5c8c3c555033b814b69f947f", "since": 1}}
    trigger = trigger_class(**required.get(trigger_class.__name__, {}))
    assert trigger.aep_conn_id == "aep_default"


# One event


@pytest.mark.aep(auto_advance=30)
def test_a_trigger_says_one_thing_and_ends(aep, api):
    """For every way in which a wait can end; the events go through JSON, and nothing was written."""
    run_id = api.run(api.once_flow())
    streaming = api.flow(EVENT_HUBS)
    (target_id,) = api.one(f"flow/flows/{streaming}")["targetConnectionIds"]
    dataset_id = api.one(f"flow/targetConnections/{target_id}")["params"]["dataSetId"]
    since = int(aep.now() * 1000)
    hourly = api.flow()
    asked = len(aep.requests)
    soon, past = {"poll_interval": 0.01}, {"poll_interval": 0.01, "deadline": time.time() - 1}

    assert all_of(AepFlowRunTrigger(run_id=run_id, **past))[0]["timeout"] is True
    (event,) = all_of(AepFlowRunTrigger(run_id=run_id, **soon))
    assert (event["run"]["id"], event["timeout"]) == (run_id, False)
    (event,) = all_of(AepFlowRunTrigger(flow_id=hourly, since=since, **soon))
    assert (event["run"]["flowId"], event["timeout"]) == (hourly, False)
    (event,) = all_of(AepFlowRunTrigger(flow_id=hourly, since=since * 2, **past))
    assert (event["run"], event["timeout"]) == (None, True)
    (event,) = all_of(AepDatasetBatchTrigger(dataset_id=dataset_id, since=since, **soon))
    assert (event["batch"]["status"], event["timeout"]) == ("success", False)
    (event,) = all_of(AepDatasetBatchTrigger(dataset_id=dataset_id, since=since * 2, **past))
    assert (event["batch"], event["timeout"]) == (None, True)
    (event,) = all_of(AepAnswerTrigger(**soon))
    assert event["answered"] is True
    aep.fault("GET", "*", kind="status", status=403, times=None)
    for trigger in (
        AepFlowRunTrigger(run_id=run_id, **soon),
        AepFlowRunTrigger(flow_id=hourly, since=1, **soon),
        AepDatasetBatchTrigger(dataset_id=dataset_id, since=1, **soon),
    ):
        (event,) = all_of(trigger)
        assert list(event) == ["refused"]
        refused = error_from_json(event["refused"])
        assert (type(refused).__name__, refused.code) == ("AepAuthError", "403025")
        assert refused.request_id in str(refused)
    assert not writes(aep.requests[asked:])


def all_of(trigger):
    return asyncio.run(asyncio.wait_for(all_events(trigger), 30))


@pytest.mark.aep(auto_advance=5)
def test_a_trigger_never_writes_whatever_it_meets(aep, api):
    run_id = api.run(api.once_flow())
    AepHook().get_conn().check_token()
    asked = len(aep.requests)
    # Without 429, which pauses every trigger for half a minute.
    aep.chaos(0.6, seed=7, kinds=["drop_before", "drop_after", "malformed", "empty"])
    event = run_trigger(AepFlowRunTrigger(run_id=run_id, poll_interval=0.01))
    aep.chaos(0)
    assert event["run"]["id"] == run_id
    assert not writes(aep.requests[asked:])


def test_a_connection_that_the_triggerer_cannot_use_is_named(airflow_db, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_BROKEN", '{"conn_type": "aep", "login": "id", "password": "secret"}')
    event = run_trigger(AepFlowRunTrigger(run_id=UNKNOWN_ID, aep_conn_id="broken"))
    problem = error_from_json(event["refused"])
    assert type(problem).__name__ == "AepConfigError"
    assert "extra.sandbox is missing" in str(problem)
    assert not problem.retryable


# Deadlines (F18)


def test_a_deadline_is_a_time_of_day_and_a_restart_does_not_extend_it(aep, api):
    """A triggerer that comes back late looks once more and says that time is up."""
    aep.script_run("never_ending")
    run_id = api.run(api.once_flow())
    trigger = AepFlowRunTrigger(run_id=run_id, poll_interval=60, deadline=time.time() + 0.3)
    assert run_trigger(trigger)["timeout"] is True
    asked = len(aep.requests)
    again = run_trigger(through_json(trigger))
    assert (again["run"]["id"], again["timeout"]) == (run_id, True)
    assert len([request for request in aep.requests[asked:] if "/runs" in request.path]) == 1


def test_a_run_that_ends_between_the_last_look_and_the_deadline_counts(aep, api):
    run_id = api.run(api.once_flow())
    trigger = AepFlowRunTrigger(run_id=run_id, poll_interval=60, deadline=time.time() + 0.3)
    aep.advance(600)  # The last look was the worker's.
    event = run_trigger(trigger)
    assert event["timeout"] is False
    assert event["run"]["metrics"]["statusSummary"]["status"] == "success"


# Many at once (F9, F16)


@pytest.mark.aep(auto_advance=2)
def test_the_same_trigger_in_two_triggerers_does_no_harm(aep, api):
    """Airflow may run a trigger twice; each has its own event loop."""
    run_id = api.run(api.once_flow())
    trigger = AepFlowRunTrigger(run_id=run_id, poll_interval=0.02)
    asked = len(aep.requests)
    events = []
    threads = [threading.Thread(target=lambda: events.append(run_trigger(through_json(trigger)))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [event["run"]["id"] for event in events] == [run_id, run_id]
    assert not writes(aep.requests[asked:])


def test_one_429_pauses_the_triggers_of_every_kind(aep, api):
    """What they wait for differs; who told them to pause is the same."""
    run_id = api.run(api.once_flow())
    hourly = api.flow()
    soon = {"poll_interval": 0.02, "deadline": time.time() + 0.6}
    asked = len(aep.requests)
    aep.fault("GET", "*", kind="status", status=429, retry_after=600, times=None)

    async def all_of_them():
        triggers = [
            AepFlowRunTrigger(flow_id=hourly, since=1, **soon),
            AepFlowRunTrigger(run_id=run_id, **soon),
            AepDatasetBatchTrigger(dataset_id="5c8c3c555033b814b69f947f", since=1, **soon),
            AepAnswerTrigger(**soon),
        ]
        return await asyncio.gather(*map(all_events, triggers))

    events = asyncio.run(asyncio.wait_for(all_of_them(), 30))
    assert [event["timeout"] for (event,) in events] == [True] * 4
    # Those that were under way at the same moment are not called back.
    assert len([request for request in aep.requests[asked:] if request.method == "GET"]) <= 4


@pytest.mark.parametrize("status", [409, 302])
def test_what_passes_by_itself_is_no_answer_yet(aep, api, status):
    """Else the task would be woken up, meet the same, and be deferred again at once."""
    aep.fault("GET", "*", kind="status", status=status, times=2)
    asked = len(aep.requests)
    assert run_trigger(AepAnswerTrigger(poll_interval=0.01))["answered"] is True
    assert len([request for request in aep.requests[asked:] if request.method == "GET"]) == 3


def test_a_cancelled_trigger_leaves_nothing_behind(aep, api):
    aep.script_run("never_ending", times=None)
    run_id = api.run(api.once_flow())

    async def cancel_after_a_while():
        waits = [
            asyncio.create_task(all_events(AepFlowRunTrigger(run_id=run_id, poll_interval=0.02))) for _ in range(3)
        ]
        await asyncio.sleep(0.3)
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        return (await asyncio.wait(left, timeout=30))[1] if left else set()

    assert asyncio.run(cancel_after_a_while()) == set()


@pytest.mark.aep(auto_advance=1)
def test_many_triggers_on_a_slow_platform_do_not_block_the_event_loop(aep, api, request_threads):
    """Every request is made outside the loop's own thread. How long the loop pauses, `make bench` prints."""
    flow_id = api.once_flow()
    runs = [api.run(flow_id) for _ in range(25)]
    streaming = api.flow(EVENT_HUBS)
    (target_id,) = api.one(f"flow/flows/{streaming}")["targetConnectionIds"]
    dataset_id = api.one(f"flow/targetConnections/{target_id}")["params"]["dataSetId"]
    aep.advance(60)
    since = int(aep.now() * 1000)
    aep.fault("GET", "*", kind="delay", delay=0.2, times=None)
    tokens = aep.token_requests
    request_threads.clear()

    async def all_of_them():
        triggers = [AepFlowRunTrigger(run_id=run_id, poll_interval=0.2) for run_id in runs]
        triggers += [
            AepDatasetBatchTrigger(dataset_id=dataset_id, since=since, poll_interval=0.2, deadline=time.time() + 2)
            for _ in range(50)
        ]
        return await asyncio.gather(*map(all_events, triggers))

    events = asyncio.run(asyncio.wait_for(all_of_them(), 60))
    assert all(len(each) == 1 for each in events)
    assert len(request_threads) >= 50
    assert threading.current_thread() not in request_threads
    assert aep.token_requests - tokens == 1


# A person ends the task


def test_killing_a_task_writes_nothing_unless_the_author_said_so(aep, api):
    flow_id = api.once_flow()
    run_id = api.run(flow_id)
    asked = len(aep.requests)
    asyncio.run(AepFlowRunTrigger(run_id=run_id).on_kill())
    asyncio.run(AepFlowRunTrigger(run_id=run_id, if_killed="leave", killed_flow_id=flow_id).on_kill())
    assert aep.requests[asked:] == []
    asyncio.run(AepFlowRunTrigger(run_id=run_id, if_killed="disable_flow", killed_flow_id=flow_id).on_kill())
    (written,) = writes(aep.requests[asked:])
    assert (written.path.rsplit("/", 2)[1:], written.query) == ([flow_id, "action"], {"op": ["disable"]})
    assert aep.state()["flows"][flow_id]["state"] == "disabled"


# In Airflow's own triggerer


@pytest.mark.aep(auto_advance=30)
def test_in_airflows_triggerer_with_a_connection_from_the_database(aep, api, run_dag, monkeypatch):
    """The connection is asked of the triggerer's supervisor. On 3.1 that once cost the whole triggerer its life."""
    from airflow.models.connection import Connection
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.trigger import Trigger
    from airflow.utils.session import create_session
    from sqlalchemy import delete, select, update

    run_id = api.run(api.once_flow())
    with DAG("in_the_triggerer", schedule=None) as dag:
        for number in range(3):
            AepFlowRunSensor(task_id=f"wait_{number}", run_id=run_id, poll_interval=0)
    run_dag(dag)
    run_id = api.run(api.once_flow())
    monkeypatch.delenv("AIRFLOW_CONN_AEP_DEFAULT")
    connection = json.loads(aep.connection_json())
    connection["extra"] = json.dumps(connection["extra"])
    ours = select(TaskInstance).where(TaskInstance.dag_id == "in_the_triggerer")
    with create_session() as session:
        # What the tests before this one deferred would take this triggerer's places.
        session.execute(update(TaskInstance).values(trigger_id=None))
        session.execute(delete(Trigger))
        session.add(Connection(conn_id="aep_in_database", **connection))
        for ti in session.scalars(ours):
            class_path, kwargs = AepFlowRunTrigger(
                run_id=run_id, aep_conn_id="aep_in_database", poll_interval=0.05
            ).serialize()
            row = Trigger(classpath=class_path, kwargs=kwargs)
            session.add(row)
            session.flush()
            ti.state, ti.trigger_id, ti.next_method, ti.next_kwargs = "deferred", row.id, "execute_complete", {}

    with triggerer() as supervisor:
        give_up = time.monotonic() + 180
        while time.monotonic() < give_up:
            supervisor.load_triggers()
            supervisor._service_subprocess(0.2)
            supervisor.handle_events()
            supervisor.handle_failed_triggers()
            with create_session() as session:
                tasks = [(ti.state, ti.next_kwargs) for ti in session.scalars(ours)]
            if not supervisor.is_alive() or {state for state, _ in tasks} == {"scheduled"}:
                break
        assert supervisor.is_alive(), "the triggerer died"
    assert len(tasks) == 3
    for state, kwargs in tasks:
        assert state == "scheduled"
        assert run_id in json.dumps(kwargs)
    logs = {path.parent.name: path.read_text() for path in LOGS.glob("dag_id=in_the_triggerer/*/*/*.trigger.*")}
    assert set(logs) == {"task_id=wait_0", "task_id=wait_1", "task_id=wait_2"}
    for text in logs.values():
        assert text.count(f"Flow run {run_id}: success") == 1, "in the log of each task, not of the first one only"


class triggerer:
    """Airflow's triggerer without its command line."""

    def __enter__(self):
        from airflow.jobs.job import Job
        from airflow.jobs.triggerer_job_runner import TriggererJobRunner, TriggerRunnerSupervisor
        from airflow.utils.session import create_session

        job = Job()
        TriggererJobRunner(job)
        with create_session() as session:
            session.add(job)
        self.supervisor = TriggerRunnerSupervisor.start(job=job, capacity=10)
        return self.supervisor

    def __exit__(self, *problem):
        if self.supervisor.is_alive():
            self.supervisor.kill(signal.SIGKILL)
