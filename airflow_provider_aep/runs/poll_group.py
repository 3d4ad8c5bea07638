"""The waits for one sort of thing that poll equally often: up to 50 are asked for with one request."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from airflow_provider_aep.api.call import id_chunks
from airflow_provider_aep.exceptions import AepApiError, AepError
from airflow_provider_aep.runs.list_support import ListSupport
from airflow_provider_aep.runs.lookup import Lookup
from airflow_provider_aep.runs.pacing import OutagePolicy, Pacer

log = logging.getLogger(__name__)

T = TypeVar("T")

# After every so many lists that could not be read, their keys are asked for one by one.
_UNREADABLE_LISTS = 3
# So many waits end before others of the event loop get their turn.
_ENDED_AT_ONCE = 5


@dataclass
class Wait(Generic[T]):
    """One wait.

    :param key: the id of the run, dataflow or dataset.
    :param done: gets what was waited for, or the error that ends the wait.
    :param since: epoch milliseconds from which on a run or batch counts.
    :param last: gives what was waited for as last seen, as far as it is remembered; None if it never was.
    :param context: of the task that waits. Airflow's triggerer tells by it in whose log a line belongs, and a group
        polls in the context of the wait that came first.
    """

    key: str
    done: asyncio.Future[T]
    outage: OutagePolicy
    since: int = 0
    last: Callable[[], T | None] = lambda: None
    last_status: str | None = None
    unreadable_lists: int = 0
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    def log(self, message: str, *values: object) -> None:
        """Write a line into the log of the task that waits."""
        self.context.run(log.info, message, *values)


class PollGroup(Generic[T]):
    """Polls for its waits as long as there are any.

    :param poll_interval: seconds between two polls.
    """

    def __init__(self, pacer: Pacer, poll_interval: float, lookup: Lookup[T], lists: ListSupport[T]) -> None:
        self._pacer = pacer
        self._poll_interval = poll_interval
        self._lookup = lookup
        self._lists = lists
        self._waits: dict[str, list[Wait[T]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._ended = 0

    def join(self, wait: Wait[T]) -> None:
        """Poll for this wait, too."""
        self._waits.setdefault(wait.key, []).append(wait)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll_repeatedly())
            self._task.add_done_callback(self._fail_on_defect)

    def leave(self, wait: Wait[T]) -> None:
        """Poll for this wait no more."""
        others = self._waits[wait.key]
        others.remove(wait)
        if not others:
            del self._waits[wait.key]
        if not self._waits and self._task:
            self._task.cancel()
            self._task = None

    async def _poll_repeatedly(self) -> None:
        # The workers have polled a moment ago, so the group begins with a sleep. Jitter keeps many triggerers from
        # polling at the same moment. The wait that leaves last ends this.
        while True:
            await self._pacer.sleep(self._poll_interval * random.uniform(0.9, 1.1))
            await self._pacer.sleep_through_pause()
            # A list reaches back to the earliest time of its waits: those with nearly the same share one.
            keys = sorted(self._waits, key=lambda key: self._since([key]))
            await asyncio.gather(*(self._poll(chunk) for chunk in id_chunks(keys)))
            await self._check_lists()

    async def _poll(self, keys: Sequence[str]) -> None:
        async with self._pacer.slots:
            if self._pacer.pause_left > 0:
                return
            one_by_one = await self._poll_list(keys) if self._lists.are_for(keys) else keys
            for key in one_by_one:
                await self._poll_one(key)

    async def _check_lists(self) -> None:
        """While it is not sure that lists are answered in full, ask for a few keys alone as well."""
        for key in self._lists.to_check(list(self._waits)):
            async with self._pacer.slots:
                found = await self._poll_one(key)
                others = [other for other in self._waits if other != key]
                if found and others:
                    await self._lists.check(self._pacer, others[0], key, found)

    async def _poll_list(self, keys: Sequence[str]) -> Sequence[str]:
        """Ask for all keys at once. Returns those that are still to be asked for alone."""
        try:
            listed = await self._pacer.attempt(self._lookup.together(keys, self._since(keys)))
        except AepError as problem:
            return self._after_failed_list(keys, problem)
        found: dict[str, list[T]] = defaultdict(list)
        for item in listed:
            for key in self._lookup.keys_of(item):
                found[key].append(item)
        if not self._lists.accept(listed, keys):
            return keys
        # Whether a list of ids is always answered in full is not published.
        left_out = [key for key in keys if key not in found] if self._lookup.lists_every_key else []
        # Nobody else keeps what one wait has got: the fewer there are when it is time, the less Python collects.
        del listed
        for key in keys:
            if key not in left_out:
                await self._deliver(key, found.pop(key, []))
        return left_out

    def _after_failed_list(self, keys: Sequence[str], problem: AepError) -> Sequence[str]:
        """Returns the keys that are to be asked for alone."""
        if self._lists.failed(problem):
            return keys
        for key in keys:
            self._on_error(key, problem)
        if not isinstance(problem, AepApiError) or problem.status >= 300:
            return []
        # One item that cannot be read must not hide the others; but most such lists can be read at the next poll.
        return [key for key in keys if self._often_unreadable(key)]

    async def _poll_one(self, key: str) -> list[T]:
        """Ask for one key. Returns what the platform showed."""
        if self._pacer.pause_left > 0 or key not in self._waits:
            return []
        try:
            found = await self._pacer.attempt(self._lookup.alone(key, self._since([key])))
        except AepError as problem:
            self._on_error(key, problem)
            return []
        items: list[T] = found if isinstance(found, list) else [found]
        await self._deliver(key, items)
        return items

    def _since(self, keys: Sequence[str]) -> int:
        """The earliest time from which on something counts for one of the waits."""
        return min((wait.since for key in keys for wait in self._waits.get(key, [])), default=0)

    async def _deliver(self, key: str, items: list[T]) -> None:
        """Hand what was found to all who wait for it."""
        for wait in list(self._waits.get(key, [])):
            wait.unreadable_lists = 0
            wait.outage.found()
            found = self._lookup.find(items, wait.since)
            if found is None:
                continue
            self._remember(wait, found)
            if self._lookup.ended(found) and not wait.done.done():
                wait.done.set_result(found)
                self._ended += 1
                if self._ended % _ENDED_AT_ONCE == 0:
                    await asyncio.sleep(0)

    def _remember(self, wait: Wait[T], found: T) -> None:
        """Remember what was found, and log it, if its status is another than before."""
        id_, status = getattr(found, "id", ""), getattr(found, "status", None)
        state = f"{id_}: {status}"
        if wait.last_status != state:
            wait.last, wait.last_status = self._lookup.remembered(found), state
            if self._lookup.title:
                wait.log("%s %s", self._lookup.title, state)

    def _on_error(self, key: str, problem: AepError) -> None:
        """Wait out a transient error; end the waits for this key on a lasting refusal."""
        for wait in self._waits.get(key, []):
            wait.log("Looked for %s %s: %s", self._lookup.noun, key, problem)
            if not wait.outage.is_transient(problem) and not wait.done.done():
                wait.done.set_exception(problem)

    def _often_unreadable(self, key: str) -> bool:
        """Count one more list that could not be read; whether it is time to ask for the key alone."""
        often = False
        for wait in self._waits.get(key, []):
            wait.unreadable_lists = (wait.unreadable_lists + 1) % _UNREADABLE_LISTS
            often = often or wait.unreadable_lists == 0
        return often

    def _fail_on_defect(self, task: asyncio.Task[None]) -> None:
        """End all waits if the polling has ended by a defect of this package."""
        defect = None if task.cancelled() else task.exception()
        if defect is not None:
            for wait in itertools.chain(*self._waits.values()):
                with suppress(asyncio.InvalidStateError):
                    wait.done.set_exception(defect)
