"""Waits for many flow runs and batches with few requests. Only asks, never writes.

All waits of one event loop on one connection and sandbox that poll equally often share their requests. An outage of any
length is waited out until the deadline; only a lasting refusal ends a wait.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic
from weakref import WeakKeyDictionary

from typing_extensions import TypeVar  # The one with defaults is in Python since 3.13.

from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.deadlines import Deadlines
from airflow_provider_aep.runs.list_support import ListSupport
from airflow_provider_aep.runs.lookup import BATCH, FIRST_RUN, RUN_END, Lookup
from airflow_provider_aep.runs.pacing import AsyncSend, OutagePolicy, Pacer
from airflow_provider_aep.runs.poll_group import PollGroup, Wait
from airflow_provider_aep.validation import checked_id

log = logging.getLogger(__name__)

T = TypeVar("T")
Seen = TypeVar("Seen", default=FlowRun)


@dataclass
class WaitResult(Generic[Seen]):
    """What became of a wait.

    :param run: the run or batch as last seen; None if it never was.
    :param timed_out: the deadline came first.
    :param problem: why the last poll failed; None if it did not.
    :param listed: what the last poll showed, where the deadline came first.
    """

    run: Seen | None
    timed_out: bool = False
    problem: str | None = None
    listed: Sequence[Seen] = ()


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
        self._deadlines = Deadlines(now, sleep)
        self._groups: dict[tuple[Lookup[Any], float], PollGroup[Any]] = {}
        self._lists: dict[Lookup[Any], ListSupport[Any]] = {}

    async def wait(self, run_id: str, *, poll_interval: float, deadline: float | None) -> WaitResult[FlowRun]:
        """Wait until a run has ended.

        :param run_id: the run.
        :param poll_interval: seconds between two polls.
        :param deadline: wall-clock epoch seconds; None waits for ever. At the deadline there is one more poll.
        :raises AepApiError: a lasting refusal.
        :raises AepConfigError: `run_id` is none.
        """
        checked_id("run_id", run_id)
        return await self._wait(RUN_END, run_id, 0, poll_interval, deadline)

    async def wait_for_first_run(
        self, flow_id: str, since: int, *, poll_interval: float, deadline: float | None, last_poll: bool = True
    ) -> WaitResult[FlowRun]:
        """Wait until a dataflow has a run: the first one made at or after `since`. It may still go on.

        :param since: epoch milliseconds on the platform's clock.
        :param last_poll: whether there is one more poll at the deadline.
        """
        checked_id("flow_id", flow_id)
        return await self._wait(FIRST_RUN, flow_id, since, poll_interval, deadline, last_poll=last_poll)

    async def wait_for_batch(
        self, dataset_id: str, since: int, *, poll_interval: float, deadline: float | None
    ) -> WaitResult[Batch]:
        """Wait until a batch made at or after `since` has ended in a dataset.

        :param since: epoch milliseconds on the platform's clock.
        """
        checked_id("dataset_id", dataset_id, "dataset")
        return await self._wait(BATCH, dataset_id, since, poll_interval, deadline)

    async def _wait(
        self,
        lookup: Lookup[T],
        key: str,
        since: int,
        poll_interval: float,
        deadline: float | None,
        *,
        last_poll: bool = True,
    ) -> WaitResult[T]:
        wait: Wait[T] = Wait(key, asyncio.get_running_loop().create_future(), OutagePolicy(self.pacer.now), since)
        if deadline is not None and self.pacer.now() >= deadline:
            return await self._last_poll(lookup, wait)
        group = self._group(lookup, poll_interval)
        group.join(wait)
        self._deadlines.add(wait.done, deadline)
        try:
            return WaitResult(await wait.done)
        except TimeoutError:
            return await self._last_poll(lookup, wait) if last_poll else WaitResult(wait.last(), timed_out=True)
        finally:
            self._deadlines.remove(wait.done)
            group.leave(wait)

    def _group(self, lookup: Lookup[T], poll_interval: float) -> PollGroup[T]:
        lists = self._lists.setdefault(lookup, ListSupport(lookup))
        group = PollGroup(self.pacer, poll_interval, lookup, lists)
        return self._groups.setdefault((lookup, poll_interval), group)

    async def _last_poll(self, lookup: Lookup[T], wait: Wait[T]) -> WaitResult[T]:
        try:
            answer = await self.pacer.poll(lookup.alone(wait.key, wait.since), last=True)
        except AepError as problem:
            log.warning("The last look before the deadline failed: %s", problem)
            return WaitResult(wait.last(), timed_out=True, problem=str(problem))
        items = answer if isinstance(answer, list) else [answer]
        found = lookup.find(items, wait.since)
        return WaitResult(found, timed_out=found is None or not lookup.ended(found), listed=items)


_watchers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Hashable, RunWatcher]] = WeakKeyDictionary()


def shared_watcher(key: Hashable, send: AsyncSend) -> RunWatcher:
    """This event loop's one watcher for a key: connection and sandbox. From now on it sends by `send`.

    The newest caller has read the connection last, so a changed secret reaches the waits that go on already.
    """
    watchers = _watchers.setdefault(asyncio.get_running_loop(), {})
    watcher = watchers.setdefault(key, RunWatcher(send))
    watcher.pacer.send = send
    return watcher
