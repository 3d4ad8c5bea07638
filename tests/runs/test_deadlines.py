"""Many deadlines with one sleep."""

import asyncio

import pytest

from airflow_provider_aep.runs.deadlines import Deadlines


class Clock:
    """A wall clock whose sleepers are woken by the test."""

    def __init__(self):
        self.now = 1000.0
        self.sleeping = []

    async def sleep(self, seconds):
        waker = asyncio.get_running_loop().create_future()
        self.sleeping.append((seconds, waker))
        try:
            await waker
        finally:
            self.sleeping.remove((seconds, waker))

    async def pass_by(self, seconds):
        self.now += seconds
        for _, waker in list(self.sleeping):
            waker.set_result(None)
        await settled()

    @property
    def sleeps(self):
        return [seconds for seconds, _ in self.sleeping]


async def settled():
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def deadlines(clock):
    return Deadlines(lambda: clock.now, clock.sleep)


def waiting(count=1):
    return [asyncio.get_running_loop().create_future() for _ in range(count)]


def test_each_wait_ends_at_its_deadline_and_all_share_one_sleep(clock, deadlines):
    async def main():
        waits = waiting(100)
        for number, wait in enumerate(waits):
            deadlines.add(wait, 1000 + number // 50 * 20 + 10)
        await settled()
        assert clock.sleeps == [10]
        await clock.pass_by(10)
        assert [wait.done() for wait in waits] == [True] * 50 + [False] * 50
        assert clock.sleeps == [20]
        await clock.pass_by(20)
        assert {type(wait.exception()) for wait in waits} == {TimeoutError}

    asyncio.run(main())


def test_an_earlier_deadline_shortens_the_sleep(clock, deadlines):
    async def main():
        late, early = waiting(2)
        deadlines.add(late, 1050)
        await settled()
        deadlines.add(early, 1005)
        await settled()
        assert clock.sleeps == [5]

    asyncio.run(main())


def test_a_clock_that_jumps_is_noticed_within_a_minute(clock, deadlines):
    async def main():
        (wait,) = waiting()
        deadlines.add(wait, 100_000)
        await settled()
        assert clock.sleeps == [60]
        clock.now = 200_000
        await clock.pass_by(0)
        assert isinstance(wait.exception(), TimeoutError)

    asyncio.run(main())


def test_nothing_sleeps_for_waits_that_have_left_or_never_end(clock, deadlines):
    async def main():
        stays, leaves = waiting(2)
        deadlines.add(stays, None)
        deadlines.add(leaves, 1010)
        await settled()
        deadlines.remove(leaves)
        deadlines.remove(stays)
        await settled()
        assert clock.sleeps == []
        assert not stays.done()
        assert not leaves.done()

    asyncio.run(main())


def test_a_wait_that_has_ended_keeps_its_result(clock, deadlines):
    async def main():
        ended, other = waiting(2)
        deadlines.add(ended, 1010)
        deadlines.add(other, 1010)
        ended.set_result("run")
        await settled()
        await clock.pass_by(10)
        assert ended.result() == "run"
        assert isinstance(other.exception(), TimeoutError)

    asyncio.run(main())
