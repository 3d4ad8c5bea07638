"""What a try does that comes after a crash, step by step and without an Airflow, by the emulator's clock."""

import pytest
from direct import TaskState
from provisioning import DELTA_COLUMN, Provisioning

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepConflictError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.runs.start import KEY, OwnRun, Wish

pytestmark = pytest.mark.aep(speed=0)  # Only pauses count, however slow the machine is.

OURS, THEIRS = (1_900_000_000, 1_900_003_600), (1_900_003_600, 1_900_007_200)


@pytest.fixture
def client(aep):
    return AepHook().get_conn()


@pytest.fixture
def flow_id(client):
    return Provisioning(client).build().flow


@pytest.fixture(params=[True, False], ids=["store", "no store"])
def memory(request):
    return TaskState() if request.param else None


@pytest.fixture
def own(aep, client, flow_id, memory):
    """A task of its own at every call: nothing but the memory outlives a crash."""

    def make(generation=0):
        return OwnRun(client, Wish(flow_id, OURS), memory=memory, generation=generation, pause=aep.advance)

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


def intend(own, client, memory):
    """As much of a start as a task gets done that dies just before the POST."""
    own()._write(int(client.now() * 1000), None)


def recall(own, cleared=False, waited=False, generation=0):
    return own(generation).recall(retried=True, cleared=cleared, waited=waited, since_ms=0)


def test_a_run_that_is_not_to_be_seen_yet_is_waited_for(aep, own, client, flow_id, memory):
    aep.switches.run_visibility_lag = 12
    intend(own, client, memory)
    run_id = start(client, flow_id, OURS)

    assert recall(own).run.id == run_id


def test_what_does_not_show_within_a_while_was_not_started(aep, own, client, memory):
    intend(own, client, memory)
    begun = aep.now()

    assert recall(own) is None
    assert aep.now() - begun == pytest.approx(30, abs=2)


def test_nobody_waits_who_comes_long_after_the_crash(aep, own, client, memory):
    if memory is None:
        pytest.skip("without a store nobody knows when it was")
    intend(own, client, memory)
    aep.advance(300)
    begun = aep.now()

    assert recall(own) is None
    assert aep.now() - begun < 1


def test_an_id_is_believed_before_it_can_be_read(aep, own, client, flow_id, memory):
    if memory is None:
        pytest.skip("without a store no id is known")
    aep.switches.run_visibility_lag = 120
    started = own().start(request(client, flow_id, OURS))

    assert recall(own).run.id == started.run.id
    assert memory[KEY]["run_id"] == started.run.id


@pytest.mark.parametrize("started", [True, False])
def test_a_queued_neighbour_is_not_taken_for_ones_own(aep, own, client, flow_id, memory, started):
    aep.script_run(flow_id=flow_id, queue_time=300, times=None)
    intend(own, client, memory)
    theirs = start(client, flow_id, THEIRS)
    aep.advance(1)
    ours = start(client, flow_id, OURS) if started else None

    found = recall(own)

    assert (found.run.id, found.certain) == (theirs, False)
    aep.advance(600)
    found = recall(own, waited=True)
    assert (found and found.run.id) == ours


def test_a_queued_run_that_was_ones_own_is_gone_on_with_after_a_clear(aep, own, client, flow_id, memory):
    aep.script_run(flow_id=flow_id, queue_time=300, times=None)
    intend(own, client, memory)
    ours = start(client, flow_id, OURS)

    assert not recall(own, cleared=True, generation=1).certain
    aep.advance(600)
    assert recall(own, cleared=True, waited=True, generation=1).run.id == ours


def test_after_a_clear_what_has_ended_is_not_gone_on_with(aep, own, client, flow_id, memory):
    intend(own, client, memory)
    start(client, flow_id, OURS)
    aep.advance(600)

    assert recall(own, cleared=True, generation=1) is None


def test_a_queued_repetition_counts_more_than_the_failure_it_repeats(aep, own, client, flow_id, memory):
    aep.script_run("failed_copy", flow_id=flow_id)
    aep.script_run(flow_id=flow_id, queue_time=300, times=None)
    intend(own, client, memory)
    failed = start(client, flow_id, OURS)
    aep.advance(600)
    again = client.send(flow_service.retry_run(failed)).id

    found = recall(own)

    assert (found.run.id, found.certain) == (again, False)


def test_what_failed_before_it_told_its_window_is_nobodys(aep, own, client, flow_id, memory):
    intend(own, client, memory)
    run = {
        "id": "11111111-2222-3333-4444-555555555555",
        "flowId": flow_id,
        "createdAt": int(client.now() * 1000),
        "createdClient": aep.client_id,
        "metrics": {"statusSummary": {"status": "failed"}},
    }
    aep.fault("GET", "*/runs", kind="status", status=200, body={"items": [run]}, times=None)

    assert recall(own) is None


def test_two_that_fit_are_one_too_many(aep, own, client, flow_id, memory):
    intend(own, client, memory)
    ids = [start(client, flow_id, OURS) for _ in range(2)]
    aep.advance(20)

    with pytest.raises(AepConflictError, match="Nothing was started") as refusal:
        recall(own)

    assert all(run_id in str(refusal.value) for run_id in ids)
