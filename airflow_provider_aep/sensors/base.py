"""What both sensors share: how they wait, in each of Airflow's modes, and how they end."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.sdk import BaseOperator, BaseSensorOperator, PokeReturnValue

from airflow_provider_aep.exceptions import AepError, AepNotFoundError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.links import RUN_URL_KEY, AepFlowRunLink, flow_run_url
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.models.times import epoch_seconds
from airflow_provider_aep.runs.judge import SAMPLES_PATIENCE, EmptyRunError, judge
from airflow_provider_aep.runs.report import describe
from airflow_provider_aep.runs.watch import Grace
from airflow_provider_aep.task.compat import (
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferralError,
    TaskDeferralTimeout,
    conf,
)
from airflow_provider_aep.task.failure import fail_without_retry
from airflow_provider_aep.task.waiting import before_alarm
from airflow_provider_aep.task.xcom import push
from airflow_provider_aep.triggers.refusals import refusal_of
from airflow_provider_aep.validation import Problems

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.api.call import Call
    from airflow_provider_aep.client.http import AepClient
    from airflow_provider_aep.triggers.flow_run import AepTrigger

_NO_SANDBOX = ("2100-404", "2101-404")
_DAY_MS = 24 * 60 * 60 * 1000
# The trigger keeps the deadline and says so itself; Airflow's own limit is for a triggerer that is lost.
_LOST_TRIGGER = timedelta(minutes=10)

T = TypeVar("T")


class AepSensor(BaseSensorOperator):
    """What both sensors share. In every mode: an outage is waited out, an unknown status is never success, and
    `soft_fail` skips on a time-out only.

    :param policy: see `RunPolicy`; a dict or None.
    :param deferrable: wait in the triggerer.
    :param poll_interval: seconds between two looks, in every mode.
    :param timeout: seconds after which to give up, as for any sensor; `execution_timeout` counts waiting, too.
    :param aep_conn_id: the Airflow connection, of type ``aep``.
    :param sandbox: the sandbox, instead of the connection's.
    """

    ui_color = "#fdf1e7"
    since: Any

    def __init__(
        self,
        *,
        policy: Mapping[str, Any] | RunPolicy | None = None,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        poll_interval: float = 30,
        aep_conn_id: str = "aep_default",
        sandbox: str | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("poke_interval", poll_interval)
        super().__init__(**kwargs)
        self.policy = policy.model_dump() if isinstance(policy, RunPolicy) else policy
        self.deferrable = deferrable
        self.poll_interval = poll_interval
        self.aep_conn_id = aep_conn_id
        self.sandbox = sandbox
        self._grace = Grace()
        # When the wait began, wall-clock epoch seconds; not yet.
        self._begun = math.inf
        self._since_ms: int | None = None
        # Whether a look was answered, so that all is known that the trigger must be told.
        self._answered = False

    @cached_property
    def hook(self) -> AepHook:
        return AepHook(self.aep_conn_id, self.sandbox)

    def execute(self, context: Context) -> Any:
        with self._ended():
            problems = Problems(f"question of task {self.task_id!r}")
            self.check(problems)
            problems.raise_if_any()
            self._begun = self._first_look(context)
            return self._wait_in_triggerer(context) if self.deferrable else super().execute(context)

    def _wait_in_triggerer(self, context: Context) -> Any:
        found = self.poke(context)
        if isinstance(found, PokeReturnValue):
            return found.xcom_value
        self.log.info("Waiting in the triggerer, looking every %g s", self.poll_interval)
        self.defer(
            trigger=self.trigger(context) if self._answered else self._answer_trigger(),
            method_name="execute_complete",
            timeout=timedelta(seconds=max(1.0, self._seconds_left())) + _LOST_TRIGGER,
        )

    def _answer_trigger(self) -> AepTrigger:
        """In an outage from the start even what to wait for is not known: that is for the first look to say."""
        from airflow_provider_aep.triggers.flow_run import AepAnswerTrigger

        return AepAnswerTrigger(
            aep_conn_id=self.aep_conn_id,
            sandbox=self.sandbox,
            poll_interval=self.poll_interval,
            deadline=self._begun + self._limit,
        )

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        with self._ended():
            try:
                # The base class would, with `soft_fail`, skip also because a trigger broke.
                return BaseOperator.resume_execution(self, next_method, next_kwargs, context)
            except TaskDeferralTimeout:
                raise self._timed_out("the triggerer has not been heard of") from None

    def poke(self, context: Context) -> PokeReturnValue | bool:
        while True:
            # The clock is read before the look and heeded after it: what ended in time is not late.
            late = self._seconds_left() <= 0
            missing = False
            said = "it had not ended"
            try:
                ended = self.look(context)
            except AepError as problem:
                if not self._outlasts(context, problem):
                    raise
                self.log.warning("Still waiting: %s", problem)
                missing = isinstance(problem, AepNotFoundError)
                said = str(problem)
            else:
                self._grace.seen()
                self._answered = True
                if ended is not None:
                    return PokeReturnValue(is_done=True, xcom_value=self.judge(context, ended))
            if late:
                raise self._timed_out(f"the last look: {said}")
            if not (self.reschedule and missing):
                return False
            # Nothing is remembered between two legs: since when it is missing is known within this one only.
            time.sleep(max(0.0, min(self.poll_interval, self._seconds_left())))

    def _get_next_poke_interval(self, *arguments: Any, **more: Any) -> float:
        """Airflow's pause; but the last look is at the deadline."""
        return max(0.0, min(super()._get_next_poke_interval(*arguments, **more), self._seconds_left()))

    def send(self, call: Call[T]) -> T:
        """Ask a call. The client's patience ends with the wait."""
        client = self.hook.get_conn()
        return client.send(call, patience=max(0.0, min(client.patience, self._seconds_left())))

    def _outlasts(self, context: Context, problem: AepError) -> bool:
        """A run may be missing for a moment. A dataflow or a sandbox that is not there to begin with is a mistake."""
        if isinstance(problem, AepNotFoundError):
            known = self._answered or self._is_rescheduled(context)
            if not known or problem.code.endswith(_NO_SANDBOX):
                return False
        return self._grace.outlasts(problem)

    def judge(self, context: Context, ended: FlowRun | Batch) -> dict[str, Any]:
        """The verdict, the same in every mode."""
        url = self.announce(context, ended)
        client = self.hook.get_conn()
        send = partial(client.send, patience=SAMPLES_PATIENCE)
        try:
            return judge(ended, RunPolicy.of(self.policy), send=send, host=client.host, url=url)
        except EmptyRunError as problem:
            raise AirflowSkipException(str(problem)) from None

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Judge what the trigger saw, or look for the first time if the platform has only now answered."""
        if event.get("refused"):
            raise refusal_of(event["refused"])
        seen = self.read(event)
        if event.get("timeout") or not (seen or event.get("answered")):
            if seen:
                self.announce(context, seen)
            raise self._timed_out(f"last seen: {describe(seen.summary()) if seen else 'nothing'}")
        if seen is None:
            self._begun = event["deadline"] - self._limit
            return self._wait_in_triggerer(context)
        return self.judge(context, seen)

    def announce(self, context: Context, seen: FlowRun | Batch) -> str | None:
        """Tell by XCom which run it is, also should it fail or never end. Returns its page in the platform's UI."""
        if not isinstance(seen, FlowRun) or not seen.flow_id:
            return None
        client = self.hook.get_conn()
        url = flow_run_url(client.org_id, client.sandbox, seen.flow_id, seen.id)
        # Airflow asks for the link when the task ends; with this it is there while the task waits.
        push(context, run_id=seen.id, **{RUN_URL_KEY: url, AepFlowRunLink().xcom_key: url})
        return url

    def check(self, problems: Problems) -> None:
        """Note what is wrong with the arguments, before anything is asked."""
        problems.attempt(RunPolicy.of, self.policy)
        if self.since is not None:
            problems.attempt(epoch_seconds, self.since, "since")

    def look(self, context: Context) -> FlowRun | Batch | None:
        """One look; the run or batch once it has ended."""
        raise NotImplementedError

    def trigger(self, context: Context) -> AepTrigger:
        """What goes on looking in the triggerer."""
        raise NotImplementedError

    def read(self, event: dict[str, Any]) -> FlowRun | Batch | None:
        """What the trigger saw last."""
        raise NotImplementedError

    def _roughly_since(self, context: Context) -> int:
        """`since`, or a day earlier while nothing was answered yet: by then the platform's clock is not known."""
        known = self.hook.get_conn().clock_offset is not None
        return self._exactly_since(context) if known else since_ms(self.since, context, self.hook.get_conn()) - _DAY_MS

    def _exactly_since(self, context: Context) -> int:
        """`since` on the platform's clock, in epoch milliseconds; the same at every look."""
        if self._since_ms is None:
            self._since_ms = since_ms(self.since, context, self.hook.get_conn())
        return self._since_ms

    @property
    def _limit(self) -> float:
        limits = [self.timeout] + ([self.execution_timeout.total_seconds()] if self.execution_timeout else [])
        return float(min(limits))

    def _seconds_left(self) -> float:
        """Seconds until the last look. In a worker that is a little before `execution_timeout`, at which Airflow's
        alarm would cut it off. (For a rescheduled task, Airflow counts the running seconds only: next to none.)
        """
        limits = [float(self.timeout)]
        if self.execution_timeout:
            limit = self.execution_timeout.total_seconds()
            limits.append(limit if self.deferrable else before_alarm(limit))
        return self._begun + min(limits) - time.time()

    def _timed_out(self, seen: str) -> BaseException:
        message = f"Still waiting after {timedelta(seconds=self._limit)}; {seen}."
        by_execution_timeout = self.execution_timeout and self.execution_timeout.total_seconds() < self.timeout
        return AirflowTaskTimeout(message) if by_execution_timeout else AirflowSensorTimeout(message)

    def _is_rescheduled(self, context: Context) -> bool:
        return bool(self.reschedule and context["ti"].get_first_reschedule_date(context))

    def _first_look(self, context: Context) -> float:
        first = context["ti"].get_first_reschedule_date(context) if self.reschedule else None
        return first.timestamp() if first else time.time()

    @contextmanager
    def _ended(self) -> Iterator[None]:
        """`fail_without_retry`, and what `soft_fail` and `never_fail` make of an error."""
        try:
            with fail_without_retry():
                yield
        except (AirflowSensorTimeout, AirflowTaskTimeout) as late:
            if self.soft_fail or self.never_fail:
                raise AirflowSkipException(f"Skipped, as soft_fail or never_fail says: {late}") from late
            raise
        except (AepError, TaskDeferralError) as problem:
            if self.never_fail:
                raise AirflowSkipException(f"Skipped, as never_fail says: {problem}") from problem
            raise


def since_ms(since: Any, context: Context, client: AepClient) -> int:
    """Epoch milliseconds on the platform's clock: of `since`, or of the start of the DAG run."""
    if since is not None:
        return epoch_seconds(since) * 1000
    start = context["dag_run"].start_date
    local = start.timestamp() if start else time.time()
    # The platform's clock is known to the second, so a run made in that second counts.
    return int((local + client.now() - time.time() - 1.0) * 1000)
