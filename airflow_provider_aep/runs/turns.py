"""Turns of the tasks that wait until a dataflow is free, each to start a run: one is woken at a time.

Woken all at once they would each take a worker, one would start its run, and all others would go back to wait for it.
So when a run has ended one of them is woken. The others watch what comes of it: the next run of the dataflow, whose end
is the next one's turn. Where no run has begun within a while, it is the next one's turn, too.

The tasks in another triggerer have a queue of their own; there, too, each task lists the runs before it starts one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.watch import RunWatcher, WaitResult

# Seconds for a woken task to be scheduled, to start its run, and for that run to be seen.
TURN = 300.0


@dataclass
class Queue:
    """The tasks that wait for one dataflow.

    :param waiting: how many there are.
    :param after: when the run was made after whose end a task was woken last, in epoch milliseconds.
    :param woken_at: when that was, in wall-clock epoch seconds.
    """

    waiting: int = 0
    after: int = -1
    woken_at: float = 0.0

    def takes_turn(self, ended: FlowRun, now: float) -> bool:
        """Take the turn if no other task was woken since that run has ended, or nothing has come of it."""
        made = int(ended.created_at_or_started or 0)
        if made <= self.after and now < self.woken_at + TURN:
            return False
        self.after, self.woken_at = max(made, self.after), now
        return True


_queues: WeakKeyDictionary[RunWatcher, dict[str, Queue]] = WeakKeyDictionary()


def queues_of(watcher: RunWatcher) -> dict[str, Queue]:
    """The queues of a connection and sandbox by dataflow, without empty ones."""
    return _queues.setdefault(watcher, {})


async def wait_for_turn(
    watcher: RunWatcher, run_id: str, flow_id: str, *, poll_interval: float, deadline: float | None
) -> WaitResult:
    """Wait until a run has ended and it is this task's turn. Returns the run whose end was waited for last.

    :param flow_id: the dataflow of the run, of which the task is to start another one.
    :param poll_interval: seconds between two polls.
    :param deadline: wall-clock epoch seconds; None waits for ever.
    :raises AepApiError: a lasting refusal, for the first of the runs.
    """
    with _queued(queues_of(watcher), flow_id) as queue:
        watched = await watcher.wait(run_id, poll_interval=poll_interval, deadline=deadline)
        while (
            watched.run is not None and not watched.timed_out and not queue.takes_turn(watched.run, watcher.pacer.now())
        ):
            try:
                watched = await _next(watcher, queue, flow_id, watched, poll_interval, deadline)
            except AepError:
                # The task will meet it, too, and say so.
                break
        return watched


@contextmanager
def _queued(queues: dict[str, Queue], flow_id: str) -> Iterator[Queue]:
    queue = queues.setdefault(flow_id, Queue())
    queue.waiting += 1
    try:
        yield queue
    finally:
        queue.waiting -= 1
        if not queue.waiting:
            del queues[flow_id]


async def _next(
    watcher: RunWatcher, queue: Queue, flow_id: str, watched: WaitResult, poll_interval: float, deadline: float | None
) -> WaitResult:
    """Wait for the run of the task that was woken. Returns it once it has ended; or the run before it, if none begins
    in time.
    """
    turn_ends = queue.woken_at + TURN
    late = deadline is not None and deadline <= turn_ends
    until = deadline if late else turn_ends
    following = await watcher.wait_for_first_run(
        flow_id, queue.after + 1, poll_interval=poll_interval, deadline=until, last_poll=False
    )
    if following.run is None:
        return replace(watched, timed_out=late)
    return await watcher.wait(following.run.id, poll_interval=poll_interval, deadline=deadline)
