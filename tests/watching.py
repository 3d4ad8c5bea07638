"""A watcher of runs on the local AEP, and the local AEP's clock as the time of an event loop."""

from __future__ import annotations

import asyncio
import heapq
import itertools

from direct import asked, direct_client

from airflow_provider_aep.runs.watch import RunWatcher

RUNS = "/runs"


class Time:
    """The local AEP's clock as an event loop's time: it moves on to the next sleeper when all have nothing to do."""

    def __init__(self, aep):
        self._aep = aep
        self._now = aep.now()
        self._sleepers = []
        self._number = itertools.count()
        self.requests_under_way = 0
        self.sleeps = []

    def now(self):
        return self._now

    async def sleep(self, seconds):
        self.sleeps.append(seconds)
        waker = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._number), waker))
        await waker

    async def pass_by(self):
        while True:
            # Who has just been answered needs a few turns of the loop until it sleeps or asks again.
            for _ in range(50):
                await asyncio.sleep(0)
                if self.requests_under_way:
                    await asyncio.sleep(0.0005)
                    break
            else:
                self._wake_next()

    def _wake_next(self):
        if self._sleepers:
            then, _, waker = heapq.heappop(self._sleepers)
            if not waker.cancelled():
                self._aep.advance(max(0.0, then - self._now))
                self._now = max(then, self._now)
                waker.set_result(None)


class Watching:
    """A watcher on the local AEP; `run` runs a coroutine while time passes."""

    def __init__(self, aep, **client):
        self.aep = aep
        self.client = direct_client(aep, **client)
        self.time = Time(aep)
        self.watcher = RunWatcher(self.send, now=self.time.now, sleep=self.time.sleep)

    async def send(self, call):
        self.time.requests_under_way += 1
        try:
            return await self.client.asend(call, patience=0)
        finally:
            self.time.requests_under_way -= 1

    def wait(self, run_id, *, deadline=None, poll_interval=30):
        deadline = None if deadline is None else self.time.now() + deadline
        return self.watcher.wait(run_id, poll_interval=poll_interval, deadline=deadline)

    def run(self, coroutine):
        async def main():
            passing = asyncio.create_task(self.time.pass_by())
            try:
                return await asyncio.wait_for(coroutine, 60)
            finally:
                passing.cancel()

        return asyncio.run(main())

    def run_all(self, *waits, **options):
        async def together():
            return await asyncio.gather(*waits, **options)

        return self.run(together())

    def polls(self):
        """What was asked about runs: method and path's end, or the number of ids in a list."""
        return [
            len(record.query["property"][0].split(",")) if "property" in record.query else record.path[-36:]
            for record in asked(self.aep, "GET")
            if RUNS in record.path
        ]
