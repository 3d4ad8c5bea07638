"""The pace of polling: at most a few requests at once, and one pause for all after a 429; and the errors through which
a wait goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.exceptions import AepApiError, AepError, AepNotFoundError

T = TypeVar("T")

# A run is not always to be seen right after it was made, and may be missing from a list for a moment. Seconds.
NOT_FOUND_GRACE = 300.0
# Somebody else holds the resource, or it is away. For a single request that is a refusal; a wait sees it pass.
_TRANSIENT = {409, 410, 423}
# How many requests of one connection and sandbox are under way at once.
_AT_ONCE = 4
# Seconds, after a 429 that names none.
_DEFAULT_PAUSE = 30.0


class AsyncSend(Protocol):
    """Sends a call once, from an event loop: `AepClient.asend` without patience."""

    def __call__(self, call: Call[T], /) -> Awaitable[T]: ...


class OutagePolicy:
    """Which errors a wait goes on through: those that pass by themselves and, for a while, "not found".

    :param now: wall-clock time in epoch seconds.
    :param missing_since: epoch seconds since which the resource has not been found, if that began before this wait.
    """

    def __init__(self, now: Callable[[], float] = time.time, missing_since: float | None = None) -> None:
        self._now = now
        self._missing_since = missing_since

    def found(self) -> None:
        """The resource was found: the next "not found" begins a new grace period."""
        self._missing_since = None

    def is_transient(self, problem: AepError) -> bool:
        """Whether the wait goes on."""
        if not isinstance(problem, AepNotFoundError):
            return problem.retryable or (isinstance(problem, AepApiError) and _passes(problem))
        if self._missing_since is None:
            self._missing_since = self._now()
        return self._now() - self._missing_since <= NOT_FOUND_GRACE


def _passes(problem: AepApiError) -> bool:
    """Whether an error passes by itself, though for a single request it is final."""
    # A redirect is a proxy that wants somebody to sign in: the platform itself sends none.
    return not problem.from_platform or problem.status in _TRANSIENT or 300 <= problem.status < 400


class Pacer:
    """Sends calls for all waits of an event loop on one connection and sandbox, and keeps the platform's pauses.

    :param send: may be replaced at any time, by one that knows a newer secret.
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
        self.send = send
        self.now = now
        self.sleep = sleep
        self.slots = asyncio.Semaphore(_AT_ONCE)
        self._paused_until = 0.0
        self._pause_reason: AepApiError | None = None

    @property
    def pause_left(self) -> float:
        """Seconds for which nothing may be sent; zero or less where there is no pause."""
        return self._paused_until - self.now()

    async def poll(self, call: Call[T], *, last: bool = False) -> T:
        """Send the call of one wait: in turn with all others, and not within the pause of all.

        :param last: there is no later poll. A short pause is waited out then, as no deadline is that exact; in a long
            one nothing is sent, for many waits may have this deadline.
        :raises AepError: as `send`; within a pause, without a request, the error that began it.
        """
        give_up = self.now() + _DEFAULT_PAUSE
        while last and self.now() < self._paused_until <= give_up:
            await self.sleep(self.pause_left)
        async with self.slots:
            if self._pause_reason is not None and self.pause_left > 0:
                raise self._pause_reason.copy()
            return await self.attempt(call)

    async def attempt(self, call: Call[T]) -> T:
        """Send a call now. The caller holds one of the `slots`.

        :raises AepError: as `send`.
        """
        try:
            return await self.send(call)
        except AepError as problem:
            self.pause_on_429(problem)
            raise

    def pause_on_429(self, problem: AepError) -> None:
        """Let one 429 pause all."""
        if isinstance(problem, AepApiError) and problem.status == 429:
            self._paused_until = max(self._paused_until, self.now() + problem.seconds_to_wait(_DEFAULT_PAUSE))
            self._pause_reason = problem.copy()

    async def sleep_through_pause(self) -> None:
        """Return when sending is allowed again."""
        while (left := self.pause_left) > 0:
            await self.sleep(left)
