"""The waits for flow runs that poll equally often: up to 50 runs are asked for with one request."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import logging
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.exceptions import AepApiError, AepError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.pacing import OutagePolicy, Pacer

log = logging.getLogger(__name__)

RUNS_PER_REQUEST = 50
# After every so many lists that could not be read, their runs are asked for one by one.
_UNREADABLE_LISTS = 3


@dataclass
class Wait:
    """One wait for one run.

    :param done: gets the run once it has ended, or the error that ends the wait.
    :param last: the run as last seen, with its ids and status only.
    :param context: of the task that waits. Airflow's triggerer tells by it in whose log a line belongs, and a group
        polls in the context of the wait that came first.
    """

    run_id: str
    done: asyncio.Future[FlowRun]
    outage: OutagePolicy
    last: FlowRun | None = None
    unreadable_lists: int = 0
    context: contextvars.Context = field(default_factory=contextvars.copy_context)

    def log(self, message: str, *values: object) -> None:
        """Write a line into the log of the task that waits."""
        self.context.run(log.info, message, *values)


@dataclass
class ListSupport:
    """Whether the platform refuses lists of runs: what one group finds out, all groups of a watcher know."""

    refused: bool = False


class PollGroup:
    """Polls for its waits as long as there are any.

    :param poll_interval: seconds between two polls.
    """

    def __init__(self, pacer: Pacer, poll_interval: float, lists: ListSupport) -> None:
        self._pacer = pacer
        self._poll_interval = poll_interval
        self._lists = lists
        self._waits: dict[str, list[Wait]] = {}
        self._task: asyncio.Task[None] | None = None

    def join(self, wait: Wait) -> None:
        """Poll for this wait, too."""
        self._waits.setdefault(wait.run_id, []).append(wait)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll_repeatedly())
            self._task.add_done_callback(self._fail_on_defect)

    def leave(self, wait: Wait) -> None:
        """Poll for this wait no more."""
        others = self._waits[wait.run_id]
        others.remove(wait)
        if not others:
            del self._waits[wait.run_id]
        if not self._waits and self._task:
            self._task.cancel()
            self._task = None

    async def _poll_repeatedly(self) -> None:
        # The runs were polled by their workers a moment ago, so the group begins with a sleep. Jitter keeps many
        # triggerers from polling at the same moment. The wait that leaves last ends this.
        while True:
            await self._pacer.sleep(self._poll_interval * random.uniform(0.9, 1.1))
            await self._pacer.sleep_through_pause()
            ids = list(self._waits)
            chunks = [ids[at : at + RUNS_PER_REQUEST] for at in range(0, len(ids), RUNS_PER_REQUEST)]
            await asyncio.gather(*(self._poll(chunk) for chunk in chunks))

    async def _poll(self, ids: Sequence[str]) -> None:
        async with self._pacer.slots:
            if self._pacer.pause_left > 0:
                return
            one_by_one = ids if self._lists.refused or len(ids) == 1 else await self._poll_list(ids)
            for run_id in one_by_one:
                await self._poll_one(run_id)

    async def _poll_list(self, ids: Sequence[str]) -> Sequence[str]:
        """Ask for all runs at once. Returns those that are still to be asked for alone."""
        try:
            runs = await self._pacer.attempt(flow_service.get_runs(ids))
        except AepError as problem:
            return self._after_failed_list(ids, problem)
        for run in runs:
            self._deliver(run)
        # Whether a list of ids is always answered in full is not published.
        found = {run.id for run in runs}
        return [run_id for run_id in ids if run_id not in found]

    def _after_failed_list(self, ids: Sequence[str], problem: AepError) -> Sequence[str]:
        """Returns the runs that are to be asked for alone."""
        if isinstance(problem, AepApiError) and problem.status == 400:
            log.warning("The platform refuses lists of runs, asking for each run alone from now on: %s", problem)
            self._lists.refused = True
        if isinstance(problem, AepApiError) and problem.status in (400, 403, 404):
            # One run that may not be read must not hide the others of its list.
            return ids
        for run_id in ids:
            self._on_error(run_id, problem)
        if not isinstance(problem, AepApiError) or problem.status >= 300:
            return []
        # Nor must one that cannot be read; but most lists that cannot are well again at the next poll.
        return [run_id for run_id in ids if self._often_unreadable(run_id)]

    async def _poll_one(self, run_id: str) -> None:
        if self._pacer.pause_left > 0:
            return
        try:
            self._deliver(await self._pacer.attempt(flow_service.get_run(run_id)))
        except AepError as problem:
            self._on_error(run_id, problem)

    def _deliver(self, run: FlowRun) -> None:
        """Hand a run to all who wait for it."""
        for wait in self._waits.get(run.id, []):
            # What is kept anew from poll to poll makes Python's garbage collector walk the whole process.
            if wait.last is None or wait.last.status != run.status:
                wait.last = run.status_only()
                wait.log("Flow run %s: %s", run.id, run.status)
            wait.unreadable_lists = 0
            wait.outage.found()
            if run.finished and not wait.done.done():
                wait.done.set_result(run)

    def _on_error(self, run_id: str, problem: AepError) -> None:
        """Wait out a transient error; end the waits for this run on a lasting refusal."""
        for wait in self._waits.get(run_id, []):
            wait.log("Looked for run %s: %s", run_id, problem)
            if not wait.outage.is_transient(problem) and not wait.done.done():
                wait.done.set_exception(problem)

    def _often_unreadable(self, run_id: str) -> bool:
        """Count one more list that could not be read; whether it is time to ask for the run alone."""
        often = False
        for wait in self._waits.get(run_id, []):
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
