"""Many waits, few requests; no outage ends a wait, a lasting refusal does. Only the local AEP's time passes."""

import asyncio
import logging
import threading
import time
from collections import Counter

import pytest
import structlog
from direct import direct_client, ims_tokens
from provisioning import Provisioning
from watching import RUNS, Watching

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import (
    AepApiError,
    AepAuthError,
    AepConfigError,
    AepNotFoundError,
    AepUnreachableError,
)
from airflow_provider_aep.runs import poll_group
from airflow_provider_aep.runs.watch import shared_watcher

pytestmark = pytest.mark.aep(speed=0)  # Were real time added, a slow machine would need fewer looks.

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def watching(aep):
    return Watching(aep)


@pytest.fixture
def make_run(aep):
    """Starts a run of a dataflow that runs on demand, and returns its id."""
    chains = {}

    def make(outcome="success", **script):
        client = direct_client(aep)
        flow = chains.setdefault("flow", None) or Provisioning(client, frequency="once").build().flow
        chains["flow"] = flow
        aep.script_run(outcome, **script)
        now = int(aep.now())
        window = {"windowStartTime": str(now - 3600), "windowEndTime": str(now)}
        params = {"startTime": str(now), **window, "deltaColumn": {"name": "Id"}}
        return client.send(flow_service.create_run(flow, params)).id

    return make


@pytest.fixture
def made_runs(aep):
    """Makes many runs at once: a schedule catches up."""

    def make(count):
        Provisioning(direct_client(aep), frequency="minute").build()
        while len(aep.state()["runs"]) < count:
            aep.advance(100 * 15 * 60)
        return list(aep.state()["runs"])[:count]

    return make


# Few requests


def test_a_wait_ends_with_the_run(watching, make_run):
    run_id = make_run(duration=100, records=7)
    watched = watching.run(watching.wait(run_id))
    assert not watched.timed_out
    assert (watched.run.id, watched.run.status, watched.run.records["input"]) == (run_id, "success", 7)
    assert watching.polls() == [run_id] * 4


@pytest.mark.assumes("run-id-lists")
def test_a_thousand_waits_cost_twenty_requests_a_round_and_one_token(watching, made_runs):
    """F15."""
    ids = made_runs(1000)
    watched = watching.run_all(*(watching.wait(run_id) for run_id in ids))
    assert [one.run.id for one in watched] == ids
    assert watching.polls() == [50] * 20
    assert watching.aep.token_requests == 2  # Making the dataflow took the other one.


@pytest.mark.assumes("run-id-lists")
@pytest.mark.parametrize(("count", "requests"), [(1, 1), (2, 1), (50, 1), (51, 2)])
def test_a_round_costs_one_request_for_fifty_waits(watching, made_runs, count, requests):
    ids = made_runs(count)
    watching.run_all(*(watching.wait(run_id) for run_id in ids))
    assert len(watching.polls()) == requests


def test_at_most_four_requests_are_under_way_at_once(watching, made_runs):
    most = []

    async def send(call):
        most.append(watching.time.requests_under_way + 1)
        return await watching.send(call)

    watching.watcher.pacer.send = send
    watching.run_all(*(watching.wait(run_id) for run_id in made_runs(250)))
    assert max(most) <= 4


@pytest.mark.aep(token_lifetime=60)
def test_tokens_that_end_while_many_wait_are_fetched_once_each(watching, made_runs):
    """F14: one for each minute, not one for each wait."""
    watching.aep.script_run("never_ending", times=None)
    ids = made_runs(100)
    requests_before = watching.aep.token_requests
    watched = watching.run_all(*(watching.wait(run_id, deadline=600) for run_id in ids))
    assert {one.timed_out for one in watched} == {True}
    assert 8 <= watching.aep.token_requests - requests_before <= 15


def test_nothing_blocks_the_event_loop(watching, made_runs, request_threads, mocker, caplog):
    """F16: neither a request nor a sleep happens in the loop's own thread."""
    ids = made_runs(100)
    caplog.set_level(logging.WARNING, "asyncio")
    request_threads.clear()
    mocker.patch.object(time, "sleep", side_effect=AssertionError("slept"))
    watching.aep.revoke_tokens()
    watching.aep.fault("GET", RUNS, kind="status", status=503, nth=2)

    async def loop_thread():
        asyncio.get_running_loop().slow_callback_duration = 0.1
        await asyncio.gather(*(watching.wait(run_id) for run_id in ids))
        return threading.current_thread()

    assert watching.run(loop_thread()) not in request_threads
    assert len(request_threads) >= 4


def test_several_waits_on_one_run_cost_as_much_as_one(watching, make_run):
    run_id = make_run(duration=100)
    watched = watching.run_all(*(watching.wait(run_id) for _ in range(5)))
    assert {one.run.id for one in watched} == {run_id}
    assert watching.polls() == [run_id] * 4


def test_who_looks_less_often_does_not_look_more_often(watching, make_run):
    first, second = make_run(duration=100), make_run(duration=100)
    watching.run_all(watching.wait(first), watching.wait(second, poll_interval=300))
    assert Counter(watching.polls()) == {first: 4, second: 1}


def test_looks_are_spread(watching, make_run):
    watching.run(watching.wait(make_run(duration=900)))
    sleeps = watching.time.sleeps
    assert all(27 <= seconds <= 33 for seconds in sleeps)
    assert len(set(sleeps)) == len(sleeps) > 25


@pytest.mark.aep(refuse_run_id_lists=True)
def test_where_lists_are_refused_each_run_is_asked_for_alone(watching, make_run, caplog):
    ids = [make_run(duration=70) for _ in range(3)]
    watched = watching.run_all(*(watching.wait(run_id) for run_id in ids))
    assert {one.run.status for one in watched} == {"success"}
    # A refusal is believed when it is repeated.
    assert watching.polls() == [3, 3, *ids, *ids, *ids]
    assert caplog.text.count("refuses lists of runs") == 1


def test_a_list_that_leaves_runs_out_is_not_believed(watching, make_run):
    """Were several ids taken for one, the list would be empty, and the runs are there all the same."""
    ids = [make_run(duration=20) for _ in range(2)]
    watching.aep.fault("GET", RUNS, kind="status", status=200, body='{"items": []}', times=None)
    watched = watching.run_all(*(watching.wait(run_id) for run_id in ids))
    assert {one.run.status for one in watched} == {"success"}
    assert watching.polls() == [2, *ids]


# Outages


MIXED = [
    *[{"kind": "status", "status": 404}] * 3,
    *[{"kind": "status", "status": 503}] * 20,
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "malformed"},
    {"kind": "empty"},
    {"kind": "html"},
    {"kind": "html", "status": 200},
    {"kind": "status", "status": 302, "headers": {"Location": "https://login.example"}, "body": ""},
    {"kind": "status", "status": 408},
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 429, "retry_after": 90},
    {"kind": "delay", "delay": 0.3},
]


@pytest.mark.parametrize("waits", [1, 2])
def test_any_mix_of_trouble_is_waited_out(aep, make_run, waits):
    """F12."""
    watching = Watching(aep, timeout=(1, 0.1))
    ids = [make_run(duration=600) for _ in range(waits)]
    for number, trouble in enumerate(MIXED, 1):
        aep.fault("GET", f"*{RUNS}*", nth=number, **trouble)
    watched = watching.run_all(*(watching.wait(run_id) for run_id in ids))
    assert {one.run.status for one in watched} == {"success"}
    assert len(watching.polls()) >= len(MIXED)


@pytest.mark.parametrize("status", [409, 410, 423, 425, 501, 505, 507, 520, 522, 524, 525, 529, 599])
@pytest.mark.parametrize("waits", [1, 2])
def test_any_status_that_may_pass_is_waited_out(watching, make_run, status, waits):
    """F12. The platform's own are few; the proxies in front of it have more."""
    ids = [make_run() for _ in range(waits)]
    watching.aep.fault("GET", f"*{RUNS}*", kind="status", status=status, times=5)
    watched = watching.run_all(*(watching.wait(run_id) for run_id in ids))
    assert {one.run.status for one in watched} == {"success"}


def test_a_host_that_is_not_there_is_waited_for(watching, make_run):
    run_id = make_run(duration=20)
    unreachable = iter([AepUnreachableError("GET ... got no answer (DNS)")] * 3)

    async def send(call):
        for problem in unreachable:
            raise problem
        return await watching.send(call)

    watching.watcher.pacer.send = send
    assert watching.run(watching.wait(run_id)).run.status == "success"


def test_a_token_revoked_in_mid_wait_is_renewed(watching, make_run):
    """F13."""
    run_id = make_run(duration=300)

    async def revoke_meanwhile():
        wait = asyncio.create_task(watching.wait(run_id))
        await watching.time.sleep(100)
        watching.aep.revoke_tokens()
        return await wait

    requests = watching.aep.token_requests
    assert watching.run(revoke_meanwhile()).run.status == "success"
    assert watching.aep.token_requests == requests + 2


@pytest.mark.assumes("run-id-lists")
def test_one_429_pauses_all(watching, made_runs):
    ids = made_runs(300)
    before = len(watching.aep.requests)
    watching.aep.fault("GET", RUNS, kind="status", status=429, retry_after=600)
    watching.run_all(*(watching.wait(run_id) for run_id in ids))

    records = [record for record in watching.aep.requests[before:] if RUNS in record.path]
    refused = next(record.at for record in records if record.status == 429)
    # Those that were under way at the same moment are not called back: of the six lists each is asked for once at most.
    assert len([record for record in records if refused <= record.at < refused + 599]) <= 6
    assert len([record for record in records if record.at >= refused + 599]) >= 2


def test_a_429_without_retry_after_pauses_for_half_a_minute(watching, make_run):
    run_id = make_run(duration=1)
    watching.aep.fault("GET", kind="status", status=429)
    watching.run(watching.wait(run_id, poll_interval=5))
    assert 29.9 < sum(watching.time.sleeps[1:]) < 30.1


def test_a_429_pauses_those_who_are_asked_for_alone(watching, make_run):
    watching.aep.switches.refuse_run_id_lists = True
    ids = [make_run(duration=1) for _ in range(3)]
    watching.aep.fault("GET", f"{RUNS}/*", kind="status", status=429, retry_after=60)
    watching.run_all(*(watching.wait(run_id, poll_interval=5) for run_id in ids))
    assert watching.polls() == [3, 3, ids[0], *ids]


def test_a_pause_begun_by_others_is_kept(watching, make_run):
    """Who looks every five seconds pauses as well when who looks every six is told to."""
    first, second = make_run(duration=1), make_run(duration=100)
    watching.aep.fault("GET", f"{RUNS}/{second}", kind="status", status=429, retry_after=600)
    watching.run_all(watching.wait(second, poll_interval=5), watching.wait(first, poll_interval=30))
    assert watching.polls() == [second, *sorted([first, second], key=watching.polls()[1:].index)]


def test_who_asks_alone_keeps_the_pause_of_all(watching, make_run):
    """So do the looks for a dataflow's next run and for a batch, which no list answers."""
    run_id = make_run(duration=1)
    watching.aep.fault("GET", f"*{RUNS}*", kind="status", status=429, retry_after=600)

    async def look_within_and_after_the_pause():
        wait = asyncio.create_task(watching.wait(run_id))
        await watching.time.sleep(60)
        with pytest.raises(AepApiError, match="429"):
            await watching.watcher.pacer.poll(flow_service.get_run(run_id))
        asked_within = len(watching.polls())
        await wait
        await watching.watcher.pacer.poll(flow_service.get_run(run_id))
        return asked_within

    assert watching.run(look_within_and_after_the_pause()) == 1
    assert watching.polls() == [run_id] * 3


def test_who_asks_alone_may_be_the_one_who_is_told_to_pause(watching, make_run):
    run_id = make_run(duration=1)
    watching.aep.fault("GET", f"*{RUNS}*", kind="status", status=429, retry_after=600)
    started = watching.time.now()

    async def look_and_wait():
        with pytest.raises(AepApiError, match="429"):
            await watching.watcher.pacer.poll(flow_service.get_run(run_id))
        return await watching.wait(run_id)

    assert watching.run(look_and_wait()).run.status == "success"
    assert watching.time.now() - started >= 600
    assert watching.polls() == [run_id] * 2


def test_a_deadline_of_many_within_a_long_pause_costs_no_requests(watching, made_runs):
    watching.aep.script_run("never_ending", times=None)
    ids = made_runs(200)
    watching.aep.fault("GET", f"*{RUNS}*", kind="status", status=429, retry_after=600, times=None)
    watched = watching.run_all(*(watching.wait(run_id, deadline=60) for run_id in ids))
    assert {one.timed_out for one in watched} == {True}
    assert len(watching.polls()) <= 4


def test_a_deadline_within_a_short_pause_is_kept_after_it(watching, make_run):
    """The run ended in time, and 429 without a `Retry-After` means half a minute."""
    run_id = make_run(duration=80)
    watching.aep.fault("GET", f"*{RUNS}*", kind="status", status=429)
    watched = watching.run(watching.wait(run_id, deadline=90, poll_interval=75))
    assert (watched.timed_out, watched.run.status) == (False, "success")
    assert watching.polls() == [run_id] * 2


# Refusals that last


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, AepApiError),
        (401, AepAuthError),
        (403, AepAuthError),
        *[(status, AepApiError) for status in (405, 406, 415, 422)],
    ],
)
@pytest.mark.parametrize("waits", [1, 2])
def test_a_refusal_ends_the_wait(watching, make_run, status, error, waits):
    ids = [make_run() for _ in range(waits)]
    watching.aep.fault("GET", f"*{RUNS}*", kind="status", status=status, times=None)
    problems = watching.run_all(*(watching.wait(run_id) for run_id in ids), return_exceptions=True)
    assert [(type(problem), problem.status) for problem in problems] == [(error, status)] * waits


def test_a_wrong_secret_ends_the_wait(aep, make_run):
    run_id = make_run()
    watching = Watching(aep, tokens=ims_tokens(aep, client_secret="wrong"))
    with pytest.raises(AepAuthError, match="password"):
        watching.run(watching.wait(run_id))


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 200, "body": "["}, {"status": 404}])
def test_one_run_that_cannot_be_had_does_not_hide_the_others(watching, make_run, fault):
    bad, *good = (make_run(duration=20) for _ in range(3))
    watching.aep.fault("GET", f"*{RUNS}", kind="status", times=None, **fault)
    watching.aep.fault("GET", f"*{RUNS}/{bad}", kind="status", times=None, **fault)
    waits = [watching.wait(run_id, deadline=900) for run_id in (bad, *good)]
    problem, *others = watching.run_all(*waits, return_exceptions=True)
    assert {one.run.status for one in others} == {"success"}
    assert isinstance(problem, AepApiError) or problem.timed_out


@pytest.mark.assumes("run-id-lists")
@pytest.mark.parametrize(("times", "looks"), [(2, [3, 3, 3]), (3, [3, 3, 3, 1, 1, 1])])
def test_a_list_that_cannot_be_read_is_asked_for_again_before_each_run_is(watching, make_run, times, looks):
    ids = [make_run(duration=1) for _ in range(3)]
    watching.aep.fault("GET", f"*{RUNS}", kind="malformed", times=times)
    watching.run_all(*(watching.wait(run_id) for run_id in ids))
    assert [look if isinstance(look, int) else 1 for look in watching.polls()] == looks


def test_a_malformed_id_ends_its_own_wait_only(watching, make_run):
    problem, other = watching.run_all(
        watching.wait("a,b"), watching.wait(make_run(duration=20)), return_exceptions=True
    )
    assert isinstance(problem, AepConfigError)
    assert other.run.status == "success"


@pytest.mark.parametrize("waits", [1, 2])
def test_a_run_that_is_not_there_is_given_some_time(watching, make_run, waits):
    started = watching.time.now()
    others = [watching.wait(make_run(duration=5)) for _ in range(waits - 1)]
    problem, *_ = watching.run_all(watching.wait(UNKNOWN), *others, return_exceptions=True)
    assert isinstance(problem, AepNotFoundError)
    assert 300 < watching.time.now() - started < 400


@pytest.mark.aep(run_visibility_lag=200)
def test_a_run_that_is_not_to_be_seen_yet_is_waited_for(watching, make_run):
    assert watching.run(watching.wait(make_run())).run.status == "success"


def test_a_run_that_disappears_ends_the_wait(watching, make_run):
    with pytest.raises(AepNotFoundError):
        watching.run(watching.wait(make_run("disappears")))


def test_a_defect_of_ours_ends_the_wait_instead_of_hanging(watching, make_run):
    async def send(call):
        raise ZeroDivisionError("a defect")

    watching.watcher.pacer.send = send
    problems = watching.run_all(*(watching.wait(make_run()) for _ in range(2)), return_exceptions=True)
    assert [type(problem) for problem in problems] == [ZeroDivisionError] * 2

    watching.watcher.pacer.send = watching.send
    assert watching.run(watching.wait(make_run())).run.status == "success"


# Deadlines


def test_a_deadline_is_kept_and_the_run_as_last_seen_is_handed_back(watching, make_run):
    run_id = make_run("never_ending")
    started = watching.time.now()
    watched = watching.run(watching.wait(run_id, deadline=100))
    assert (watched.timed_out, watched.run.id, watched.run.finished) == (True, run_id, False)
    assert 100 <= watching.time.now() - started < 101
    assert watching.polls() == [run_id] * 4


def test_a_run_that_ends_between_the_last_look_and_the_deadline_is_not_late(watching, make_run):
    """F18."""
    run_id = make_run(duration=80)
    watched = watching.run(watching.wait(run_id, deadline=90, poll_interval=60))
    assert (watched.timed_out, watched.run.status) == (False, "success")


@pytest.mark.parametrize(("duration", "late"), [(10, False), (1000, True)])
def test_after_the_deadline_there_is_one_look(watching, make_run, duration, late):
    """A trigger that was restarted too late."""
    run_id = make_run(duration=duration)
    watching.aep.advance(100)
    assert watching.run(watching.wait(run_id, deadline=-1)).timed_out is late
    assert (watching.polls(), watching.time.sleeps) == ([run_id], [])


@pytest.mark.parametrize("seen", [True, False])
def test_an_outage_at_the_deadline_leaves_what_was_seen_before(watching, make_run, seen, caplog):
    run_id = make_run("never_ending")
    watching.aep.fault("GET", f"*{RUNS}*", kind="drop_before", nth=2 if seen else 1, times=None)
    watched = watching.run(watching.wait(run_id, deadline=100, poll_interval=50))
    assert watched.timed_out
    assert (watched.run is not None) is seen
    assert "The last look before the deadline failed" in caplog.text


def test_the_deadline_is_the_walls_although_its_clock_jumps(watching, make_run):
    run_id = make_run("never_ending")

    async def jump():
        wait = asyncio.create_task(watching.wait(run_id, deadline=7200, poll_interval=600))
        await watching.time.sleep(30)
        watching.time._now += 7200
        return await wait

    assert watching.run(jump()).timed_out
    assert len(watching.polls()) <= 2


# Coming and going


def test_a_cancelled_wait_leaves_nothing_behind(watching, make_run):
    run_id = make_run("never_ending")

    async def cancel():
        before = asyncio.all_tasks()
        for deadline in (None, 10_000):
            wait = asyncio.create_task(watching.wait(run_id, deadline=deadline))
            await watching.time.sleep(100)
            wait.cancel()
            with pytest.raises(asyncio.CancelledError):
                await wait
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert asyncio.all_tasks() == before
        looks = len(watching.polls())
        await watching.time.sleep(100)
        return len(watching.polls()) - looks

    assert watching.run(cancel()) == 0


def test_a_wait_that_ended_leaves_nothing_behind(watching, make_run):
    async def wait():
        before = asyncio.all_tasks()
        await watching.wait(make_run(duration=5), deadline=1000)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return asyncio.all_tasks() - before

    assert watching.run(wait()) == set()


def test_who_is_cancelled_does_not_disturb_the_others(watching, make_run):
    run_id, other_id = make_run(duration=200), make_run(duration=200)

    async def cancel_one_of_three():
        waits = [asyncio.create_task(watching.wait(each)) for each in (run_id, run_id, other_id)]
        await watching.time.sleep(50)
        waits[0].cancel()
        return await asyncio.gather(*waits[1:])

    assert [watched.run.id for watched in watching.run(cancel_one_of_three())] == [run_id, other_id]


def test_one_watcher_for_a_loop_a_connection_and_a_sandbox():
    async def first(call): ...

    async def second(call): ...

    async def watchers():
        one, same, other = (
            shared_watcher(*each) for each in ((("c", "dev"), first), (("c", "dev"), second), (("c", "prod"), first))
        )
        assert one is same
        assert one is not other
        # Who came last has read the connection last.
        assert one.pacer.send is second
        return one

    assert asyncio.run(watchers()) is not asyncio.run(watchers())


def test_a_wait_says_what_it_meets(watching, make_run, caplog):
    caplog.set_level(logging.INFO)
    run_id = make_run(duration=20)
    watching.aep.fault("GET", kind="status", status=503)
    watching.run(watching.wait(run_id))
    assert f"Looked for run {run_id}: GET " in caplog.text


def test_a_change_of_status_is_logged_once_in_the_log_of_each_task_that_waits(watching, make_run):
    """Airflow's triggerer tells by the context of a line whose log it belongs in; all waits share their polls."""
    lines = []

    class PerTask(logging.Handler):
        def emit(self, record):
            lines.append((structlog.contextvars.get_contextvars().get("trigger_id"), record.getMessage()))

    async def wait_as(trigger_id, run_id):
        structlog.contextvars.bind_contextvars(trigger_id=trigger_id)
        return await watching.wait(run_id)

    one, other = make_run(duration=200), make_run("failed_copy", duration=100)
    handler = PerTask(logging.INFO)
    poll_group.log.addHandler(handler)
    poll_group.log.setLevel(logging.INFO)
    try:
        watching.run_all(wait_as(1, one), wait_as(2, other), wait_as(3, one))
    finally:
        poll_group.log.removeHandler(handler)
        poll_group.log.setLevel(logging.NOTSET)
    for trigger_id, run_id, end in ((1, one, "success"), (2, other, "failed"), (3, one, "success")):
        said = [line for whose, line in lines if whose == trigger_id]
        assert said[-1] == f"Flow run {run_id}: {end}"
        assert len(said) == len(set(said)) >= 2, "each status once, however often it was seen"
        assert all(line.startswith(f"Flow run {run_id}: ") for line in said)
