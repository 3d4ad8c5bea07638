"""What an attempt does that comes after a crash, step by step and without an Airflow, by the emulator's clock."""

import pytest
from direct import TaskState
from provisioning import DELTA_COLUMN, Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepApiError, AepConflictError, AepUnreachableError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.runs.match import RunMatch
from airflow_provider_aep.runs.next_step import AttachTo, Attempt, ResumeWith, RunAgain, Start, WaitFor
from airflow_provider_aep.runs.record import KEY
from airflow_provider_aep.runs.request import RunRequest
from airflow_provider_aep.runs.start import RunStarter

pytestmark = pytest.mark.aep(speed=0)  # Only pauses count, however slow the machine is.

OURS, THEIRS = (1_900_000_000, 1_900_003_600), (1_900_003_600, 1_900_007_200)


@pytest.fixture
def client(aep):
    return AepHook().get_conn()


@pytest.fixture
def flow_id(client):
    return Provisioning(client).build().flow


@pytest.fixture(params=[True, False], ids=["store", "no store"])
def store(request):
    return TaskState() if request.param else None


@pytest.fixture
def starter(aep, client, flow_id, store):
    """A task of its own at every call: nothing but the store outlives a crash."""

    def make(generation=0):
        return RunStarter(client, RunRequest(flow_id, OURS), store=store, generation=generation, pause=aep.advance)

    return make


def params_of(client, window):
    return {
        "startTime": int(client.now()),
        "windowStartTime": window[0],
        "windowEndTime": window[1],
        "deltaColumn": DELTA_COLUMN,
    }


def request(client, flow_id, window):
    return flow_service.create_run(flow_id, params_of(client, window))


def start(client, flow_id, window):
    return client.send(request(client, flow_id, window)).id


def intend(starter, client, store):
    """As much of a start as a task gets done that dies just before the POST."""
    starter()._write(int(client.now() * 1000), None)


def earlier_run(starter, attempt=Attempt.RETRIED, generation=0):
    """The run that an earlier attempt started and this one goes on with; not confirmed if it is to be waited for."""
    step = starter(generation).decide(attempt, "start", since_ms=0)
    if isinstance(step, ResumeWith | RunAgain):
        return RunMatch(step.run if isinstance(step, ResumeWith) else step.failed)
    return RunMatch(step.run, confirmed=False) if isinstance(step, WaitFor) else None


def test_a_run_that_is_not_to_be_seen_yet_is_waited_for(aep, starter, client, flow_id, store):
    aep.switches.run_visibility_lag = 12
    intend(starter, client, store)
    run_id = start(client, flow_id, OURS)

    assert earlier_run(starter).run.id == run_id


def test_what_does_not_show_within_a_while_was_not_started(aep, starter, client, store):
    intend(starter, client, store)
    begun = aep.now()

    assert earlier_run(starter) is None
    assert aep.now() - begun == pytest.approx(30, abs=2)


def test_nobody_waits_who_comes_long_after_the_crash(aep, starter, client, store):
    if store is None:
        pytest.skip("without a store nobody knows when it was")
    intend(starter, client, store)
    aep.advance(300)
    begun = aep.now()

    assert earlier_run(starter) is None
    assert aep.now() - begun < 1


def test_an_id_is_believed_before_it_can_be_read(aep, starter, client, flow_id, store):
    if store is None:
        pytest.skip("without a store no id is known")
    aep.switches.run_visibility_lag = 120
    started = starter().start(request(client, flow_id, OURS))

    assert earlier_run(starter).run.id == started.run.id
    assert store[KEY]["run_id"] == started.run.id


@pytest.mark.parametrize("started", [True, False])
def test_a_queued_neighbour_is_not_taken_for_ones_own(aep, starter, client, flow_id, store, started):
    aep.script_run(flow_id=flow_id, queue_time=300, times=None)
    intend(starter, client, store)
    theirs = start(client, flow_id, THEIRS)
    aep.advance(1)
    ours = start(client, flow_id, OURS) if started else None

    found = earlier_run(starter)

    assert (found.run.id, found.confirmed) == (theirs, False)
    aep.advance(600)
    found = earlier_run(starter, Attempt.CONFIRMING)
    assert (found and found.run.id) == ours


def test_a_queued_run_that_was_ones_own_is_gone_on_with_after_a_clear(aep, starter, client, flow_id, store):
    aep.script_run(flow_id=flow_id, queue_time=300, times=None)
    intend(starter, client, store)
    ours = start(client, flow_id, OURS)

    assert not earlier_run(starter, Attempt.CLEARED, generation=1).confirmed
    aep.advance(600)
    assert earlier_run(starter, Attempt.CONFIRMING, generation=1).run.id == ours


def test_after_a_clear_what_has_ended_is_not_gone_on_with(aep, starter, client, flow_id, store):
    intend(starter, client, store)
    start(client, flow_id, OURS)
    aep.advance(600)

    assert earlier_run(starter, Attempt.CLEARED, generation=1) is None


def test_a_queued_repetition_counts_more_than_the_failure_it_repeats(aep, starter, client, flow_id, store):
    aep.script_run("failed_copy", flow_id=flow_id)
    aep.script_run(flow_id=flow_id, queue_time=300, times=None)
    intend(starter, client, store)
    failed = start(client, flow_id, OURS)
    aep.advance(600)
    again = client.send(flow_service.retry_run(failed)).id

    found = earlier_run(starter)

    assert (found.run.id, found.confirmed) == (again, False)


def test_what_failed_before_it_told_its_window_is_nobodys(aep, starter, client, flow_id, store):
    intend(starter, client, store)
    run = {
        "id": "11111111-2222-3333-4444-555555555555",
        "flowId": flow_id,
        "createdAt": int(client.now() * 1000),
        "createdClient": aep.client_id,
        "metrics": {"statusSummary": {"status": "failed"}},
    }
    aep.fault("GET", "*/runs", kind="status", status=200, body={"items": [run]}, times=None)

    assert earlier_run(starter) is None


def test_two_that_fit_are_one_too_many(aep, starter, client, flow_id, store):
    intend(starter, client, store)
    ids = [start(client, flow_id, OURS) for _ in range(2)]
    aep.advance(20)

    with pytest.raises(AepConflictError, match="Nothing was started") as refusal:
        earlier_run(starter)

    assert all(run_id in str(refusal.value) for run_id in ids)


# Answers that are lost


def posts(aep):
    return [one for one in aep.requests if one.method == "POST" and one.path.endswith("/runs")]


@pytest.mark.parametrize("status", [400, 403, 429])
def test_a_post_that_was_refused_started_nothing_and_is_not_sent_again(aep, starter, client, flow_id, store, status):
    call = request(client, flow_id, OURS)
    client.patience = 0
    aep.fault("POST", "*/runs", kind="status", status=status, times=None)
    lists = len([one for one in aep.requests if one.path.endswith("/runs") and one.method == "GET"])

    with pytest.raises(AepApiError) as error:
        starter().start(call)

    assert error.value.status == status
    assert len(posts(aep)) == 1
    assert len([one for one in aep.requests if one.path.endswith("/runs") and one.method == "GET"]) == lists
    assert store is None or store[KEY]["run_id"] is None


def test_a_post_that_never_left_the_machine_is_not_searched_for(aep, starter, client, flow_id, mocker):
    call = request(client, flow_id, OURS)
    unsent = AepUnreachableError("There is no route.", sent=False)
    send = mocker.patch.object(client, "send", side_effect=unsent)

    with pytest.raises(AepUnreachableError, match="no route"):
        starter().start(call)

    send.assert_called_once_with(call)


def test_a_post_is_sent_three_times_at_most(aep, starter, client, flow_id, store):
    call = request(client, flow_id, OURS)
    aep.fault("POST", "*/runs", kind="drop_before", times=None)

    with pytest.raises(AepUnreachableError):
        starter().start(call)

    assert len(posts(aep)) == 3
    assert store is None or store[KEY]["run_id"] is None


def test_a_run_is_found_after_the_last_answer_was_lost(aep, starter, client, flow_id):
    call = request(client, flow_id, OURS)
    aep.fault("POST", "*/runs", kind="drop_before", times=2)
    aep.fault("POST", "*/runs", kind="drop_after", nth=3)

    started = starter().start(call)

    assert started.confirmed
    assert list(aep.state()["runs"]) == [started.run.id]


def test_a_search_that_fails_sends_no_second_post(aep, starter, client, flow_id):
    call = request(client, flow_id, OURS)
    client.patience = 0
    aep.fault("POST", "*/runs", kind="drop_after")
    aep.fault("GET", "*/runs", kind="status", status=503, times=None)

    with pytest.raises(AepApiError):
        starter().start(call)

    assert len(posts(aep)) == 1


def test_a_run_whose_answer_was_lost_and_that_is_queued_is_not_confirmed(aep, starter, client, flow_id, store):
    aep.script_run(flow_id=flow_id, queue_time=300)
    call = request(client, flow_id, OURS)
    aep.fault("POST", "*/runs", kind="drop_after")

    started = starter().start(call)

    assert not started.confirmed
    assert len(posts(aep)) == 1
    assert store is None or store[KEY]["run_id"] is None
    aep.advance(600)
    assert earlier_run(starter, Attempt.CONFIRMING).run.id == started.run.id


def test_a_repetition_whose_answer_was_lost_is_found_beside_the_failed_run(aep, starter, client, flow_id, store):
    aep.script_run("failed_copy", flow_id=flow_id, duration=1, queue_time=0)
    started = starter().start(request(client, flow_id, OURS)).run
    aep.advance(2)
    failed = client.send(flow_service.get_run(started.id))
    aep.fault("POST", "*/action", kind="drop_after")

    again = starter().start(flow_service.retry_run(failed.id), failed)

    assert set(aep.state()["runs"]) == {failed.id, again.run.id}


# The id of a run


def test_a_run_is_read_back_as_soon_as_it_can_be_read(aep, starter, client, flow_id):
    aep.switches.run_visibility_lag = 12
    started = starter().start(request(client, flow_id, OURS)).run

    assert starter().read_back(started) == started
    aep.advance(20)
    assert starter().read_back(started).created_at


def test_a_run_that_has_long_not_been_found_is_given_up(aep, starter, client, flow_id, store):
    if store is None:
        pytest.skip("without a store no id is known")
    aep.switches.run_visibility_lag = 10_000
    starter().start(request(client, flow_id, OURS))
    aep.advance(301)

    assert earlier_run(starter) is None


# Other runs under way


@pytest.mark.parametrize("if_running", ["wait", "attach", "fail", "start"])
def test_another_run_under_way(aep, starter, client, flow_id, store, if_running):
    theirs = start(client, flow_id, THEIRS)
    aep.advance(10)

    if if_running == "fail":
        with pytest.raises(AepConflictError, match=f"is running already: {theirs}. Pass if_running='wait'"):
            starter().decide(Attempt.FIRST, if_running, since_ms=0)
        return
    decision = starter().decide(Attempt.FIRST, if_running, since_ms=0)

    expected = {"wait": WaitFor, "attach": AttachTo, "start": Start}
    assert type(decision) is expected[if_running]
    if if_running != "start":
        assert decision.run.id == theirs
    if store is not None:
        attached = {KEY: (theirs, True)} if if_running == "attach" else {}
        assert {key: (record["run_id"], record["attached"]) for key, record in store.items()} == attached
