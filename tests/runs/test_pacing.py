"""Pacing without groups of runs: any call may be polled, at most four at once, and one 429 pauses all."""

import asyncio

import pytest

from airflow_provider_aep.api.sandbox import list_sandboxes
from airflow_provider_aep.exceptions import AepApiError, AepNotFoundError
from airflow_provider_aep.runs.pacing import OutagePolicy, Pacer

CALL = list_sandboxes()


class Clock:
    """Wall-clock time that passes only by sleeping."""

    def __init__(self):
        self.now = 1000.0

    async def sleep(self, seconds):
        self.now += seconds


class Platform:
    """Answers each call with the next of its answers, an error being raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = 0

    async def send(self, call):
        self.calls += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def too_many(retry_after=None):
    return AepApiError("slow down", status=429, retryable=True, retry_after=retry_after)


def pacer_for(platform):
    clock = Clock()
    return Pacer(platform.send, now=lambda: clock.now, sleep=clock.sleep), clock


def test_one_429_pauses_all():
    platform = Platform(too_many(60), "answer")
    pacer, clock = pacer_for(platform)

    async def poll():
        for _ in range(3):
            with pytest.raises(AepApiError, match="slow down"):
                await pacer.poll(CALL)
        assert (platform.calls, pacer.pause_left) == (1, 60)
        await pacer.sleep_through_pause()
        return await pacer.poll(CALL)

    assert asyncio.run(poll()) == "answer"
    assert clock.now == 1060


def test_a_shorter_pause_does_not_end_a_longer_one():
    pacer, _ = pacer_for(Platform())
    pacer.pause_on_429(too_many(60))
    pacer.pause_on_429(too_many())
    assert pacer.pause_left == 60


@pytest.mark.parametrize(("pause", "calls"), [(20, 1), (31, 0)])
def test_the_last_poll_waits_out_a_short_pause_and_is_left_out_in_a_long_one(pause, calls):
    platform = Platform("answer")
    pacer, _ = pacer_for(platform)
    pacer.pause_on_429(too_many(pause))
    asyncio.run(asyncio.wait_for(_ignore_errors(pacer.poll(CALL, last=True)), 10))
    assert platform.calls == calls


async def _ignore_errors(poll):
    await asyncio.gather(poll, return_exceptions=True)


def test_at_most_four_calls_are_under_way_at_once():
    under_way = most = 0

    async def send(call):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    async def poll_all():
        pacer = Pacer(send)
        await asyncio.gather(*(pacer.poll(CALL) for _ in range(20)))

    asyncio.run(poll_all())
    assert most == 4


# What a wait goes on through


@pytest.mark.parametrize(
    ("status", "retryable", "transient"),
    [(503, True, True), (302, False, True), (409, False, True), (403, False, False), (400, False, False)],
)
def test_what_passes_by_itself(status, retryable, transient):
    problem = AepApiError("no", status=status, retryable=retryable)
    assert OutagePolicy().is_transient(problem) is transient


def test_the_grace_period_begins_again_when_the_run_was_found():
    now = [1000.0]
    outages = OutagePolicy(lambda: now[0])
    missing = AepNotFoundError("gone", status=404)
    for _ in range(3):
        assert outages.is_transient(missing)
        now[0] += 300
        assert outages.is_transient(missing)
        outages.found()
    assert outages.is_transient(missing)
    now[0] += 301
    assert not outages.is_transient(missing)


def test_the_grace_period_goes_on_where_an_earlier_process_began_it():
    assert not OutagePolicy(lambda: 1000.0, missing_since=699.0).is_transient(AepNotFoundError("gone", status=404))


def test_a_wait_that_takes_not_found_for_an_answer_has_no_grace_period():
    assert not OutagePolicy(missing_since=0.0).is_transient(AepNotFoundError("gone", status=404))
