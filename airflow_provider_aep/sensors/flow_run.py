"""Sensors that wait for a flow run, or for a batch where a dataflow has no runs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator, PokeReturnValue

from airflow_provider_aep.api import catalog, flow_service
from airflow_provider_aep.client import AepClient
from airflow_provider_aep.compat import (
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    conf,
)
from airflow_provider_aep.exceptions import AepConfigError, AepError
from airflow_provider_aep.hooks.aep import AepHook
from airflow_provider_aep.judgement import EmptyRunError, judge
from airflow_provider_aep.links import RUN_URL_KEY, AepFlowRunLink, flow_run_url
from airflow_provider_aep.models.base import checked_id, epoch_seconds
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun, RunPolicy
from airflow_provider_aep.task import COMMON_FIELDS, ends_task, push
from airflow_provider_aep.triggers.flow_run import (
    AepDatasetBatchTrigger,
    AepFlowRunTrigger,
    AepTrigger,
    first_batch,
    refusal_of,
)
from airflow_provider_aep.watch import Grace, first_run

if TYPE_CHECKING:
    from airflow.sdk import Context

# The trigger keeps the deadline and says so itself; Airflow's own limit is for a triggerer that is lost.
_DAY_MS = 24 * 60 * 60 * 1000
_LOST_TRIGGER = timedelta(minutes=10)


class AepSensor(BaseSensorOperator):
    """What both sensors share. In every mode: an outage is waited out, an unknown status is never success, and
    `soft_fail` skips on a time-out only.

    :param policy: see `RunPolicy`; a dict or None.
    :param deferrable: wait in the triggerer.
    :param poll_interval: seconds between two looks, in every mode.
    :param timeout: seconds after which to give up, as for any sensor; `execution_timeout` counts waiting, too.
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
        self._since_ms: int | None = None
        self.poll_interval = poll_interval
        self.aep_conn_id = aep_conn_id
        self.sandbox = sandbox

    @cached_property
    def hook(self) -> AepHook:
        return AepHook(self.aep_conn_id, self.sandbox)

    def execute(self, context: Context) -> Any:
        with self._ended():
            self.check(context)
            self._begun = self._first_look(context)
            self._grace = Grace(missing_since=self._begun if self._is_rescheduled(context) else None)
            if not self.deferrable:
                return super().execute(context)
            found = self.poke(context)
            if isinstance(found, PokeReturnValue):
                return found.xcom_value
            self.defer(
                trigger=self.trigger(context),
                method_name="execute_complete",
                timeout=timedelta(seconds=self._seconds_left()) + _LOST_TRIGGER,
            )

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        with self._ended():
            return super().resume_execution(next_method, next_kwargs, context)

    def poke(self, context: Context) -> PokeReturnValue | bool:
        self._check_execution_timeout()
        try:
            ended = self.look(context)
        except AepError as problem:
            if not self._grace.outlasts(problem):
                raise
            self.log.warning("Still waiting: %s", problem)
            return False
        self._grace.seen()
        if ended is None:
            return False
        return PokeReturnValue(is_done=True, xcom_value=self.judge(context, ended))

    def judge(self, context: Context, ended: FlowRun | Batch) -> dict[str, Any]:
        """The verdict, the same in every mode."""
        client = self.hook.get_conn()
        url = None
        if isinstance(ended, FlowRun) and ended.flow_id:
            url = flow_run_url(client.org_id, client.sandbox, ended.flow_id, ended.id)
            push(context, **{RUN_URL_KEY: url})
        try:
            return judge(ended, RunPolicy.of(self.policy), send=self.hook.send, host=client.host, url=url)
        except EmptyRunError as problem:
            raise AirflowSkipException(str(problem)) from None

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Judge what the trigger saw."""
        if event.get("refused"):
            raise refusal_of(event["refused"])
        ended = self.read(event)
        if ended is None or event.get("timeout"):
            raise self._timed_out(f"last seen: {ended.summary() if ended else 'nothing'}")
        return self.judge(context, ended)

    def check(self, context: Context) -> None:
        """Look at the arguments before anything is asked."""
        RunPolicy.of(self.policy)

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
        return max(1.0, self._begun + self._limit - time.time())

    def _check_execution_timeout(self) -> None:
        # Airflow counts the running seconds only, which for a rescheduled task are next to none.
        if self.execution_timeout and time.time() - self._begun > self.execution_timeout.total_seconds():
            raise AirflowTaskTimeout(f"Still waiting after execution_timeout, {self.execution_timeout}.")

    def _timed_out(self, seen: str) -> BaseException:
        message = f"Still waiting after {timedelta(seconds=self._limit)}; {seen}."
        if self.execution_timeout and self.execution_timeout.total_seconds() < self.timeout:
            return AirflowTaskTimeout(message)
        return AirflowSkipException(message) if self.soft_fail else AirflowSensorTimeout(message)

    def _is_rescheduled(self, context: Context) -> bool:
        return bool(self.reschedule and context["ti"].get_first_reschedule_date(context))

    def _first_look(self, context: Context) -> float:
        first = context["ti"].get_first_reschedule_date(context) if self.reschedule else None
        return first.timestamp() if first else time.time()

    def _ended(self) -> Any:
        return _sensor_end(self.never_fail)


class _sensor_end:
    """`ends_task` with a sensor's `never_fail`."""

    def __init__(self, never_fail: bool) -> None:
        self._never_fail = never_fail
        self._inner = ends_task()

    def __enter__(self) -> None:
        self._inner.__enter__()

    def __exit__(self, kind: Any, problem: Any, trace: Any) -> bool | None:
        if self._never_fail and isinstance(problem, AepError):
            raise AirflowSkipException(f"Skipped, as never_fail says: {problem}") from problem
        return self._inner.__exit__(kind, problem, trace)


class AepFlowRunSensor(AepSensor):
    """Wait for a flow run, and succeed only if it did what its policy demands. Returns the run's summary.

    :param run_id: the run; or else
    :param flow_id: its dataflow: the first run made at or after `since` is waited for.
    :param since: a time on the platform's clock (epoch seconds, ISO string with an offset, aware datetime); default:
        the start of the DAG run.
    """

    template_fields: Sequence[str] = ("run_id", "flow_id", "since", "policy", *COMMON_FIELDS)
    operator_extra_links = (AepFlowRunLink(),)

    def __init__(
        self, *, run_id: str | None = None, flow_id: str | None = None, since: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.run_id = run_id
        self.flow_id = flow_id
        self.since = since
        self._bound: str | None = None

    def check(self, context: Context) -> None:
        super().check(context)
        if bool(self.run_id) == bool(self.flow_id):
            raise AepConfigError("Say either run_id or flow_id, one of them: what is to be waited for?")
        checked_id(*(("run_id", self.run_id) if self.run_id else ("flow_id", self.flow_id)))
        check_since(self.since)
        if self.flow_id and not self._is_rescheduled(context):
            self._check_flow_has_runs(self.flow_id)

    def _check_flow_has_runs(self, flow_id: str) -> None:
        flow = self.hook.send(flow_service.get_flow(flow_id))
        spec = self.hook.send(flow_service.get_flow_spec(flow.flow_spec.id))
        if not spec.flow_runs_supported:
            raise AepConfigError(
                f"Dataflow {flow_id} streams: its flow spec {spec.name!r} has no flow runs to wait for. Wait for its "
                "data instead: AepDatasetBatchSensor(dataset_id=...), the dataset of its target connection."
            )

    def look(self, context: Context) -> FlowRun | None:
        client = self.hook.get_conn()
        run_id = self.run_id or self._bound
        if run_id:
            run: FlowRun | None = client.send(flow_service.get_run(run_id))
        else:
            call = flow_service.list_runs(str(self.flow_id), created_since=self._roughly_since(context))
            runs = client.send(call)
            run = first_run(runs, self._exactly_since(context))
        if run is None:
            self.log.info("Dataflow %s has no run yet", self.flow_id)
            return None
        self._bound = run.id
        self.log.info("Flow run %s: %s", run.id, run.status)
        return run if run.finished else None

    def trigger(self, context: Context) -> AepFlowRunTrigger:
        run_id = self.run_id or self._bound
        return AepFlowRunTrigger(
            run_id=run_id,
            flow_id=None if run_id else self.flow_id,
            since=None if run_id else self._exactly_since(context),
            aep_conn_id=self.aep_conn_id,
            sandbox=self.sandbox,
            poll_interval=self.poll_interval,
            deadline=self._begun + self._limit,
        )

    def read(self, event: dict[str, Any]) -> FlowRun | None:
        return FlowRun.model_validate(event["run"]) if event.get("run") else None


class AepDatasetBatchSensor(AepSensor):
    """Wait for a batch in a dataset: the sign that a streaming dataflow delivers. Returns the batch's summary.

    :param dataset_id: the dataset.
    :param since: a time on the platform's clock (epoch seconds, ISO string with an offset, aware datetime); default:
        the start of the DAG run. The first batch made at or after it is waited for.
    """

    template_fields: Sequence[str] = ("dataset_id", "since", "policy", *COMMON_FIELDS)

    def __init__(self, *, dataset_id: str, since: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dataset_id = dataset_id
        self.since = since

    def check(self, context: Context) -> None:
        super().check(context)
        checked_id("dataset_id", self.dataset_id, "dataset")
        check_since(self.since)

    def look(self, context: Context) -> Batch | None:
        call = catalog.list_batches(self.dataset_id, created_since=self._roughly_since(context))
        batch = first_batch(self.hook.send(call), self._exactly_since(context))
        if batch is None:
            self.log.info("Dataset %s has no batch yet", self.dataset_id)
            return None
        self.log.info("Batch %s: %s", batch.id, batch.status)
        return batch if batch.verdict(RunPolicy()).kind != "running" else None

    def trigger(self, context: Context) -> AepDatasetBatchTrigger:
        return AepDatasetBatchTrigger(
            dataset_id=self.dataset_id,
            since=self._exactly_since(context),
            aep_conn_id=self.aep_conn_id,
            sandbox=self.sandbox,
            poll_interval=self.poll_interval,
            deadline=self._begun + self._limit,
        )

    def read(self, event: dict[str, Any]) -> Batch | None:
        return Batch.model_validate(event["batch"]) if event.get("batch") else None


def check_since(since: Any) -> None:
    """:raises AepConfigError: `since` is not a time, or a naive one."""
    if since is not None:
        try:
            epoch_seconds(since)
        except ValueError as problem:
            raise AepConfigError(f"since {problem}.") from None


def since_ms(since: Any, context: Context, client: AepClient) -> int:
    """Epoch milliseconds on the platform's clock: of `since`, or of the start of the DAG run."""
    if since is not None:
        return epoch_seconds(since) * 1000
    start = context["dag_run"].start_date
    local = start.timestamp() if start else time.time()
    # The platform's clock is known to the second, so a run made in that second counts.
    return int((local + client.now() - time.time() - 1.0) * 1000)
