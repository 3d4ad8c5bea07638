"""The one retry loop of this package, and the table of its pauses.

A backoff is a sequence of pauses: the seconds before the second attempt, the third and so on. Where the sequence ends,
the attempts end. A plain tuple is one, and so is :class:`Exponential`.

* :func:`retry` makes an attempt again after an error.
* :func:`poll` reads again until what it reads is settled. Where that does not happen, nothing is raised.

    retry(lambda: send(delete_flow(flow_id)), RESOURCE, retry_if=lambda failure: failure.retryable, sleep=time.sleep)

Both wait with the `sleep` they are given, and a pause counts as long as it was meant to be: a test need not wait.

Why this is not tenacity: Airflow has loaded it already, so its import costs nothing (0.01 ms on top of `airflow.sdk`,
5 ms without it). But it counts the seconds that really passed, has neither `Retry-After` nor an attempt that turns out
to have succeeded (`between`), and puts five frames of its own into the traceback in a task's log. What would have to be
written around it is longer than the loop.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from airflow_provider_aep.exceptions import AepApiError, AepUnreachableError

log = logging.getLogger(__name__)

T = TypeVar("T")

Failure = AepApiError | AepUnreachableError


@dataclass(frozen=True)
class Exponential:
    """Pauses that double, up to a longest one.

    :param first: seconds of the first pause.
    :param longest: seconds that no pause exceeds.
    :param jitter: the share of a pause that is left to chance, so that many tasks do not come back at the same moment:
        with 0.5 a pause of 8 seconds takes 4 to 8.
    :param attempts: how many attempts there are at most, the first included; None: only patience ends them.
    """

    first: float
    longest: float
    jitter: float = 0.0
    attempts: int | None = None

    def __iter__(self) -> Iterator[float]:
        pauses = self._pauses()
        return pauses if self.attempts is None else islice(pauses, self.attempts - 1)

    def _pauses(self) -> Iterator[float]:
        pause = self.first
        while True:
            pause = min(pause, self.longest)
            yield pause * random.uniform(1.0 - self.jitter, 1.0)
            pause *= 2


# The table of pauses, in seconds.
# A request that may be repeated, for as long as the client's patience lasts.
REQUEST = Exponential(0.5, 20.0, jitter=0.5)
# A token.
TOKEN_REQUESTS = 5
TOKEN = Exponential(1.0, 16.0, jitter=0.5, attempts=TOKEN_REQUESTS)
# A create, update or delete of a resource that is busy, or whose answer was lost.
RESOURCE = Exponential(2.0, 15.0, attempts=6)
# A list shows what was just made at most so long after, each resource at a time of its own. Nothing about it is
# published: this is what the provider assumes.
LIST_LAG = 4.0
# Reads of a list that may show what a create made whose answer was lost.
LIST_CATCHES_UP = (1.0, LIST_LAG - 1.0)
# Several resources of one name: other tasks remove all but one of them, perhaps in the middle of an outage.
DUPLICATES_SETTLE = (1.0, 3.0, 8.0, 15.0)
# A dataflow that is to become enabled or disabled: it is "updating" or "disabling" for a moment after a change.
FLOW_STATE = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# The same for a task that is being killed: Airflow does not wait for long.
FLOW_STATE_ON_KILL = (1.0, 2.0, 4.0)
# Reads of the list of runs for one that was started and whose id was not answered.
RUN_APPEARS = (1.0, 2.0, 4.0, 8.0, 15.0)


def retry_after_or(failure: Failure, pause: float) -> float:
    """The seconds that the platform asked for (`Retry-After`), or else the pause of the table."""
    return failure.seconds_to_wait(pause)


def retry(
    attempt: Callable[[], T],
    pauses: Iterable[float],
    *,
    retry_if: Callable[[Failure], bool],
    sleep: Callable[[float], None],
    pause_after: Callable[[Failure, float], float] = lambda failure, pause: pause,
    patience: float = math.inf,
    between: Callable[[Failure], T | None] = lambda failure: None,
) -> T:
    """Make an attempt until it succeeds, and return its result.

    :param attempt: does the work once; only an `AepApiError` or an `AepUnreachableError` of it can be retried.
    :param pauses: seconds before the second attempt, the third and so on; where they end, the attempts end.
    :param retry_if: whether a further attempt may help and does no harm.
    :param sleep: waits for seconds; not called for a pause of 0.
    :param pause_after: seconds to wait after this failure, given the pause of the table: e.g. :func:`retry_after_or`.
    :param patience: seconds for attempts and pauses together; an attempt that would begin later is not made.
    :param between: called after the pause and before the next attempt, for example to read the live state again. If
        it returns something other than None, that is the result: the attempt succeeded after all. It may raise.
    :raises AepError: the last attempt's, or the first one that is not to be retried.
    """
    remaining = iter(pauses)
    while True:
        begun = time.monotonic()
        try:
            return attempt()
        except (AepApiError, AepUnreachableError) as failure:
            pause = next(remaining, None)
            if pause is None or not retry_if(failure):
                raise
            pause = pause_after(failure, pause)
            patience -= time.monotonic() - begun + pause
            if patience < 0:
                raise
            if pause > 0:
                log.info("%s. Asking again in %.1f s.", str(failure).rstrip("."), pause)
                sleep(pause)
            if (result := between(failure)) is not None:
                return result


def poll(
    read: Callable[[], T], pauses: Iterable[float], *, until: Callable[[T], bool], sleep: Callable[[float], None]
) -> T:
    """Read until what was read is settled, or the pauses are used up, and return what was read last.

    :param read: reads the live state once.
    :param pauses: seconds before the second time, the third and so on.
    :param until: whether it is settled, so that reading again is pointless.
    :param sleep: waits for seconds.
    """
    seen = read()
    for pause in pauses:
        if until(seen):
            break
        sleep(pause)
        seen = read()
    return seen
