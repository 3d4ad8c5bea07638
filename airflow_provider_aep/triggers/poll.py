"""The polling loop of all triggers that wait for something else than the end of a known run."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from airflow_provider_aep.api.call import Call
from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.runs.pacing import OutagePolicy, Pacer

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


@dataclass
class Polled(Generic[R]):
    """What became of a wait.

    :param found: as last seen; None if it never was.
    :param timed_out: the deadline came first.
    :param problem: why the last poll failed; None if it did not.
    """

    found: R | None
    timed_out: bool
    problem: str | None = None


async def poll_until(
    pacer: Pacer,
    call: Call[T],
    find: Callable[[T], R | None],
    done: Callable[[R], bool],
    *,
    what: str,
    poll_interval: float,
    deadline: float | None,
    outage: OutagePolicy | None = None,
) -> Polled[R]:
    """Send a call again and again, until what it finds is done or the deadline has passed.

    :param find: takes what is waited for out of an answer; None if it is not there yet.
    :param done: whether the wait for it is over.
    :param what: what is waited for, for the log.
    :param poll_interval: seconds between two polls.
    :param deadline: wall-clock epoch seconds; None waits for ever. At the deadline there is one more poll.
    :param outage: which errors are waited out.
    :raises AepError: a lasting refusal.
    """
    outage = outage or OutagePolicy()
    polled: Polled[R] = Polled(None, timed_out=False)
    while True:
        polled.timed_out = deadline is not None and time.time() >= deadline
        try:
            found = find(await pacer.poll(call, last=polled.timed_out))
        except AepError as problem:
            if not outage.is_transient(problem):
                raise
            polled.problem = str(problem)
            log.info("Still waiting for %s: %s", what, problem)
        else:
            outage.found()
            polled.found, polled.problem = found, None
            if found is not None and done(found):
                return Polled(found, timed_out=False)
        if polled.timed_out:
            return polled
        await _sleep(poll_interval, deadline)


async def _sleep(poll_interval: float, deadline: float | None) -> None:
    # Jitter keeps tasks that were deferred together from polling together for ever.
    seconds = poll_interval * random.uniform(0.9, 1.1)
    left = deadline - time.time() if deadline is not None else seconds
    await asyncio.sleep(max(0.0, min(seconds, left)))
