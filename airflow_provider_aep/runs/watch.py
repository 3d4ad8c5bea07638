"""Waits for many flow runs with few requests. Only asks, never writes.

All waits of one event loop on one connection and sandbox that look equally often share their looks: up to 50 runs are
asked for at once. An outage of any length is waited out until the deadline; only a lasting refusal ends a wait.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.exceptions import AepApiError, AepError, AepNotFoundError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.validation import checked_id

log = logging.getLogger(__name__)

T = TypeVar("T")

RUNS_PER_REQUEST = 50
# A run is not always to be seen right after it was made, and may be missing from a list for a moment.
GRACE_SECONDS = 300.0
# Somebody else holds the thing, or it is away. Asked once, that is a refusal; who has time to wait sees it pass.
_PASSING = {409, 410, 423}
_AT_ONCE = 4
_DEFAULT_PAUSE = 30.0
# After every so many lists that could not be read, their runs are looked at one by one.
_UNREADABLE_LISTS = 3


class Ask(Protocol):
    """Asks a call once, for an event loop: `AepClient.asend` without patience."""

    def __call__(self, call: Call[T], /) -> Awaitable[T]: ...


@dataclass
class Watched:
    """What became of a wait.

    :param run: as last seen; None if it never was.
    :param timed_out: the deadline came first.
    """

    run: FlowRun | None
    timed_out: bool = False


class Grace:
    """Tells what a wait can outlast: whatever passes by itself and, for a while, that something is not to be found."""

    def __init__(self, now: Callable[[], float] = time.time, missing_since: float | None = None) -> None:
        self._now = now
        self._missing_since = missing_since

    def seen(self) -> None:
        """The thing was found."""
        self._missing_since = None

    def outlasts(self, problem: AepError) -> bool:
        """Whether the wait goes on."""
        if not isinstance(problem, AepNotFoundError):
            # A redirect is a proxy that wants somebody to sign in: the platform itself sends none.
            passing = isinstance(problem, AepApiError) and (problem.status in _PASSING or 300 <= problem.status < 400)
            return problem.retryable or passing
        self._missing_since = self._missing_since or self._now()
        return self._now() - self._missing_since <= GRACE_SECONDS


@dataclass
class _Wait:
    run_id: str
    done: asyncio.Future[FlowRun]
    grace: Grace
    last: FlowRun | None = None
    unreadable_lists: int = 0


@dataclass
class _Round:
    """The waits that look equally often, and the task that looks for them."""

    waits: dict[str, list[_Wait]] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None


class RunWatcher:
    """Watches runs through one `ask`.

    :param now: wall-clock time in epoch seconds.
    :param sleep: as `asyncio.sleep`.
    """

    def __init__(
        self,
        ask: Ask,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self.ask = ask
        self._now = now
        self._sleep = sleep
        self._rounds: dict[float, _Round] = {}
        self._paused_until = 0.0
        self._pause_reason: AepApiError | None = None
        self._lists_refused = False
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def wait(self, run_id: str, *, poll_interval: float, deadline: float | None) -> Watched:
        """Wait until a run has ended.

        :param poll_interval: seconds between two looks.
        :param deadline: wall-clock epoch seconds; None waits for ever. At the deadline there is one more look.
        :raises AepApiError: a lasting refusal.
        :raises AepConfigError: `run_id` is none.
        """
        checked_id("run_id", run_id)
        if deadline is not None and self._now() >= deadline:
            return await self._last_look(run_id, None)
        wait = _Wait(run_id, asyncio.get_running_loop().create_future(), Grace(self._now))
        this_round = self._join(wait, poll_interval)
        try:
            return Watched(await self._until(wait.done, deadline))
        except TimeoutError:
            return await self._last_look(run_id, wait.last)
        finally:
            self._leave(wait, this_round)

    async def look(self, call: Call[T], *, last: bool = False) -> T:
        """Ask what one wait alone wants to know: in turn with all others, and not within the pause of all.

        :param last: there is no later look. A short pause is waited out then, as no deadline is that exact; in a long
            one there is no look, for many waits may have this deadline and each would ask where none shall.
        :raises AepError: as `ask`; within a pause, without asking, what began it.
        """
        give_up = self._now() + _DEFAULT_PAUSE
        while last and self._now() < self._paused_until <= give_up:
            await self._sleep(self._paused_until - self._now())
        async with self._at_once:
            if self._pause_reason is not None and self._now() < self._paused_until:
                raise self._pause_reason.copy()
            try:
                return await self.ask(call)
            except AepError as problem:
                self._heed(problem)
                raise

    def _heed(self, problem: AepError) -> None:
        """One 429 pauses all."""
        if isinstance(problem, AepApiError) and problem.status == 429:
            pause = _DEFAULT_PAUSE if problem.retry_after is None else problem.retry_after
            self._paused_until = max(self._paused_until, self._now() + pause)
            self._pause_reason = problem.copy()

    async def _until(self, done: asyncio.Future[FlowRun], deadline: float | None) -> FlowRun:
        if deadline is None:
            return await done
        while not done.done():
            # Wall-clock time may jump, so it is read again and again.
            left = deadline - self._now()
            if left <= 0:
                raise TimeoutError
            sleeper = asyncio.ensure_future(self._sleep(min(left, 60.0)))
            try:
                await asyncio.wait({done, sleeper}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeper.cancel()
        return done.result()

    async def _last_look(self, run_id: str, last: FlowRun | None) -> Watched:
        try:
            run = await self.look(flow_service.get_run(run_id), last=True)
        except AepError as problem:
            log.warning("The last look before the deadline failed: %s", problem)
            return Watched(last, timed_out=True)
        return Watched(run, timed_out=not run.finished)

    def _join(self, wait: _Wait, poll_interval: float) -> _Round:
        this_round = self._rounds.setdefault(poll_interval, _Round())
        this_round.waits.setdefault(wait.run_id, []).append(wait)
        if this_round.task is None or this_round.task.done():
            this_round.task = asyncio.create_task(self._look_repeatedly(this_round, poll_interval))
            this_round.task.add_done_callback(partial(_tell_of_defect, this_round))
        return this_round

    def _leave(self, wait: _Wait, this_round: _Round) -> None:
        others = this_round.waits[wait.run_id]
        others.remove(wait)
        if not others:
            del this_round.waits[wait.run_id]
        if not this_round.waits and this_round.task:
            this_round.task.cancel()
            this_round.task = None

    async def _look_repeatedly(self, this_round: _Round, poll_interval: float) -> None:
        # The waits were looked at by their workers a moment ago, so the round begins with a sleep. Jitter keeps
        # many triggerers from looking at the same moment. Whoever leaves last ends it.
        while True:
            await self._sleep(poll_interval * random.uniform(0.9, 1.1))
            while (pause := self._paused_until - self._now()) > 0:
                await self._sleep(pause)
            ids = list(this_round.waits)
            chunks = [ids[at : at + RUNS_PER_REQUEST] for at in range(0, len(ids), RUNS_PER_REQUEST)]
            await asyncio.gather(*(self._look(this_round, chunk) for chunk in chunks))

    async def _look(self, this_round: _Round, ids: Sequence[str]) -> None:
        async with self._at_once:
            if self._now() < self._paused_until:
                return
            left = list(ids)
            if not self._lists_refused and len(ids) > 1:
                try:
                    runs = await self.ask(flow_service.get_runs(ids))
                except AepError as problem:
                    left = self._on_refused_list(this_round, ids, problem)
                else:
                    for run in runs:
                        self._tell(this_round, run)
                    # Whether a list of ids is always answered in full is not published.
                    found = {run.id for run in runs}
                    left = [run_id for run_id in ids if run_id not in found]
            for run_id in left:
                await self._look_at_one(this_round, run_id)

    def _on_refused_list(self, this_round: _Round, ids: Sequence[str], problem: AepError) -> list[str]:
        """Returns the runs that are to be looked at alone."""
        if isinstance(problem, AepApiError) and problem.status == 400:
            log.warning("The platform refuses lists of runs, asking for each run alone from now on: %s", problem)
            self._lists_refused = True
        if isinstance(problem, AepApiError) and problem.status in (400, 403, 404):
            # One run that may not be read must not hide the others of its list.
            return list(ids)
        for run_id in ids:
            self._note(this_round, run_id, problem)
        if not isinstance(problem, AepApiError) or problem.status >= 300:
            return []
        # Nor must one that cannot be read; but most lists that cannot are well again in the next round.
        return [run_id for run_id in ids if _often_unreadable(this_round, run_id)]

    async def _look_at_one(self, this_round: _Round, run_id: str) -> None:
        if self._now() < self._paused_until:
            return
        try:
            self._tell(this_round, await self.ask(flow_service.get_run(run_id)))
        except AepError as problem:
            self._note(this_round, run_id, problem)

    def _tell(self, this_round: _Round, run: FlowRun) -> None:
        for wait in this_round.waits.get(run.id, []):
            # What is kept anew from look to look makes Python's garbage collector walk the whole process.
            if wait.last is None or wait.last.status != run.status:
                wait.last = run.status_only()
            wait.unreadable_lists = 0
            wait.grace.seen()
            if run.finished and not wait.done.done():
                wait.done.set_result(run)

    def _note(self, this_round: _Round, run_id: str, problem: AepError) -> None:
        """Wait out what passes; end the wait on a lasting refusal."""
        self._heed(problem)
        log.info("Looked for run %s: %s", run_id, problem)
        for wait in this_round.waits.get(run_id, []):
            if not wait.grace.outlasts(problem) and not wait.done.done():
                wait.done.set_exception(problem)


def _often_unreadable(this_round: _Round, run_id: str) -> bool:
    """Count one more list that could not be read; whether it is time to look at the run alone."""
    often = False
    for wait in this_round.waits.get(run_id, []):
        wait.unreadable_lists = (wait.unreadable_lists + 1) % _UNREADABLE_LISTS
        often = often or wait.unreadable_lists == 0
    return often


def _tell_of_defect(this_round: _Round, task: asyncio.Task[None]) -> None:
    """Nobody may wait for a round that has ended by a defect of ours."""
    defect = None if task.cancelled() else task.exception()
    if defect is not None:
        for wait in itertools.chain(*this_round.waits.values()):
            with suppress(asyncio.InvalidStateError):
                wait.done.set_exception(defect)


_watchers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Hashable, RunWatcher]] = WeakKeyDictionary()


def shared_watcher(key: Hashable, ask: Ask) -> RunWatcher:
    """This event loop's one watcher for a key: connection and sandbox. From now on it asks by `ask`.

    Whoever comes last has read the connection last, so a changed secret reaches those who wait already.
    """
    watchers = _watchers.setdefault(asyncio.get_running_loop(), {})
    watcher = watchers.setdefault(key, RunWatcher(ask))
    watcher.ask = ask
    return watcher
