"""What an attempt does that comes after a crash, step by step and without an Airflow, by the emulator's clock."""

import pytest
from direct import TaskState
from provisioning import DELTA_COLUMN, Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepConflictError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.runs.match import RunMatch
from airflow_provider_aep.runs.next_step import Attempt, ResumeWith, RunAgain, WaitFor
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
