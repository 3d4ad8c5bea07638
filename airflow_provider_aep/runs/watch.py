"""Waits for many flow runs with few requests. Only asks, never writes.

All waits of one event loop on one connection and sandbox that poll equally often share their requests. An outage of any
length is waited out until the deadline; only a lasting refusal ends a wait.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.pacing import AsyncSend, OutagePolicy, Pacer
from airflow_provider_aep.runs.poll_group import ListSupport, PollGroup, Wait
from airflow_provider_aep.validation import checked_id

log = logging.getLogger(__name__)


@dataclass
class Watched:
    """What became of a wait.

    :param run: as last seen; None if it never was.
    :param timed_out: the deadline came first.
    :param problem: why the last poll failed; None if it did not.
    """

    run: FlowRun | None
    timed_out: bool = False
    problem: str | None = None


class RunWatcher:
    """Watches runs through one `send`.

    :param send: sends a call once, from the event loop.
    :param now: wall-clock time in epoch seconds.
    :param sleep: as `asyncio.sleep`.
    """

    def __init__(
        self,
        send: AsyncSend,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self.pacer = Pacer(send, now=now, sleep=sleep)
        self._groups: dict[float, PollGroup] = {}
        self._lists = ListSupport()

    async def wait(self, run_id: str, *, poll_interval: float, deadline: float | None) -> Watched:
        """Wait until a run has ended.

        :param run_id: the run.
        :param poll_interval: seconds between two polls.
        :param deadline: wall-clock epoch seconds; None waits for ever. At the deadline there is one more poll.
        :raises AepApiError: a lasting refusal.
        :raises AepConfigError: `run_id` is none.
        """
        checked_id("run_id", run_id)
        if deadline is not None and self.pacer.now() >= deadline:
            return await self._last_poll(run_id, None)
        wait = Wait(run_id, asyncio.get_running_loop().create_future(), OutagePolicy(self.pacer.now))
        group = self._groups.setdefault(poll_interval, PollGroup(self.pacer, poll_interval, self._lists))
        group.join(wait)
        try:
            return Watched(await self._until(wait.done, deadline))
        except TimeoutError:
            return await self._last_poll(run_id, wait.last)
        finally:
            group.leave(wait)

    async def _until(self, done: asyncio.Future[FlowRun], deadline: float | None) -> FlowRun:
        if deadline is None:
            return await done
        while not done.done():
            # Wall-clock time may jump, so it is read again and again.
            left = deadline - self.pacer.now()
            if left <= 0:
                raise TimeoutError
            sleeper = asyncio.ensure_future(self.pacer.sleep(min(left, 60.0)))
            try:
                await asyncio.wait({done, sleeper}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeper.cancel()
        return done.result()

    async def _last_poll(self, run_id: str, last: FlowRun | None) -> Watched:
        try:
            run = await self.pacer.poll(flow_service.get_run(run_id), last=True)
        except AepError as problem:
            log.warning("The last look before the deadline failed: %s", problem)
            return Watched(last, timed_out=True, problem=str(problem))
        return Watched(run, timed_out=not run.finished)


_watchers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Hashable, RunWatcher]] = WeakKeyDictionary()


def shared_watcher(key: Hashable, send: AsyncSend) -> RunWatcher:
    """This event loop's one watcher for a key: connection and sandbox. From now on it sends by `send`.

    The newest caller has read the connection last, so a changed secret reaches the waits that go on already.
    """
    watchers = _watchers.setdefault(asyncio.get_running_loop(), {})
    watcher = watchers.setdefault(key, RunWatcher(send))
    watcher.pacer.send = send
    return watcher
