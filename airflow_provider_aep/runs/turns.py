"""Turns of the tasks that wait until a dataflow is free, each to start a run: one is woken at a time.

Woken all at once they would each take a worker, one would start its run, and all others would go back to wait for it.
So when a run has ended one of them is woken. The others watch what comes of it: the next run of the dataflow, whose end
is the next one's turn. Where no run has begun within a while, it is the next one's turn, too.

Who waits in another triggerer has a line of its own; there, too, each task looks for itself before it starts anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.watch import RunWatcher, Watched

# Seconds for a woken task to be scheduled, to start its run, and for that run to be seen.
TURN = 300.0


@dataclass
class Line:
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


_lines: WeakKeyDictionary[RunWatcher, dict[str, Line]] = WeakKeyDictionary()


def lines_of(watcher: RunWatcher) -> dict[str, Line]:
    """The lines of a connection and sandbox by dataflow, as far as tasks stand in them."""
    return _lines.setdefault(watcher, {})


async def wait_for_turn(
    watcher: RunWatcher, run_id: str, flow_id: str, *, poll_interval: float, deadline: float | None
) -> Watched:
    """Wait until a run has ended and it is this task's turn. Returns the run whose end was waited for last.

    :param flow_id: the dataflow of the run, of which the task is to start another one.
    :param poll_interval: seconds between two polls.
    :param deadline: wall-clock epoch seconds; None waits for ever.
    :raises AepApiError: a lasting refusal, for the first of the runs.
    """
    with _standing_in_line(lines_of(watcher), flow_id) as line:
        watched = await watcher.wait(run_id, poll_interval=poll_interval, deadline=deadline)
        while (
            watched.run is not None and not watched.timed_out and not line.takes_turn(watched.run, watcher.pacer.now())
        ):
            try:
                watched = await _next(watcher, line, flow_id, watched, poll_interval, deadline)
            except AepError:
                # The task will meet it, too, and say so.
                break
        return watched


@contextmanager
def _standing_in_line(lines: dict[str, Line], flow_id: str) -> Iterator[Line]:
    line = lines.setdefault(flow_id, Line())
    line.waiting += 1
    try:
        yield line
    finally:
        line.waiting -= 1
        if not line.waiting:
            del lines[flow_id]


async def _next(
    watcher: RunWatcher, line: Line, flow_id: str, watched: Watched, poll_interval: float, deadline: float | None
) -> Watched:
    """Wait for the run of the task that was woken. Returns it once it has ended; or the run before it, if none begins
    in time.
    """
    turn_ends = line.woken_at + TURN
    late = deadline is not None and deadline <= turn_ends
    until = deadline if late else turn_ends
    following = await watcher.wait_for_first_run(
        flow_id, line.after + 1, poll_interval=poll_interval, deadline=until, last_look=False
    )
    if following.run is None:
        return replace(watched, timed_out=late)
    return await watcher.wait(following.run.id, poll_interval=poll_interval, deadline=deadline)
