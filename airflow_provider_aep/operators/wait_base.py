"""What operators that wait for flow runs share: for how long, and how they wait in a worker or in the triggerer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow_provider_aep import runs
from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.operators.base import AepOperator
from airflow_provider_aep.task.attempt import seconds_since_start
from airflow_provider_aep.task.compat import conf
from airflow_provider_aep.task.events import run_in
from airflow_provider_aep.task.waiting import Deadline, LastSeen, for_end_of, run_timed_out
from airflow_provider_aep.validation import Problems

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.client.http import AepClient
    from airflow_provider_aep.runs.watch import WaitResult
    from airflow_provider_aep.triggers.flow_run import AepTrigger

_DAY = 24 * 60 * 60.0


class AepWaitingOperator(AepOperator):
    """A task that waits for flow runs.

    :param deferrable: wait in the triggerer.
    :param poll_interval: seconds between two polls.
    :param timeout: seconds to wait; `execution_timeout` counts waiting, too.
    """

    # The dataflow; of a task that is told a run, as soon as that is read.
    flow_id: str | None = None

    def __init__(
        self,
        *,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        poll_interval: float = 30,
        timeout: float | timedelta = _DAY,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.deferrable = deferrable
        self.poll_interval = poll_interval
        self.timeout: Any = timeout

    def check(self, problems: Problems) -> None:
        """Note what is wrong with the arguments, before anything is asked."""
        # Templates deliver text.
        self.poll_interval = problems.number("poll_interval", self.poll_interval)
        seconds = self.timeout.total_seconds() if isinstance(self.timeout, timedelta) else self.timeout
        self.timeout = problems.number("timeout", seconds)

    def _read_arguments(self) -> None:
        problems = Problems(f"run of task {self.task_id!r}")
        self.check(problems)
        problems.raise_if_any()

    def _deadline(self, begun: float | None = None) -> Deadline:
        return Deadline(begun or time.time(), float(self.timeout), self.execution_timeout)

    def _watch_until_end(self, client: AepClient, run: FlowRun, deadline: Deadline, *, started: bool = True) -> FlowRun:
        """Wait in this worker for the end of a run.

        :param started: whether it may be a run that this task started.
        :raises AirflowTaskTimeout: the time is up.
        """

        async def watch() -> WaitResult:
            watcher = runs.watch.RunWatcher(lambda call: client.asend(call, patience=0))
            return await watcher.wait(run.id, poll_interval=self.poll_interval, deadline=deadline.in_worker)

        watched = asyncio.run(watch())
        if watched.timed_out or watched.run is None:
            seen = LastSeen(watched.run, problem=watched.problem)
            raise run_timed_out(deadline, for_end_of(run.id, run.flow_id), seen, started=started)
        return watched.run

    def _count_ended(self, context: Context, run: FlowRun) -> None:
        """Tell Airflow's statistics what the run moved, and how long this try has taken."""
        # Imported here because Airflow's statistics are only for tasks that run.
        from airflow_provider_aep.hooks.metrics import count_ended

        count_ended(run, seconds_since_start(context))

    def _awaited(self, event: dict[str, Any]) -> str:
        """What the trigger of an event waited for."""
        run = run_in(event)
        run_id = event.get("run_id")
        flow_id = run.flow_id if run else self.flow_id
        return for_end_of(run_id, flow_id) if run_id else "for the platform to answer"

    def _defer_until_end(
        self, run_id: str, deadline: Deadline, method: str, kwargs: dict[str, Any], **kill: Any
    ) -> None:
        # Imported here because Airflow's triggers are slow to import, and every DAG file imports the operators.
        from airflow_provider_aep.triggers.flow_run import AepFlowRunTrigger

        self.log.info("Waiting for flow run %s in the triggerer, looking every %g s", run_id, self.poll_interval)
        self._defer(partial(AepFlowRunTrigger, run_id=run_id, **kill), deadline, method, kwargs)

    def _defer_until_reachable(
        self, problem: AepError, deadline: Deadline, method: str, kwargs: dict[str, Any]
    ) -> None:
        """Wait in the triggerer for the end of an outage, if that is where the task waits and there is time."""
        if not (self.deferrable and problem.retryable) or deadline.passed:
            return
        from airflow_provider_aep.triggers.flow_run import AepAnswerTrigger

        self.log.warning("Nothing was started yet, waiting in the triggerer until the platform answers: %s", problem)
        self._defer(AepAnswerTrigger, deadline, method, kwargs)

    def _defer(
        self, trigger: Callable[..., AepTrigger], deadline: Deadline, method: str, kwargs: dict[str, Any]
    ) -> None:
        self.defer(
            trigger=trigger(
                aep_conn_id=self.aep_conn_id,
                sandbox=self.sandbox,
                poll_interval=self.poll_interval,
                deadline=deadline.at,
                resume=kwargs,
            ),
            method_name=method,
            kwargs=kwargs,
            timeout=deadline.defer_timeout(),
        )
