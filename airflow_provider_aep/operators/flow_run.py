"""Operators that run a dataflow and wait for what comes of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.client import AepClient
from airflow_provider_aep.compat import AirflowSkipException, AirflowTaskTimeout, conf
from airflow_provider_aep.connectors import FLOW_SPEC_IDS
from airflow_provider_aep.exceptions import AepConfigError, AepConflictError, AepError
from airflow_provider_aep.judgement import SAMPLES_PATIENCE, EmptyRunError, judge
from airflow_provider_aep.links import RUN_URL_KEY, AepFlowRunLink, flow_run_url
from airflow_provider_aep.models.base import Gaps, checked_id, epoch_seconds
from airflow_provider_aep.models.flow import Flow
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.models.schedule import check_delta_column
from airflow_provider_aep.operators.base import AepOperator
from airflow_provider_aep.own_run import OwnRun, Window, Wish, active_runs
from airflow_provider_aep.task import COMMON_FIELDS, ends_task, push
from airflow_provider_aep.triggers.flow_run import AepFlowRunTrigger, refusal_of
from airflow_provider_aep.watch import RunWatcher, Watched

if TYPE_CHECKING:
    from airflow.sdk import Context

IfRunning = Literal["wait", "attach", "fail", "start"]
KillPolicy = Literal["leave", "disable_flow"]

_DAY = 24 * 60 * 60.0
_LOST_TRIGGER = timedelta(minutes=10)


class AepOwnRunOperator(AepOperator):
    """A task that starts a run, once, and waits for it. Returns the run's summary, on every path.

    A retry goes on with the run an earlier try started; if that run failed, its window is run again.

    :param wait: wait for the end; otherwise return at once, with what is known.
    :param deferrable: wait in the triggerer.
    :param if_running: what to do while another run of the dataflow is under way: ``wait`` for it and then start,
        ``attach`` to it, ``fail``, or ``start`` all the same.
    :param policy: see `RunPolicy`; a dict or None.
    :param poll_interval: seconds between two looks.
    :param timeout: seconds to wait; `execution_timeout` counts waiting, too.
    :param on_kill: AEP cannot cancel a run. ``leave`` says so in the log, and where to look; ``disable_flow`` disables
        the dataflow besides, so that no further run begins.
    """

    operator_extra_links = (AepFlowRunLink(),)

    def __init__(
        self,
        *,
        wait: bool = True,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        if_running: IfRunning = "wait",
        policy: Mapping[str, Any] | RunPolicy | None = None,
        poll_interval: float = 30,
        timeout: float | timedelta = _DAY,
        on_kill: KillPolicy = "leave",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.wait = wait
        self.deferrable = deferrable
        self.if_running = if_running
        self.policy = policy.model_dump() if isinstance(policy, RunPolicy) else policy
        self.poll_interval = poll_interval
        self.timeout = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        self.kill_policy = on_kill
        self._running: FlowRun | None = None

    def check(self, gaps: Gaps) -> None:
        """Note what is wrong with the arguments, before anything is asked."""
        for field, value, known in (
            ("if_running", self.if_running, IfRunning),
            ("on_kill", self.kill_policy, KillPolicy),
        ):
            if value not in get_args(known):
                gaps.add(field, f"is {value!r}; it is one of {', '.join(get_args(known))}")
        gaps.attempt(RunPolicy.of, self.policy)

    def wish(self, context: Context, client: AepClient) -> Wish:
        """The run that is wanted; held against the live dataflow."""
        raise NotImplementedError

    def ask(self, context: Context, begun: float | None = None, waited: bool = False) -> Any:
        gaps = Gaps(f"run of task {self.task_id!r}")
        self.check(gaps)
        gaps.close()
        begun = begun or time.time()
        client = self.hook.get_conn()
        run = self._start_once(context, client, begun, waited)
        self._running = run
        self._announce(context, client, run)
        if not self.wait:
            return run.summary()
        return self._judge(context, run) if run.finished else self._await(context, client, run, begun)

    def _start_once(self, context: Context, client: AepClient, begun: float, waited: bool = False) -> FlowRun:
        """The task's own run, started now or earlier; or the one it attaches to.

        :param waited: for the end of a run that might have been the task's own.
        """
        wish = self.wish(context, client)
        ti: Any = context["ti"]
        memory = context.get("task_state_store")
        own = OwnRun(client, wish, memory=memory, generation=ti.max_tries)
        found = own.recall(
            retried=ti.try_number > 1,
            cleared=ti.max_tries != self.retries,
            waited=waited,
            since_ms=_start_ms(context, client),
        )
        if found is None:
            other = self._other_run(client, wish.flow_id)
            if other is not None and self.if_running == "wait":
                self._wait_for_other(client, other, begun)
                return self._start_once(context, client, begun)
            if other is not None:
                own.remember(other.id)
                return other
            found = own.start()
        elif found.certain and found.run.failed:
            found = own.retry(found.run)
        elif found.certain:
            return found.run
        if not found.certain:
            self.log.info("Flow run %s may be this task's own; waiting until it tells.", found.run.id)
            self._wait_for_other(client, found.run, begun, waited=True)
            return self._start_once(context, client, begun, waited=True)
        self.log.info("Started flow run %s of dataflow %s", found.run.id, wish.flow_id)
        return self._fresh(client, found.run.id, wish.flow_id)

    def _fresh(self, client: AepClient, run_id: str, flow_id: str) -> FlowRun:
        """The run just started; it may take a moment until it can be read."""
        try:
            return client.send(flow_service.get_run(run_id))
        except AepError as problem:
            self.log.info("Flow run %s is not to be read yet: %s", run_id, problem)
            return FlowRun(id=run_id, flow_id=flow_id)

    def _other_run(self, client: AepClient, flow_id: str) -> FlowRun | None:
        """The run to wait for or to attach to, if any is under way."""
        under_way = [] if self.if_running == "start" else active_runs(client, flow_id)
        if not under_way:
            return None
        ids = ", ".join(run.id for run in under_way)
        if self.if_running == "fail" or (self.if_running == "attach" and len(under_way) > 1):
            raise AepConflictError(
                f"Dataflow {flow_id} is running already: {ids}. Pass if_running='wait' to start after it.", status=409
            )
        self.log.info("Dataflow %s is running already: %s", flow_id, ids)
        return under_way[0]

    def _wait_for_other(self, client: AepClient, other: FlowRun, begun: float, waited: bool = False) -> None:
        if self.deferrable:
            self._defer(other.id, other.flow_id, begun, "execute_again", {"begun": begun, "waited": waited})
        watched = self._watch(client, other.id, begun)
        if watched.timed_out:
            raise self._timed_out(watched.run, f"for flow run {other.id} of the same dataflow")

    def _await(self, context: Context, client: AepClient, run: FlowRun, begun: float) -> Any:
        if self.deferrable:
            self._defer(run.id, run.flow_id, begun, "execute_complete", {})
        watched = self._watch(client, run.id, begun)
        if watched.timed_out or watched.run is None:
            raise self._timed_out(watched.run, f"for flow run {run.id}")
        return self._judge(context, watched.run)

    def _watch(self, client: AepClient, run_id: str, begun: float) -> Watched:
        async def watch() -> Watched:
            watcher = RunWatcher(lambda call: client.asend(call, patience=0))
            return await watcher.wait(run_id, poll_interval=self.poll_interval, deadline=begun + self._limit)

        return asyncio.run(watch())

    def _defer(self, run_id: str, flow_id: str | None, begun: float, method: str, kwargs: dict[str, Any]) -> None:
        own = method == "execute_complete"
        self.defer(
            trigger=AepFlowRunTrigger(
                run_id=run_id,
                aep_conn_id=self.aep_conn_id,
                sandbox=self.sandbox,
                poll_interval=self.poll_interval,
                deadline=begun + self._limit,
                if_killed=self.kill_policy if own else None,
                killed_flow_id=flow_id if own else None,
            ),
            method_name=method,
            kwargs=kwargs,
            timeout=timedelta(seconds=max(1.0, begun + self._limit - time.time())) + _LOST_TRIGGER,
        )

    def execute_again(self, context: Context, event: dict[str, Any], begun: float, waited: bool = False) -> Any:
        """Another run of the dataflow has ended, for which this one waited."""
        with ends_task():
            if event.get("refused"):
                raise refusal_of(event["refused"])
            if event.get("timeout"):
                seen = FlowRun.model_validate(event["run"]) if event.get("run") else None
                raise self._timed_out(seen, f"for flow run {event.get('run_id')} of the same dataflow")
            return self.ask(context, begun, waited)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Judge what the trigger saw."""
        with ends_task():
            if event.get("refused"):
                raise refusal_of(event["refused"])
            run = FlowRun.model_validate(event["run"]) if event.get("run") else None
            if run is None or event.get("timeout"):
                raise self._timed_out(run, f"for flow run {event.get('run_id')}")
            self._announce(context, self.hook.get_conn(), run)
            return self._judge(context, run)

    def _judge(self, context: Context, run: FlowRun) -> dict[str, Any]:
        self._running = None
        client = self.hook.get_conn()
        url = flow_run_url(client.org_id, client.sandbox, run.flow_id or "", run.id)
        try:
            return judge(
                run,
                RunPolicy.of(self.policy),
                send=partial(client.send, patience=SAMPLES_PATIENCE),
                host=client.host,
                url=url,
                rerun=True,
            )
        except EmptyRunError as problem:
            raise AirflowSkipException(str(problem)) from None

    def _announce(self, context: Context, client: AepClient, run: FlowRun) -> None:
        url = flow_run_url(client.org_id, client.sandbox, run.flow_id or "", run.id)
        # Airflow asks for the link when the task ends; with this it is there while the task runs.
        push(context, run_id=run.id, **{RUN_URL_KEY: url, AepFlowRunLink().xcom_key: url})

    @property
    def _limit(self) -> float:
        return min([self.timeout] + ([self.execution_timeout.total_seconds()] if self.execution_timeout else []))

    def _timed_out(self, seen: FlowRun | None, what: str) -> BaseException:
        state = seen.summary() if seen else "nothing"
        return AirflowTaskTimeout(
            f"Waited {timedelta(seconds=self._limit)} {what}; last seen: {state}. "
            "The run goes on; a retry waits for it again."
        )

    def on_kill(self) -> None:
        """AEP cannot cancel a run, and this says so."""
        run = self._running
        if run is None:
            self.log.info("Killed before a flow run was started, or after it had ended.")
            return
        client = self.hook.get_conn()
        url = flow_run_url(client.org_id, client.sandbox, run.flow_id or "", run.id)
        self.log.warning("AEP has no way to cancel a run: flow run %s goes on. See %s", run.id, url)
        if self.kill_policy == "disable_flow" and run.flow_id:
            client.send(flow_service.disable_flow(run.flow_id))
            self.log.warning("Disabled dataflow %s, as on_kill says: no further run begins.", run.flow_id)


def _start_ms(context: Context, client: AepClient) -> int:
    """No try of this task began earlier, by either clock: rather look at a run too many than miss one's own."""
    start = context["dag_run"].start_date
    offset = min(0.0, client.now() - time.time())
    return int((start.timestamp() + offset) * 1000) if start else 0


class AepRunFlowOperator(AepOwnRunOperator):
    """Run a dataflow on demand. It must be scheduled ``once`` and enabled.

    https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/on-demand-ingestion

    :param flow_id: the dataflow.
    :param window_start: begin of the data (epoch seconds, ISO string with an offset, aware datetime); default: the
        begin of the DAG run's data interval.
    :param window_end: end of the data; default: the end of the DAG run's data interval.
    :param delta_column: for table sources, ``{"name": ..., "dateFormat": ..., "timezone": ...}``: needed by the first
        run, the same ever after.
    """

    template_fields: Sequence[str] = (
        "flow_id",
        "window_start",
        "window_end",
        "delta_column",
        "policy",
        *COMMON_FIELDS,
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"delta_column": "json"}

    def __init__(
        self,
        *,
        flow_id: str,
        window_start: Any = None,
        window_end: Any = None,
        delta_column: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.flow_id = flow_id
        self.window_start = window_start
        self.window_end = window_end
        self.delta_column = delta_column

    def check(self, gaps: Gaps) -> None:
        super().check(gaps)
        gaps.id("flow_id", self.flow_id)
        for field in ("window_start", "window_end"):
            if getattr(self, field) is not None:
                gaps.attempt(epoch_seconds, getattr(self, field), field)
        if self.delta_column is not None:
            check_delta_column(gaps, self.delta_column)

    def wish(self, context: Context, client: AepClient) -> Wish:
        window = self._window(context)
        flow = client.send(flow_service.get_flow(self.flow_id))
        delta_column = self._delta_column(flow)
        params: dict[str, Any] = {
            "startTime": int(client.now()),
            "windowStartTime": window[0],
            "windowEndTime": window[1],
        }
        if delta_column is not None:
            params["deltaColumn"] = delta_column
        return Wish(self.flow_id, window, flow_service.create_run(self.flow_id, params))

    def _window(self, context: Context) -> Window:
        gaps = Gaps(f"run of dataflow {self.flow_id}")
        seconds = {}
        for field in ("window_start", "window_end"):
            given = getattr(self, field)
            value = context.get(field.replace("window", "data_interval")) if given is None else given
            if value is None:
                gaps.add(field, "is missing: this DAG run has no data interval to take it from")
            else:
                seconds[field] = epoch_seconds(value)
        gaps.close()
        if seconds["window_end"] < seconds["window_start"]:
            gaps.add("window_end", f"is {seconds['window_end']}, before window_start, {seconds['window_start']}")
        gaps.close()
        return seconds["window_start"], seconds["window_end"]

    def _delta_column(self, flow: Flow) -> dict[str, Any] | None:
        gaps = Gaps(f"run of dataflow {self.flow_id}")
        frequency = flow.schedule_params.frequency if flow.schedule_params else None
        if frequency != "once":
            gaps.add("flow_id", f"has frequency {frequency!r}: only a dataflow with 'once' can be run on demand")
        if flow.state == "disabled":
            gaps.add("flow_id", "is disabled: enable it first, with AepSetFlowStateOperator")
        live = (flow.transformation("Copy") or {}).get("deltaColumn")
        wanted = dict(self.delta_column) if self.delta_column else live
        if live and wanted and live.get("name") != wanted.get("name"):
            gaps.add(
                "delta_column", f"is {wanted.get('name')!r}; since its first run the dataflow has {live.get('name')!r}"
            )
        if wanted is None and flow.flow_spec.id == FLOW_SPEC_IDS["CRMToAEP"]:
            gaps.add("delta_column", 'is missing: the first run of a table dataflow names it, {"name": ...}')
        gaps.close()
        return wanted


class AepRetryFlowRunOperator(AepOwnRunOperator):
    """Run the window of a failed run (or of one that moved nothing) again. Returns the summary of the new run.

    https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/retry-flows

    :param run_id: the run to repeat.
    """

    template_fields: Sequence[str] = ("run_id", "policy", *COMMON_FIELDS)

    def __init__(self, *, run_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run_id = run_id

    def check(self, gaps: Gaps) -> None:
        super().check(gaps)
        gaps.id("run_id", self.run_id)

    def wish(self, context: Context, client: AepClient) -> Wish:
        run = client.send(flow_service.get_run(checked_id("run_id", self.run_id)))
        if run.flow_id is None:
            raise AepConfigError(f"run_id is {self.run_id!r}, of which the platform does not say whose run it was.")
        if not run.finished:
            raise AepConflictError(
                f"Flow run {self.run_id} is still {run.status!r}: wait for its end first.", status=409
            )
        return Wish(run.flow_id, None, flow_service.retry_run(self.run_id))
