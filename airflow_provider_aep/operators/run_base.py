"""What the operators that start a run share: they start it once, wait for it, and judge it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.exceptions import AepConflictError, AepError
from airflow_provider_aep.links import RUN_URL_KEY, AepFlowRunLink, flow_run_url
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.operators.base import AepOperator
from airflow_provider_aep.runs.flow_state import disable_at_once
from airflow_provider_aep.runs.judge import SAMPLES_PATIENCE, EmptyRunError, summary_or_fail
from airflow_provider_aep.runs.start import Found, OwnRun, Wish, active_runs
from airflow_provider_aep.runs.watch import RunWatcher, Watched
from airflow_provider_aep.task.compat import AirflowSkipException, AirflowTaskTimeout, conf
from airflow_provider_aep.task.events import error_from_json
from airflow_provider_aep.task.failure import fail_without_retry
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.task.waiting import Deadline
from airflow_provider_aep.task.xcom import push
from airflow_provider_aep.validation import Problems

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.client.http import AepClient
    from airflow_provider_aep.triggers.flow_run import AepTrigger

IfRunning = Literal["wait", "attach", "fail", "start"]
KillPolicy = Literal["leave", "disable_flow"]

_DAY = 24 * 60 * 60.0
_LOST_TRIGGER = timedelta(minutes=10)
# Of what both operators take; Airflow renders them.
RUN_FIELDS = ("wait", "if_running", "policy", "poll_interval", "timeout", *COMMON_FIELDS)


@dataclass(frozen=True)
class _Plan:
    """One of these: there is a run already, another one is to be waited for, or a run is to be started.

    :param unsure: the other one may be the task's own.
    """

    run: FlowRun | None = None
    other: FlowRun | None = None
    unsure: bool = False
    start: Callable[[], Found] | None = None


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
        self.timeout: Any = timeout
        self.kill_policy = on_kill
        self._running: FlowRun | None = None

    def check(self, problems: Problems) -> None:
        """Note what is wrong with the arguments, before anything is asked."""
        for field, value, known in (
            ("if_running", self.if_running, IfRunning),
            ("on_kill", self.kill_policy, KillPolicy),
        ):
            if value not in get_args(known):
                problems.add(field, f"is {value!r}; it is one of {', '.join(get_args(known))}")
        # Templates deliver text.
        self.wait = problems.flag("wait", self.wait)
        self.poll_interval = problems.number("poll_interval", self.poll_interval)
        seconds = self.timeout.total_seconds() if isinstance(self.timeout, timedelta) else self.timeout
        self.timeout = problems.number("timeout", seconds)
        problems.attempt(RunPolicy.of, self.policy)

    def wish(self, context: Context, client: AepClient) -> Wish:
        """The run that is wanted."""
        raise NotImplementedError

    def request(self, client: AepClient, wish: Wish) -> Call[Created]:
        """What starts the run, once the live dataflow was found to be fit for it."""
        raise NotImplementedError

    def run(self, context: Context, begun: float | None = None, waited: bool = False) -> Any:
        self._read_arguments()
        begun = begun or time.time()
        client = self.hook.get_conn()
        run = self._start_once(context, client, begun, waited)
        self._running = run
        self._announce(context, client, run)
        if not self.wait:
            return run.summary()
        return self._judge(context, run) if run.finished else self._await(context, client, run, begun)

    def _read_arguments(self) -> None:
        problems = Problems(f"run of task {self.task_id!r}")
        self.check(problems)
        problems.raise_if_any()

    def _start_once(self, context: Context, client: AepClient, begun: float, waited: bool) -> FlowRun:
        """The task's own run, started now or earlier; or the one it attaches to.

        :param waited: for the end of a run that might have been the task's own.
        """
        while True:
            try:
                plan = self._plan(context, client, waited)
            except AepError as problem:
                self._sit_out(problem, begun, waited)
                raise
            if plan.run is not None:
                return plan.run
            other, waited = plan.other, plan.unsure
            if plan.start is not None:
                self._check_time_is_left(begun)
                found = plan.start()
                if found.certain:
                    self.log.info("Started flow run %s of dataflow %s", found.run.id, found.run.flow_id)
                    return self._fresh(client, found.run)
                other, waited = found.run, True
            if other is not None:
                self._wait_for_other(client, other, begun, waited)

    def _plan(self, context: Context, client: AepClient, waited: bool) -> _Plan:
        """What to do next. Starts nothing, so nothing is lost if it fails."""
        wish = self.wish(context, client)
        retries = self.retries or 0
        try_number, max_tries = _tries(context, retries)
        own = OwnRun(client, wish, memory=context.get("task_state_store"), generation=max_tries)
        found = own.recall(
            retried=try_number > 1,
            # Clearing a task, Airflow adds its retries to the tries there were.
            cleared=1 < try_number == max_tries - retries + 1,
            waited=waited,
            since_ms=_start_ms(context, client),
        )
        if found is not None and not found.certain:
            self.log.info("Flow run %s may be this task's own; waiting until it tells.", found.run.id)
            return _Plan(other=found.run, unsure=True)
        if found is not None:
            return _Plan(start=partial(own.retry, found.run)) if found.run.failed else _Plan(run=found.run)
        other = self._other_run(client, wish.flow_id)
        if other is not None and self.if_running == "attach":
            own.attach(other.id)
            return _Plan(run=other)
        call = self.request(client, wish)
        return _Plan(other=other) if other is not None else _Plan(start=partial(own.start, call))

    def _sit_out(self, problem: AepError, begun: float, waited: bool) -> None:
        """Wait in the triggerer for the end of an outage, if that is where the task waits and there is time."""
        if not (self.deferrable and problem.retryable and time.time() < begun + self._limit):
            return
        from airflow_provider_aep.triggers.flow_run import AepAnswerTrigger

        self.log.warning("Nothing was started yet, waiting in the triggerer until the platform answers: %s", problem)
        self._defer(AepAnswerTrigger, begun, "execute_again", {"begun": begun, "waited": waited})

    def _check_time_is_left(self, begun: float) -> None:
        """Nobody would wait for a run that is started after the deadline."""
        if time.time() > begun + self._limit:
            raise self._timed_out("before a run could be started", started=False)

    def _fresh(self, client: AepClient, started: FlowRun) -> FlowRun:
        """The run just started; it may take a moment until it can be read."""
        try:
            return client.send(flow_service.get_run(started.id))
        except AepError as problem:
            self.log.info("Flow run %s is not to be read yet: %s", started.id, problem)
            return started

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

    def _wait_for_other(self, client: AepClient, other: FlowRun, begun: float, waited: bool) -> None:
        if self.deferrable:
            self._defer_until_end(other.id, begun, "execute_again", {"begun": begun, "waited": waited})
        watched = self._watch(client, other.id, begun)
        if watched.timed_out:
            raise self._timed_out(f"for flow run {other.id} of the same dataflow", watched.run, started=waited)

    def _await(self, context: Context, client: AepClient, run: FlowRun, begun: float) -> Any:
        if self.deferrable:
            kill = {"if_killed": self.kill_policy, "killed_flow_id": run.flow_id}
            self._defer_until_end(run.id, begun, "execute_complete", {}, **kill)
        watched = self._watch(client, run.id, begun)
        if watched.timed_out or watched.run is None:
            raise self._timed_out(f"for flow run {run.id}", watched.run)
        return self._judge(context, watched.run)

    def _watch(self, client: AepClient, run_id: str, begun: float) -> Watched:
        async def watch() -> Watched:
            watcher = RunWatcher(lambda call: client.asend(call, patience=0))
            return await watcher.wait(run_id, poll_interval=self.poll_interval, deadline=begun + self._limit_in_worker)

        return asyncio.run(watch())

    def _defer_until_end(self, run_id: str, begun: float, method: str, kwargs: dict[str, Any], **kill: Any) -> None:
        # Imported here because Airflow's triggers are slow to import, and every DAG file imports the operators.
        from airflow_provider_aep.triggers.flow_run import AepFlowRunTrigger

        self.log.info("Waiting for flow run %s in the triggerer, looking every %g s", run_id, self.poll_interval)
        self._defer(partial(AepFlowRunTrigger, run_id=run_id, **kill), begun, method, kwargs)

    def _defer(self, trigger: Callable[..., AepTrigger], begun: float, method: str, kwargs: dict[str, Any]) -> None:
        self.defer(
            trigger=trigger(
                aep_conn_id=self.aep_conn_id,
                sandbox=self.sandbox,
                poll_interval=self.poll_interval,
                deadline=begun + self._limit,
            ),
            method_name=method,
            kwargs=kwargs,
            timeout=timedelta(seconds=max(1.0, begun + self._limit - time.time())) + _LOST_TRIGGER,
        )

    def execute_again(self, context: Context, event: dict[str, Any], begun: float, waited: bool = False) -> Any:
        """What this task waited for before it could start a run is over: another run of the dataflow, or an outage."""
        with fail_without_retry():
            if event.get("refused"):
                raise error_from_json(event["refused"])
            if event.get("timeout"):
                self._read_arguments()
                seen = FlowRun.model_validate(event["run"]) if event.get("run") else None
                run_id = event.get("run_id")
                what = f"for flow run {run_id} of the same dataflow" if run_id else "for the platform to answer"
                raise self._timed_out(what, seen, started=waited)
            return self.run(context, begun, waited)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Judge what the trigger saw."""
        with fail_without_retry():
            if event.get("refused"):
                raise error_from_json(event["refused"])
            self._read_arguments()
            run = FlowRun.model_validate(event["run"]) if event.get("run") else None
            if run is None or event.get("timeout"):
                raise self._timed_out(f"for flow run {event.get('run_id')}", run)
            self._announce(context, self.hook.get_conn(), run)
            return self._judge(context, run)

    def _judge(self, context: Context, run: FlowRun) -> dict[str, Any]:
        self._running = None
        client = self.hook.get_conn()
        url = flow_run_url(client.org_id, client.sandbox, run.flow_id or "", run.id)
        try:
            return summary_or_fail(
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
        return min([float(self.timeout)] + ([self.execution_timeout.total_seconds()] if self.execution_timeout else []))

    @property
    def _limit_in_worker(self) -> float:
        return Deadline(0.0, float(self.timeout), self.execution_timeout).in_worker

    def _timed_out(self, what: str, seen: FlowRun | None = None, *, started: bool = True) -> BaseException:
        state = seen.summary() if seen else "nothing"
        then = "The run goes on; a retry waits for it again." if started else "No run was started for this task."
        return AirflowTaskTimeout(f"Waited {timedelta(seconds=self._limit)} {what}; last seen: {state}. {then}")

    def on_kill(self) -> None:
        """AEP cannot cancel a run, and this says so."""
        run = self._running
        if run is None:
            self.log.info(
                "Killed when no flow run was known to be under way. If one was just being started, a retry finds it."
            )
            return
        client = self.hook.get_conn()
        url = flow_run_url(client.org_id, client.sandbox, run.flow_id or "", run.id)
        self.log.warning("AEP has no way to cancel a run: flow run %s goes on. See %s", run.id, url)
        if self.kill_policy == "disable_flow" and run.flow_id:
            disable_at_once(client, run.flow_id)
            self.log.warning("Disabled dataflow %s, as on_kill says: no further run begins.", run.flow_id)


def _tries(context: Context, retries: int) -> tuple[int, int]:
    """The number of this try, and Airflow's `max_tries`. A context made by hand has neither: it is the first try."""
    ti = context.get("ti")
    found = (getattr(ti, "try_number", None), getattr(ti, "max_tries", None))
    try_number, max_tries = (value if isinstance(value, int) else None for value in found)
    return 1 if try_number is None else try_number, retries if max_tries is None else max_tries


def _start_ms(context: Context, client: AepClient) -> int:
    """No try of this task began earlier, by either clock: rather look at a run too many than miss one's own."""
    start = getattr(context.get("dag_run"), "start_date", None)
    offset = min(0.0, client.now() - time.time())
    return int((start.timestamp() + offset) * 1000) if isinstance(start, datetime) else 0
