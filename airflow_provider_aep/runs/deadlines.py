"""The deadlines of many waits, with one sleep for all of them.

A sleep for each of a thousand waits, begun anew every minute, is work for Python's garbage collector, which walks
through all of Airflow meanwhile, while the event loop stands still.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any

# Wall-clock time may jump, so it is read again after so many seconds.
_LONGEST_SLEEP = 60.0


class Deadlines:
    """Ends waits with a `TimeoutError` when their time has come.

    :param now: wall-clock time in epoch seconds.
    :param sleep: as `asyncio.sleep`.
    """

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], Awaitable[Any]]) -> None:
        self._now = now
        self._sleep = sleep
        self._waits: dict[asyncio.Future[Any], float] = {}
        self._task: asyncio.Task[None] | None = None
        self._earliest = math.inf
        self._wakes_at = math.inf

    def add(self, wait: asyncio.Future[Any], deadline: float | None) -> None:
        """End this wait at a wall-clock time; None: never.

        :param deadline: epoch seconds.
        """
        if deadline is None:
            return
        self._waits[wait] = deadline
        self._earliest = min(self._earliest, deadline)
        if self._task is None or deadline < self._wakes_at:
            self._stop()
            # It has not slept yet, so further waits need not begin it anew.
            self._wakes_at = -math.inf
            self._task = asyncio.create_task(self._end_in_time())

    def remove(self, wait: asyncio.Future[Any]) -> None:
        """End this wait no more."""
        if self._waits.pop(wait, None) is not None and not self._waits:
            self._stop()

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _end_in_time(self) -> None:
        # The wait that leaves last ends this.
        while True:
            now = self._now()
            if now >= self._earliest:
                for wait, deadline in self._waits.items():
                    if deadline <= now and not wait.done():
                        wait.set_exception(TimeoutError())
                self._earliest = min((each for each in self._waits.values() if each > now), default=math.inf)
            self._wakes_at = min(self._earliest, now + _LONGEST_SLEEP)
            await self._sleep(self._wakes_at - now)
