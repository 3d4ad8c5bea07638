"""What all sensors share: how they wait, in each of Airflow's modes, and how they end."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.sdk import BaseOperator, BaseSensorOperator, PokeReturnValue

from airflow_provider_aep.exceptions import AepError, AepNotFoundError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.models.times import epoch_seconds
from airflow_provider_aep.runs.judge import SAMPLE_ROWS, row_limit
from airflow_provider_aep.runs.pacing import OutagePolicy
from airflow_provider_aep.sensors.since import Since
from airflow_provider_aep.task.attempt import seconds_since_start
from airflow_provider_aep.task.compat import TaskDeferralTimeout, conf
from airflow_provider_aep.task.events import batch_in, raise_error_in, run_in
from airflow_provider_aep.task.failure import skip_or_fail
from airflow_provider_aep.task.lineage import LineageMixin
from airflow_provider_aep.task.rendering import KeepTextMixin
from airflow_provider_aep.task.waiting import (
    Deadline,
    LastSeen,
    announce_run,
    log_resumed,
    sensor_timed_out,
    task_result,
)
from airflow_provider_aep.task.xcom import link_dataflow
from airflow_provider_aep.validation import Problems

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.api.call import Call
    from airflow_provider_aep.triggers.flow_run import AepTrigger

_NO_SANDBOX = ("2100-404", "2101-404")

T = TypeVar("T")


class AepSensor(LineageMixin, KeepTextMixin, BaseSensorOperator):
    """What all sensors share. In every mode: an outage is waited out, an unknown status is never success, and
    `soft_fail` skips on a time-out only.

    :param policy: see `RunPolicy`; a dict or None.
    :param sample_rows: how many rows that AEP rejected are in the task log if the run failed; 0 asks for none. They
        are data of your customers, and so they are in neither the error nor an XCom.
    :param deferrable: wait in the triggerer.
    :param poll_interval: seconds between two polls, in every mode.
    :param timeout: seconds after which to give up, as for any sensor; `execution_timeout` counts waiting, too.
    :param aep_conn_id: the Airflow connection, of type ``aep``.
    :param sandbox: the sandbox, instead of the connection's.
    """

    ui_color = "#fdf1e7"
    shallow_copy_attrs = ("_since",)
    since: Any
    # The dataflow; of a sensor that is told a run, as soon as that is read. Batches do not tell theirs.
    flow_id: str | None = None

    def __init__(
        self,
        *,
        policy: Mapping[str, Any] | RunPolicy | None = None,
        sample_rows: int | str = SAMPLE_ROWS,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        poll_interval: float = 30,
        aep_conn_id: str = "aep_default",
        sandbox: str | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("poke_interval", poll_interval)
        super().__init__(**kwargs)
        self.policy = policy.model_dump() if isinstance(policy, RunPolicy) else policy
        self.sample_rows = sample_rows
        self.deferrable = deferrable
        self.poll_interval = poll_interval
        self.aep_conn_id = aep_conn_id
        self.sandbox = sandbox
        self._outage = OutagePolicy()
        # Whether an earlier part of this task has polled already, in the mode ``reschedule``.
        self.rescheduled = False
        # When the wait began, wall-clock epoch seconds; not yet.
        self._begun = math.inf
        self._since: Since | None = None
        # The run or batch as last seen, and what there was instead.
        self._seen: FlowRun | Batch | None = None
        self._nothing: str | None = None
        # Whether all is known that the trigger must be told: from the arguments, or since a poll was answered.
        self._target_known = False

    def check(self, problems: Problems) -> None:
        """Note what is wrong with the arguments, before anything is asked."""
        problems.attempt(RunPolicy.of, self.policy)
        problems.attempt(row_limit, self.sample_rows)
        if self.since is not None:
            problems.attempt(epoch_seconds, self.since, "since")

    def poll(self, context: Context) -> FlowRun | Batch | None:
        """Ask once; the run or batch once it has ended. The sensors of this folder implement it.

        :raises AepError: the platform refuses, or cannot be reached.
        """
        raise NotImplementedError

    def awaited(self, since: int | None) -> str:
        """What is waited for, as words that begin with "for". The sensors of this folder implement it.

        :param since: epoch milliseconds from which on a run or batch counts; None if that is not known.
        """
        raise NotImplementedError

    def trigger(self, context: Context) -> AepTrigger:
        """What goes on polling in the triggerer. The sensors of this folder implement it."""
        raise NotImplementedError

    @cached_property
    def hook(self) -> AepHook:
        return AepHook(self.aep_conn_id, self.sandbox)

    def send(self, call: Call[T]) -> T:
        """Send a call. The client's patience ends with the wait."""
        client = self.hook.get_conn()
        return client.send(call, patience=max(0.0, min(client.patience, self._seconds_left())))

    def trigger_arguments(self) -> dict[str, Any]:
        """The arguments that every trigger has."""
        return {
            "aep_conn_id": self.aep_conn_id,
            "sandbox": self.sandbox,
            "poll_interval": self.poll_interval,
            "deadline": self._deadline.at,
        }

    def __getstate__(self) -> dict[str, Any]:
        """Of a pickled sensor: what it knows of the platform's clock stays with its client."""
        return {**super().__getstate__(), "_since": None}  # type: ignore[no-untyped-call]

    def since_time(self, context: Context) -> Since:
        """From when on a run or batch counts."""
        if self._since is None:
            self._since = Since(self.since, context, self.hook.get_conn())
        return self._since

    def execute(self, context: Context) -> Any:
        with skip_or_fail(self.soft_fail, self.never_fail):
            problems = Problems(f"question of task {self.task_id!r}")
            self.check(problems)
            problems.raise_if_any()
            first = context["ti"].get_first_reschedule_date(context) if self.reschedule else None
            self.rescheduled = first is not None
            self._begun = first.timestamp() if first else time.time()
            link_dataflow(context, self.hook.get_conn(), self.flow_id)
            return self._wait_in_triggerer(context) if self.deferrable else super().execute(context)

    def poke(self, context: Context) -> PokeReturnValue | bool:
        while True:
            # The clock is read before the poll and judged by after it: what ended in time is not late.
            late = self._seconds_left() <= 0
            missing = False
            failure = None
            try:
                ended = self.poll(context)
            except AepError as problem:
                if not self._is_transient(problem):
                    raise
                self.log.warning("Still waiting: %s", problem)
                missing = isinstance(problem, AepNotFoundError)
                failure = str(problem)
            else:
                self._outage.found()
                self._target_known = True
                if ended is not None:
                    return PokeReturnValue(is_done=True, xcom_value=self._result(context, ended))
            if late:
                since = self._since.exactly() if self._since else None
                seen = LastSeen(self._seen, self._nothing, failure)
                raise sensor_timed_out(self._deadline, self.awaited(since), seen)
            if self._seconds_left() <= 0:
                continue  # This poll was under way at the deadline. Airflow's own time-out would not say of what.
            if not (self.reschedule and missing):
                return False
            # Nothing is remembered between two parts of a rescheduled task: since when it is missing is known within
            # this one only.
            time.sleep(max(0.0, min(self.poll_interval, self._seconds_left())))

    def _get_next_poke_interval(self, *arguments: Any, **more: Any) -> float:
        """Airflow's pause; but the last poll is at the deadline."""
        return float(max(0.0, min(super()._get_next_poke_interval(*arguments, **more), self._seconds_left())))

    def _wait_in_triggerer(self, context: Context) -> Any:
        found = self.poke(context)
        if isinstance(found, PokeReturnValue):
            return found.xcom_value
        # Imported here because Airflow's triggers are slow to import, and every DAG file imports the sensors.
        from airflow_provider_aep.triggers.flow_run import AepAnswerTrigger

        # In an outage from the start even what to wait for is not known: that is for the first poll to say.
        known = self._target_known
        trigger = self.trigger(context) if known else AepAnswerTrigger(**self.trigger_arguments())
        self.log.info("Waiting in the triggerer, looking every %g s", self.poll_interval)
        self.defer(trigger=trigger, method_name="execute_complete", timeout=self._deadline.defer_timeout())

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        with skip_or_fail(self.soft_fail, self.never_fail):
            try:
                # The base class would, with `soft_fail`, skip also because a trigger broke.
                return BaseOperator.resume_execution(self, next_method, next_kwargs, context)
            except TaskDeferralTimeout:
                seen = LastSeen(nothing="nothing, and the triggerer has not been heard of")
                raise sensor_timed_out(self._deadline, self.awaited(None), seen) from None

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Judge what the trigger saw, or poll for the first time if the platform has only now answered."""
        raise_error_in(event)
        log_resumed(event)
        seen = run_in(event) or batch_in(event)
        self._begun = self._deadline.as_kept_by(event).begun
        if event.get("timeout") or not (seen or event.get("answered")):
            if seen:
                self._seen = seen
                self.announce(context, seen)
            raise sensor_timed_out(self._deadline, self.awaited(event.get("since")), LastSeen.of_event(event))
        if seen is None:
            return self._wait_in_triggerer(context)
        return self._result(context, seen)

    def announce(self, context: Context, seen: FlowRun | Batch) -> None:
        """Push as XComs which run it is. A batch is not announced: it has no page in the platform's UI."""
        if isinstance(seen, FlowRun):
            client = self.hook.get_conn()
            link_dataflow(context, client, seen.flow_id)
            announce_run(context, client, seen)

    def keep_lineage(self, context: Context, ended: FlowRun | Batch) -> None:
        """Keep what OpenLineage and assets are told of the data. Of a batch, its own sensor knows the dataset."""
        if isinstance(ended, FlowRun):
            self.keep_dataflow_lineage(context, self.hook.get_conn(), ended.flow_id, ended)

    def _result(self, context: Context, ended: FlowRun | Batch) -> dict[str, Any]:
        """The summary, or the error that the verdict demands; the same in every mode."""
        self.announce(context, ended)
        self.keep_lineage(context, ended)
        # Imported here because Airflow's statistics are only for tasks that run.
        from airflow_provider_aep.hooks.metrics import count_ended

        # Airflow knows when a deferred sensor began, and a rescheduled one knows it by itself.
        count_ended(ended, max(time.time() - self._begun, seconds_since_start(context)))
        return task_result(self.hook.get_conn(), ended, self.policy, sample_rows=self.sample_rows)

    def _is_transient(self, problem: AepError) -> bool:
        """A run may be missing for a moment. A dataflow or a sandbox that is not there to begin with is a mistake."""
        if isinstance(problem, AepNotFoundError):
            seen_before = self._target_known or self.rescheduled
            if not seen_before or problem.code.endswith(_NO_SANDBOX):
                return False
        return self._outage.is_transient(problem)

    @property
    def _deadline(self) -> Deadline:
        return Deadline(self._begun, float(self.timeout), self.execution_timeout)

    def _seconds_left(self) -> float:
        """Seconds until the last poll of this process."""
        deadline = self._deadline
        return (deadline.at if self.deferrable else deadline.in_worker) - time.time()
