"""Waiting for a flow run: for the right one, through outages, until the deadline; the same in every mode."""

import logging
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk import DAG
from emulator.caller import EVENT_HUBS, Caller
from operators.execution import WAYS, leg, make_context, wait

from airflow_provider_aep.exceptions import (
    AepConfigError,
    AepError,
    AepFlowRunFailedError,
    AepNotFoundError,
)
from airflow_provider_aep.hooks import connection as hook_module
from airflow_provider_aep.runs import pacing
from airflow_provider_aep.sensors.flow_run import AepDatasetBatchSensor, AepFlowRunSensor
from airflow_provider_aep.task.compat import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
)

SUMMARY_KEYS = {"run_id", "flow_id", "status", "started_at", "completed_at", "records", "batch_ids", "errors"}

in_every_mode = pytest.mark.parametrize("mode", WAYS)


@pytest.fixture(autouse=True)
def _database(airflow_db):
    """Connections are looked up in it, too."""


@pytest.fixture
def api(aep):
    with Caller(aep) as api:
        yield api


@pytest.fixture
def no_pauses(mocker):
    """The client repeats a question without sleeping; its patience runs out all the same."""
    make_client = hook_module.make_client

    def make(*args, **kwargs):
        client = make_client(*args, **kwargs)
        client.sleep = lambda seconds: None
        return client

    mocker.patch.object(hook_module, "make_client", make)


def sensor(**arguments):
    """A function that makes the sensor, as `wait` wants it."""
    arguments = {"poll_interval": 0.01, "timeout": 30, **arguments}
    sensor_class = AepDatasetBatchSensor if "dataset_id" in arguments else AepFlowRunSensor
    return lambda **how: sensor_class(task_id="task", **arguments, **how)


def started(seconds_ago):
    """A task of a DAG run that started then, by the worker's clock."""
    return make_context(datetime.now(UTC) - timedelta(seconds=seconds_ago))


def created_at_or_started(aep, run_id):
    return aep.state()["runs"][run_id]["createdAt"] / 1000


def runs_of(aep, flow_id):
    """Ids of the runs of a dataflow, oldest first."""
    runs = [run for run in aep.state()["runs"].values() if run["flowId"] == flow_id]
    return [run["id"] for run in sorted(runs, key=lambda run: run["createdAt"])]


# Which run (F3)


@pytest.mark.aep(auto_advance=30)
@in_every_mode
def test_a_run_that_ended_before_the_first_look_is_seen_at_the_first_look(aep, api, mode):
    flow_id = api.flow()
    before = aep.now()
    aep.advance(900)
    (run_id,) = runs_of(aep, flow_id)
    for how in ({"run_id": run_id}, {"flow_id": flow_id, "since": before}):
        asked = len(aep.requests)
        assert wait(mode, sensor(**how))["run_id"] == run_id
        looks = [request for request in aep.requests[asked:] if "/runs" in request.path]
        assert len(looks) == 1


@in_every_mode
def test_an_older_success_is_not_taken_for_the_run_asked_for(aep, api, mode):
    flow_id = api.flow()
    aep.advance(900)
    assert len(runs_of(aep, flow_id)) == 1
    with pytest.raises(AirflowSensorTimeout):
        wait(mode, sensor(flow_id=flow_id, since=aep.now(), timeout=0.4))


@pytest.mark.aep(auto_advance=30)
@in_every_mode
def test_yesterdays_success_does_not_hide_todays_failure(aep, api, mode):
    flow_id = api.flow()
    aep.advance(900)
    since = aep.now()
    aep.script_run("failed_copy", flow_id=flow_id)
    with pytest.raises(AepFlowRunFailedError, match="CONNECTOR-1001") as raised:
        wait(mode, sensor(flow_id=flow_id, since=since))
    assert raised.value.summary["run_id"] == runs_of(aep, flow_id)[1]


@pytest.mark.aep(auto_advance=60)
@in_every_mode
def test_of_two_overlapping_runs_the_first_one_is_waited_for(aep, api, mode):
    """The second ends long before the first; nobody asked for it."""
    flow_id = api.flow()
    since = aep.now()
    aep.script_run("partial", flow_id=flow_id, duration=5000, failed_records=3)
    aep.script_run("success", flow_id=flow_id, duration=60)
    aep.advance(300 + 1800 + 120)
    first, second = runs_of(aep, flow_id)
    assert aep.state()["runs"][second]["metrics"]["statusSummary"]["status"] == "success"
    with pytest.raises(AepFlowRunFailedError, match="dropped 3 of") as raised:
        wait(mode, sensor(flow_id=flow_id, since=since))
    assert raised.value.summary["run_id"] == first


@in_every_mode
def test_since_is_inclusive_and_taken_in_every_spelling(aep, api, mode):
    flow_id = api.flow()
    aep.advance(900)
    (run_id,) = runs_of(aep, flow_id)
    second = int(created_at_or_started(aep, run_id))
    moment = datetime.fromtimestamp(second, UTC)
    berlin = moment.astimezone(tz=__import__("zoneinfo").ZoneInfo("Europe/Berlin"))
    for since in (second, str(second), float(second), moment, moment.isoformat(), berlin, berlin.isoformat()):
        assert wait(mode, sensor(flow_id=flow_id, since=since))["run_id"] == run_id
    with pytest.raises(AirflowSensorTimeout):
        wait(mode, sensor(flow_id=flow_id, since=second + 1, timeout=0.2))


@pytest.fixture(params=[-3600, 600], ids=["behind", "ahead"])
def platforms_clock(aep, request):
    """The platform's clock is not the worker's: the tests move it on by another quarter of an hour."""
    aep._platform.clock._advanced = request.param


@in_every_mode
def test_a_difference_of_clocks_changes_nothing(aep, platforms_clock, api, mode):
    """`since` defaults to the start of the DAG run, told by the worker's clock; runs have the platform's times."""
    flow_id = api.flow()
    aep.advance(900)
    (old,) = runs_of(aep, flow_id)
    ago = aep.now() - created_at_or_started(aep, old)

    with pytest.raises(AirflowSensorTimeout):
        wait(mode, sensor(flow_id=flow_id, timeout=0.4), started(ago - 30))
    assert wait(mode, sensor(flow_id=flow_id), started(ago + 30))["run_id"] == old


@in_every_mode
def test_a_difference_of_clocks_changes_nothing_for_batches(aep, platforms_clock, api, mode):
    api.flow(EVENT_HUBS)
    aep.advance(1000)
    (batch,) = aep.state()["batches"].values()
    dataset_id = batch["relatedObjects"][0]["id"]
    ago = aep.now() - batch["created"] / 1000

    with pytest.raises(AirflowSensorTimeout):
        wait(mode, sensor(dataset_id=dataset_id, timeout=0.4), started(ago - 30))
    assert wait(mode, sensor(dataset_id=dataset_id), started(ago + 30))["batch_ids"] == [batch["id"]]


# What a sensor outlasts, and what ends it


OUTAGES = {
    "503": [{"kind": "status", "status": 503, "times": 6}],
    "500": [{"kind": "status", "status": 500, "times": 6}],
    "429": [{"kind": "status", "status": 429, "retry_after": 0, "times": 6}],
    "reset": [{"kind": "drop_before", "times": 6}],
    "lost answer": [{"kind": "drop_after", "times": 6}],
    "malformed": [{"kind": "malformed", "times": 6}],
    "empty": [{"kind": "empty", "times": 6}],
    "html": [{"kind": "html", "times": 6}],
    "not found": [{"kind": "status", "status": 404, "times": 3}],
    "all of them": [
        {"kind": "status", "status": 404, "times": 2},
        {"kind": "status", "status": 503, "times": 4},
        {"kind": "drop_before", "times": 5},
        {"kind": "malformed", "times": 6},
    ],
}


@pytest.mark.aep(auto_advance=5)
@pytest.mark.parametrize("outage", OUTAGES)
@in_every_mode
def test_an_outage_is_waited_out(aep, api, mode, outage, no_pauses):
    """Longer than the client's own patience, which these tests take away."""
    run_id = api.run(api.once_flow())
    for fault in OUTAGES[outage]:
        aep.fault("GET", "*/runs*", nth=2, **fault)
    assert wait(mode, sensor(run_id=run_id))["run_id"] == run_id


@pytest.mark.aep(auto_advance=30)
@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "drop_before"}, {"kind": "html"}])
@in_every_mode
def test_an_outage_that_was_there_from_the_start_is_waited_out(aep, api, mode, fault, mocker):
    """No outage shorter than the deadline ends a wait, whenever it begins."""
    make_client = hook_module.make_client
    mocker.patch.object(hook_module, "make_client", lambda *args, **more: make_client(*args, **more, patience=0))
    flow_id = api.flow()
    since = aep.now()
    aep.advance(900)
    aep.fault("GET", "*", times=5, **fault)
    assert wait(mode, sensor(flow_id=flow_id, since=since))["flow_id"] == flow_id


@pytest.mark.aep(auto_advance=1)
@in_every_mode
def test_a_revoked_token_is_renewed_once(aep, api, mode):
    run_id = api.run(api.once_flow())
    polls = 0
    original = AepFlowRunSensor.poll

    def poll(self, context):
        nonlocal polls
        polls += 1
        if polls == 1:
            aep.revoke_tokens()
        return original(self, context)

    before = aep.token_requests
    aep.advance(30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AepFlowRunSensor, "poll", poll)
        wait(mode, sensor(run_id=run_id))
    assert aep.token_requests - before <= 2


@pytest.mark.aep(auto_advance=5)
@pytest.mark.parametrize(
    ("status", "code"), [(403, "403025"), (401, "401013"), (400, "1100-400")], ids=["403", "401", "400"]
)
@in_every_mode
def test_a_lasting_refusal_ends_the_wait_with_its_reason(aep, api, mode, status, code, no_pauses):
    run_id = api.run(api.once_flow())
    aep.fault("GET", "*/runs*", nth=2, times=None, kind="status", status=status)
    with pytest.raises(AepError, match=code) as raised:
        wait(mode, sensor(run_id=run_id))
    assert isinstance(raised.value, AirflowFailException)
    assert raised.value.status == status
    assert raised.value.request_id
    assert raised.value.request_id in str(raised.value)


@in_every_mode
def test_an_unknown_run_is_given_some_grace_and_then_named(aep, mode, mocker):
    mocker.patch.object(pacing, "NOT_FOUND_GRACE", 0.2)
    run_id = "11111111-2222-4333-8444-555555555555"
    with pytest.raises(AepNotFoundError, match=run_id) as raised:
        wait(mode, sensor(run_id=run_id))
    assert isinstance(raised.value, AirflowFailException)


@in_every_mode
def test_an_unknown_dataflow_or_sandbox_is_named_at_once(aep, mode):
    """There is no grace for what a person has to mend."""
    flow_id = "11111111-2222-4333-8444-555555555555"
    for wrong in (
        {"flow_id": flow_id},
        {"run_id": flow_id, "sandbox": "nowhere"},
        {"flow_id": flow_id, "sandbox": "x"},
    ):
        with pytest.raises(AepNotFoundError, match=r"nowhere|Check sandbox|11111111|not exist") as raised:
            wait(mode, sensor(**wrong))
        assert isinstance(raised.value, AirflowFailException)
        assert raised.value.request_id in str(raised.value)


@pytest.mark.aep(run_visibility_lag=60.0, auto_advance=20)
@in_every_mode
def test_a_run_that_is_not_to_be_seen_yet_is_waited_for(aep, api, mode):
    run_id = api.run(api.once_flow())
    assert wait(mode, sensor(run_id=run_id))["status"] == "success"


@pytest.mark.aep(auto_advance=100)
@in_every_mode
def test_a_run_that_is_missing_for_a_moment_after_a_long_wait_is_given_the_same_grace(aep, api, mode):
    """The grace begins when the run goes missing, not when the wait began."""
    aep.script_run("success", duration=1000)
    run_id = api.run(api.once_flow())
    context = make_context()
    if mode == "reschedule":
        context["ti"].first_reschedule = datetime.now(UTC) - timedelta(hours=1)
    aep.fault("GET", "*/runs*", nth=3, times=2, kind="status", status=404)
    assert wait(mode, sensor(run_id=run_id, timeout=7200), context)["run_id"] == run_id


# Deadlines (F18) and soft_fail (F5)


@in_every_mode
def test_timeout_ends_the_wait_for_good(aep, api, mode):
    aep.script_run("never_ending")
    run_id = api.run(api.once_flow())
    begun = time.monotonic()
    with pytest.raises(AirflowSensorTimeout):
        wait(mode, sensor(run_id=run_id, timeout=0.3))
    assert time.monotonic() - begun > 0.29


@in_every_mode
def test_execution_timeout_counts_waiting_and_leaves_the_retries(aep, api, mode):
    aep.script_run("never_ending")
    run_id = api.run(api.once_flow())
    with pytest.raises(AirflowTaskTimeout, match=r"Still waiting after 0:00:00\.3"):
        wait(mode, sensor(run_id=run_id, execution_timeout=timedelta(seconds=0.3)))


LIMITS = pytest.mark.parametrize(
    "limit", [{"timeout": 0.5}, {"execution_timeout": timedelta(seconds=0.5)}], ids=["timeout", "execution_timeout"]
)


@pytest.mark.parametrize(("limit", "last_look"), [(100, 95), (3600, 3590)])
def test_in_a_worker_the_last_look_comes_before_airflows_alarm(limit, last_look):
    make = sensor(
        run_id="11111111-2222-4333-8444-555555555555", timeout=7200, execution_timeout=timedelta(seconds=limit)
    )
    for how, left in (({}, last_look), ({"mode": "reschedule"}, last_look), ({"deferrable": True}, limit)):
        waiting = make(**how)
        waiting._begun = 0
        assert waiting._seconds_left() + time.time() == pytest.approx(left, abs=2)


@LIMITS
@in_every_mode
def test_a_run_that_ends_just_before_the_deadline_is_not_late(aep, api, mode, limit, mocker):
    """The next look would be due in a minute; there is one at the deadline, before Airflow's alarm."""
    run_id = api.run(api.once_flow())
    poll = AepFlowRunSensor.poll

    def poll_before_it_ends(self, context):
        seen = poll(self, context)
        aep.advance(600)
        return seen

    mocker.patch.object(AepFlowRunSensor, "poll", poll_before_it_ends)
    assert wait(mode, sensor(run_id=run_id, poll_interval=60, **limit))["run_id"] == run_id


@LIMITS
def test_a_task_that_is_rescheduled_late_looks_before_it_gives_up(aep, api, limit):
    run_id = api.run(api.once_flow())
    context = make_context()
    context["ti"].first_reschedule = datetime.now(UTC) - timedelta(hours=1)
    with pytest.raises((AirflowSensorTimeout, AirflowTaskTimeout)):
        wait("reschedule", sensor(run_id=run_id, **limit), context)
    aep.advance(600)
    assert wait("reschedule", sensor(run_id=run_id, **limit), context)["run_id"] == run_id


@pytest.mark.parametrize(
    ("arguments", "ending"),
    [
        ({"timeout": 0.4}, AirflowSensorTimeout),
        ({"execution_timeout": timedelta(seconds=0.4)}, AirflowTaskTimeout),
        ({"timeout": 0.4, "soft_fail": True}, AirflowSkipException),
    ],
    ids=["timeout", "execution_timeout", "soft_fail"],
)
@in_every_mode
def test_the_deadline_is_kept_while_the_run_is_not_to_be_found(aep, mode, arguments, ending):
    """Its grace is longer, and so is the pause between two looks."""
    with pytest.raises(ending):
        wait(mode, sensor(run_id="11111111-2222-4333-8444-555555555555", poll_interval=60, **arguments))


@in_every_mode
def test_the_patience_for_one_answer_ends_with_the_wait(aep, api, mode, mocker):
    """Else an outage would keep the worker for two minutes after the deadline."""
    make_client = hook_module.make_client
    sleeps = []

    def make(*args, **kwargs):
        client = make_client(*args, **kwargs)
        client.sleep = sleeps.append
        return client

    mocker.patch.object(hook_module, "make_client", make)
    run_id = api.run(api.once_flow())
    aep.fault("GET", "*/runs*", kind="status", status=503, times=None)
    with pytest.raises(AirflowSensorTimeout):
        wait(mode, sensor(run_id=run_id, timeout=0.4))
    assert sum(sleeps) < 30


@LIMITS
@in_every_mode
def test_soft_fail_skips_when_time_is_up(aep, api, mode, limit):
    aep.script_run("never_ending")
    run_id = api.run(api.once_flow())
    with pytest.raises(AirflowSkipException):
        wait(mode, sensor(run_id=run_id, soft_fail=True, **limit))


@pytest.mark.aep(auto_advance=30)
@in_every_mode
def test_soft_fail_does_not_hide_a_failed_run(aep, api, mode):
    aep.script_run("failed_copy")
    run_id = api.run(api.once_flow())
    with pytest.raises(AepFlowRunFailedError) as raised:
        wait(mode, sensor(run_id=run_id, soft_fail=True))
    assert isinstance(raised.value, AirflowFailException)


@pytest.mark.parametrize(
    "wrong",
    [
        {"run_id": "nonsense"},
        {},
        {"run_id": "11111111-2222-4333-8444-555555555555", "flow_id": "11111111-2222-4333-8444-555555555555"},
        {"run_id": "11111111-2222-4333-8444-555555555555", "policy": {"max_faild_records": 1}},
        {"flow_id": "11111111-2222-4333-8444-555555555555", "since": "2030-01-31T06:00:00"},
        {"run_id": "11111111-2222-4333-8444-555555555555", "aep_conn_id": "aep_without_sandbox"},
    ],
    ids=str,
)
@in_every_mode
def test_soft_fail_does_not_hide_a_wrong_argument(aep, mode, wrong, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_AEP_WITHOUT_SANDBOX", '{"conn_type": "aep", "login": "a", "password": "b"}')
    with pytest.raises(AepConfigError) as raised:
        wait(mode, sensor(soft_fail=True, **wrong))
    assert isinstance(raised.value, AirflowFailException)
    assert aep.requests == []


@pytest.mark.parametrize("wrong", [{"flow_id": "x"}, {"dataset_id": "y"}, {"run_id": "z"}], ids=str)
def test_everything_that_is_wrong_is_named_at_once(aep, wrong):
    (field,) = wrong
    with pytest.raises(AepConfigError) as raised:
        wait("poke", sensor(since="2030-01-31T06:00:00", policy={"max_faild_records": 1}, **wrong))
    assert all(part in str(raised.value) for part in (f"{field} is ", "since is ", "max_faild_records", "'task'"))


@pytest.mark.aep(auto_advance=5)
@in_every_mode
def test_soft_fail_does_not_hide_a_lasting_refusal(aep, api, mode):
    run_id = api.run(api.once_flow())
    aep.fault("GET", "*/runs*", nth=2, times=None, kind="status", status=403)
    with pytest.raises(AepError) as raised:
        wait(mode, sensor(run_id=run_id, soft_fail=True))
    assert isinstance(raised.value, AirflowFailException)


def test_soft_fail_does_not_hide_a_trigger_that_broke(aep):
    """Airflow resumes the task with `__fail__`; only the lapse of its own time-out is a time-out."""
    soft = sensor(run_id="11111111-2222-4333-8444-555555555555", soft_fail=True)(deferrable=True)
    with pytest.raises(Exception, match="Trigger failure") as raised:
        leg(soft, ("__fail__", {"error": "Trigger failure", "traceback": ["TypeError"]}), make_context())
    assert not isinstance(raised.value, AirflowSkipException)
    with pytest.raises(AirflowSkipException):
        leg(soft, ("__fail__", {"error": "Trigger timeout"}), make_context())


def test_a_lost_triggerer_is_a_time_out(aep):
    hard = sensor(run_id="11111111-2222-4333-8444-555555555555")(deferrable=True)
    with pytest.raises(AirflowSensorTimeout):
        leg(hard, ("__fail__", {"error": "Trigger timeout"}), make_context())


@pytest.mark.aep(auto_advance=30)
@in_every_mode
def test_never_fail_skips_whatever_happens(aep, api, mode):
    aep.script_run("failed_copy")
    run_id = api.run(api.once_flow())
    with pytest.raises(AirflowSkipException):
        wait(mode, sensor(run_id=run_id, never_fail=True))


# What is said when time is up (E3), and on the way (E4)


@in_every_mode
def test_a_time_out_says_of_what_since_when_and_what_was_seen_last(aep, api, mode):
    aep.script_run("never_ending")
    flow_id = api.once_flow()
    since = datetime.fromtimestamp(int(aep.now()), UTC).isoformat()
    run_id = api.run(flow_id)
    with pytest.raises(AirflowSensorTimeout) as late:
        wait(mode, sensor(flow_id=flow_id, since=since, timeout=0.4))
    assert re.fullmatch(
        rf"Still waiting after 0:00:00\.4\d*, since 20[\d:T.-]+\+00:00, for the end of flow run {run_id} of dataflow "
        rf"{flow_id}; last seen: flow run {run_id}, status .+\.",
        str(late.value),
    )


@in_every_mode
def test_a_dataflow_that_has_older_runs_only_is_not_said_to_have_none(aep, api, mode, capfd):
    flow_id = api.flow()
    aep.advance(900)
    (older,) = runs_of(aep, flow_id)
    since = datetime.fromtimestamp(int(aep.now()), UTC).isoformat()
    with pytest.raises(AirflowSensorTimeout) as late:
        wait(mode, sensor(flow_id=flow_id, since=since, timeout=0.4))
    none = f"no flow run made since {since}; the newest older one is {older}, made at "
    assert f"for a flow run of dataflow {flow_id} made since {since}; last seen: {none}" in str(late.value)
    assert f"Dataflow {flow_id}: {none}" in capfd.readouterr().out


@in_every_mode
def test_a_time_out_in_an_outage_says_why_the_last_look_failed(aep, api, mode, mocker):
    make_client = hook_module.make_client
    mocker.patch.object(hook_module, "make_client", lambda *args, **more: make_client(*args, **more, patience=0))
    aep.script_run("never_ending")
    run_id = api.run(api.once_flow())
    aep.fault("GET", "*/runs*", nth=2, kind="status", status=503, times=None)
    with pytest.raises(AirflowSensorTimeout) as late:
        wait(mode, sensor(run_id=run_id, timeout=0.4))
    assert f"for the end of flow run {run_id}" in str(late.value)
    assert "; the last look failed: GET " in str(late.value)
    assert "503" in str(late.value)


@pytest.mark.aep(auto_advance=5)
def test_a_deferred_wait_logs_its_run_and_each_of_its_states_once(aep, api, capfd, caplog):
    caplog.set_level(logging.INFO)
    flow_id = api.flow()
    summary = wait("serialised", sensor(flow_id=flow_id, since=aep.now()))
    run_id = summary["run_id"]
    assert capfd.readouterr().out.count(f"Dataflow {flow_id} has flow run {run_id}") == 1
    assert caplog.messages.count(f"Flow run {run_id}: success") == 1
    assert caplog.messages.count(f"Resumed: the triggerer saw flow run {run_id}: success") == 1


@pytest.mark.parametrize("empty", ["", "None"])
@in_every_mode
def test_an_argument_that_a_template_left_empty_is_named(aep, mode, empty):
    with pytest.raises(AepConfigError) as raised:
        wait(mode, sensor(flow_id=empty))
    assert f"flow_id is {empty!r}, which a template delivers that finds nothing" in str(raised.value)
    assert "run_id" not in str(raised.value)


def test_an_argument_that_became_none_when_it_was_rendered_is_named(aep):
    def make(**how):
        rendered = sensor(flow_id="{{ ti.xcom_pull('skipped') }}")(**how)
        rendered.flow_id = None  # as with render_template_as_native_obj, or from an XComArg
        return rendered

    with pytest.raises(AepConfigError, match="flow_id is None, which a template delivers that finds nothing"):
        wait("poke", make)


# Streaming


@in_every_mode
def test_a_streaming_dataflow_fails_at_once_and_names_what_to_use(aep, api, mode):
    flow_id = api.flow(EVENT_HUBS)
    asked = len(aep.requests)
    with pytest.raises(AepConfigError, match=r"AepDatasetBatchSensor\(dataset_id=\.\.\.\)") as raised:
        wait(mode, sensor(flow_id=flow_id))
    assert isinstance(raised.value, AirflowFailException)
    assert flow_id in str(raised.value)
    assert not [request for request in aep.requests[asked:] if "/runs" in request.path]


# In real Airflow


@pytest.mark.aep(auto_advance=30)
def test_in_real_airflow_every_mode_ends_alike(aep, api, run_dag, caplog, capfd):
    """States, tries, XComs, links and log texts of one DAG that waits in three modes for six runs."""
    flow_id = api.once_flow()
    cases = {
        "good": ("success", None, "success"),
        "allowed": ("partial", {"max_failed_records": 1}, "success"),
        "skipped": ("empty", {"on_empty": "skip"}, "skipped"),
        "dropped": ("partial", None, "failed"),
        "failed": ("failed_promotion", None, "failed"),
        "unknown": ("unknown_status", None, "failed"),
    }
    how = {"poke": {}, "reschedule": {"mode": "reschedule"}, "deferrable": {"deferrable": True}}
    runs = {}
    with DAG("waiting", schedule=None, default_args={"retries": 2, "retry_delay": timedelta(0)}) as dag:
        for name, (outcome, policy, _) in cases.items():
            for mode, arguments in how.items():
                task_id = f"{name}_{mode}"
                aep.script_run(outcome)
                runs[task_id] = api.run(flow_id)
                AepFlowRunSensor(
                    task_id=task_id, run_id=runs[task_id], policy=policy, poll_interval=0, timeout=60, **arguments
                )
    with caplog.at_level(logging.INFO):
        result = run_dag(dag)
    shown = caplog.text + capfd.readouterr().out

    assert result.states == {f"{name}_{mode}": state for name, (*_, state) in cases.items() for mode in how}
    for task_id, run_id in runs.items():
        link = result.xcom(task_id, "_link_AepFlowRunLink")
        assert link == result.xcom(task_id, "aep_run_url"), "the link is there also when the run failed"
        assert link.endswith(f"/dataflows/{flow_id}/activity/{run_id}")
        if result.states[task_id] == "success":
            summary = result.xcom(task_id)
            assert {
                "run_id",
                "flow_id",
                "status",
                "started_at",
                "completed_at",
                "records",
                "batch_ids",
                "errors",
            } <= set(summary)
            assert summary["run_id"] == run_id
            assert len(summary["batch_ids"]) == 1
            assert (
                f"The flow run {run_id} ended: status success; 60 s; records input {summary['records']['input']}"
                in shown
            )
        else:
            assert result.xcom(task_id) is None
            assert result.xcom(task_id, "run_id") == run_id
        if result.states[task_id] == "failed":
            assert f"The flow run {run_id} " in shown
            assert f"/activity/{run_id}" in shown
    assert {ti.task_id: ti.try_number for ti in result.run.get_task_instances()} == dict.fromkeys(runs, 1)


@pytest.mark.aep(auto_advance=30)
def test_in_real_airflow_a_task_that_begins_in_an_outage_is_deferred_twice(aep, api, run_dag, mocker):
    """First until the platform answers, then until the run has ended."""
    make_client = hook_module.make_client
    mocker.patch.object(hook_module, "make_client", lambda *args, **more: make_client(*args, **more, patience=0))
    flow_id = api.flow()
    since = aep.now()
    aep.fault("GET", "*", times=3, kind="status", status=503)
    with DAG("outage", schedule=None) as dag:
        AepFlowRunSensor(task_id="wait", flow_id=flow_id, since=since, deferrable=True, poll_interval=0.01, timeout=60)
    result = run_dag(dag)
    assert result.states == {"wait": "success"}
    assert result.xcom("wait")["run_id"] == runs_of(aep, flow_id)[0]
    assert [ti.try_number for ti in result.run.get_task_instances()] == [1]
