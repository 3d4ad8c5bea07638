"""What the operators that start a flow run share: they start it once, wait for it, and judge it.

    run -> _find_or_start   decide the next step (runs/next_step.py) and do it, until there is a run
        -> _wait_for_end    in the worker; or in the triggerer, and the task goes on in `execute_complete`
        -> _result

A task that has to wait in the triggerer before it can start its run goes on in `execute_again`, which is `run` anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from airflow_provider_aep import api, runs
from airflow_provider_aep.exceptions import AepError
from airflow_provider_aep.links import AepDataflowLink, AepFlowRunLink
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.operators.on_kill import KillPolicy, leave_running
from airflow_provider_aep.operators.wait_base import AepWaitingOperator
from airflow_provider_aep.runs.judge import SAMPLE_ROWS, row_limit
from airflow_provider_aep.task.attempt import attempt_by_number, earliest_start_ms, try_numbers
from airflow_provider_aep.task.events import raise_error_in, run_in
from airflow_provider_aep.task.failure import fail_without_retry
from airflow_provider_aep.task.fields import COMMON_FIELDS
from airflow_provider_aep.task.loaded import act_on_loaded
from airflow_provider_aep.task.waiting import (
    Deadline,
    LastSeen,
    announce_run,
    log_resumed,
    run_timed_out,
    task_result,
)
from airflow_provider_aep.task.window import window_to_json
from airflow_provider_aep.task.xcom import link_dataflow, link_run, push
from airflow_provider_aep.validation import Problems

if TYPE_CHECKING:
    from airflow.sdk import Context

    from airflow_provider_aep.api.call import Call
    from airflow_provider_aep.client.http import AepClient
    from airflow_provider_aep.models.base import Created
    from airflow_provider_aep.models.flow_run import FlowRun
    from airflow_provider_aep.runs.loaded import IfLoaded
    from airflow_provider_aep.runs.match import RunMatch
    from airflow_provider_aep.runs.next_step import AttachTo, IfRunning, ResumeWith, WaitFor
    from airflow_provider_aep.runs.request import RunRequest
    from airflow_provider_aep.runs.start import RunStarter

# Of what both operators take; Airflow renders them.
RUN_FIELDS = ("wait", "if_running", "policy", "sample_rows", "poll_interval", "timeout", *COMMON_FIELDS)


class _ReadyToStart(NamedTuple):
    """A run that can be started.

    :param failed: the task's own run that it repeats, if it does.
    """

    starter: RunStarter
    call: Call[Created]
    failed: FlowRun | None = None


class AepRunOperatorBase(AepWaitingOperator):
    """A task that starts a run, once, and waits for it. Returns the run's summary, on every path.

    A retry goes on with the run an earlier try started; if that run failed, its window is run again.

    :param wait: wait for the end; otherwise return at once, with what is known.
    :param if_running: what to do while another run of the dataflow is under way: ``wait`` for it and then start,
        ``attach`` to it, ``fail``, or ``start`` all the same.
    :param policy: see `RunPolicy`; a dict or None.
    :param sample_rows: how many rows that AEP rejected are in the task log if the run failed; 0 asks for none. They
        are data of your customers, and so they are in neither the error nor an XCom.
    :param on_kill: AEP cannot cancel a run. ``leave`` says so in the log, and where to look; ``disable_flow`` disables
        the dataflow besides, so that no further run begins.
    """

    operator_extra_links = (AepDataflowLink(), AepFlowRunLink())
    # What to do if the window was loaded already; None does not look.
    if_loaded: IfLoaded | None = None

    def __init__(
        self,
        *,
        wait: bool = True,
        if_running: IfRunning = "wait",
        policy: Mapping[str, Any] | RunPolicy | None = None,
        sample_rows: int | str = SAMPLE_ROWS,
        on_kill: KillPolicy = "leave",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.wait = wait
        self.if_running = if_running
        self.policy = policy.model_dump() if isinstance(policy, RunPolicy) else policy
        self.sample_rows = sample_rows
        self.kill_policy = on_kill
        self._running: FlowRun | None = None
        self._window: dict[str, str] | None = None

    def check(self, problems: Problems) -> None:
        for field, value, known in (
            ("if_running", self.if_running, runs.next_step.IfRunning),
            ("on_kill", self.kill_policy, KillPolicy),
        ):
            if value not in get_args(known):
                problems.add(field, f"is {value!r}; it is one of {', '.join(get_args(known))}")
        # Templates deliver text.
        self.wait = problems.flag("wait", self.wait)
        super().check(problems)
        problems.attempt(RunPolicy.of, self.policy)
        problems.attempt(row_limit, self.sample_rows)

    def run_request(self, context: Context, client: AepClient) -> RunRequest:
        """The run that the task asks for. Implemented in operators/flow_run.py."""
        raise NotImplementedError

    def start_call(self, client: AepClient, request: RunRequest) -> Call[Created]:
        """The call that starts the run, once the live dataflow was found to be fit for it; in operators/flow_run.py."""
        raise NotImplementedError

    def run(self, context: Context, begun: float | None = None, waited: bool = False, window: Any = None) -> Any:
        """Start the run, or go on with it, and wait for its end.

        :param begun: when the task began, before its first deferral, in wall-clock epoch seconds; None for now.
        :param waited: whether the task has waited for the end of a run that may be its own.
        :param window: the window that was found before a deferral, as in the summary.
        """
        self._window = window
        self._read_arguments()
        deadline = self._deadline(begun)
        client = self.hook.get_conn()
        link_dataflow(context, client, self.flow_id)
        run = self._find_or_start(context, client, deadline, waited)
        self._running = run
        self._announce(context, client, run)
        if not self.wait:
            self.keep_dataflow_lineage(context, client, run.flow_id, run, self._window)
            return self._with_window(run.summary())
        return self._result(context, client, run if run.finished else self._wait_for_end(client, run, deadline))

    def _find_or_start(self, context: Context, client: AepClient, deadline: Deadline, waited: bool) -> FlowRun:
        """The task's own run, started now or earlier; or the one it attaches to."""
        while True:
            with ExitStack() as guarded:
                try:
                    step = self._decide(context, client, deadline, waited, guarded)
                except AepError as problem:
                    self._defer_until_reachable(problem, deadline, "execute_again", self._again(deadline, waited))
                    raise
                if isinstance(step, _ReadyToStart):
                    found = self._start(step, deadline)
            if isinstance(step, runs.next_step.ResumeWith | runs.next_step.AttachTo):
                return step.run
            if isinstance(step, _ReadyToStart):
                if found.confirmed:
                    return step.starter.read_back(found.run)
                step = runs.next_step.WaitFor(found.run, may_be_own=True)
            waited = step.may_be_own
            link_run(context, client, step.run.flow_id, step.run.id)
            self._wait_for_other(client, step.run, deadline, waited)

    def _decide(
        self, context: Context, client: AepClient, deadline: Deadline, waited: bool, guarded: ExitStack
    ) -> ResumeWith | AttachTo | WaitFor | _ReadyToStart:
        """What to do next. Starts nothing, so nothing is lost if it fails.

        :param guarded: is given the guard of the start.
        """
        request = self.run_request(context, client)
        self._window = window_to_json(request.window) if request.window else None
        push(context, window=self._window)
        retries = self.retries or 0
        try_number, max_tries = try_numbers(context, retries)
        attempt = runs.next_step.Attempt.CONFIRMING if waited else attempt_by_number(try_number, max_tries, retries)
        guard = None
        if self.if_running != "start":
            guard = guarded.enter_context(
                runs.start_guard.guarded_start(client, request.flow_id, until=deadline.in_worker)
            )
        store = context.get("task_state_store")
        starter = runs.start.RunStarter(client, request, store=store, generation=max_tries, guard=guard)
        since_ms = earliest_start_ms(context, client)
        step = starter.decide(attempt, self.if_running, since_ms=since_ms, if_loaded=self.if_loaded)
        act_on_loaded(self.if_loaded, request, step)
        if isinstance(step, runs.next_step.RunAgain):
            return _ReadyToStart(starter, api.flow_service.retry_run(step.failed.id), step.failed)
        if isinstance(step, runs.next_step.Start):
            return _ReadyToStart(starter, self.start_call(client, request))
        if isinstance(step, runs.next_step.WaitFor) and not step.may_be_own:
            # It is not worth waiting for a dataflow that cannot be run.
            self.start_call(client, request)
        return step

    def _start(self, ready: _ReadyToStart, deadline: Deadline) -> RunMatch:
        if deadline.passed:
            # Nobody would wait for the run.
            what = f"to start a run of dataflow {ready.starter.flow_id}"
            raise run_timed_out(deadline, what, LastSeen(), started=False)
        found = ready.starter.start(ready.call, ready.failed)
        if found.confirmed:
            self.log.info("Started flow run %s of dataflow %s", found.run.id, found.run.flow_id)
        return found

    def _wait_for_other(self, client: AepClient, other: FlowRun, deadline: Deadline, waited: bool) -> None:
        if self.deferrable:
            turn = {} if waited else {"turn_of": other.flow_id}
            self._defer_until_end(other.id, deadline, "execute_again", self._again(deadline, waited), **turn)
        self._watch_until_end(client, other, deadline, started=waited)

    def _wait_for_end(self, client: AepClient, run: FlowRun, deadline: Deadline) -> FlowRun:
        if self.deferrable:
            kill = {"if_killed": self.kill_policy, "killed_flow_id": run.flow_id}
            self._defer_until_end(run.id, deadline, "execute_complete", {"window": self._window}, **kill)
        return self._watch_until_end(client, run, deadline)

    def _again(self, deadline: Deadline, waited: bool) -> dict[str, Any]:
        """The arguments of `execute_again`. They are stored in Airflow's database, so their names stay."""
        return {"begun": deadline.begun, "waited": waited, "window": self._window}

    def execute_again(
        self,
        context: Context,
        event: dict[str, Any],
        begun: float | None = None,
        waited: bool = False,
        window: dict[str, str] | None = None,
    ) -> Any:
        """What this task waited for before it could start a run is over: another run of the dataflow, or an outage.

        The further arguments are those of `run`; where Airflow drops them, the event has them.
        """
        if begun is None:
            resume = event.get("resume") or {}
            begun, waited, window = resume.get("begun"), resume.get("waited", False), resume.get("window")
        with fail_without_retry():
            raise_error_in(event)
            log_resumed(event)
            if event.get("timeout"):
                self._read_arguments()
                raise run_timed_out(
                    self._deadline(begun), self._awaited(event), LastSeen.of_event(event), started=waited
                )
            return self.run(context, begun, waited, window)

    def execute_complete(
        self, context: Context, event: dict[str, Any], window: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Judge what the trigger saw.

        :param window: the window that was asked for, as in the summary; None in what an older version deferred.
        """
        with fail_without_retry():
            self._window = window or (event.get("resume") or {}).get("window")
            raise_error_in(event)
            log_resumed(event)
            self._read_arguments()
            run = run_in(event)
            if run is None or event.get("timeout"):
                deadline = self._deadline().as_kept_by(event)
                raise run_timed_out(deadline, self._awaited(event), LastSeen.of_event(event))
            client = self.hook.get_conn()
            self._announce(context, client, run)
            return self._result(context, client, run)

    def _announce(self, context: Context, client: AepClient, run: FlowRun) -> None:
        link_dataflow(context, client, run.flow_id)
        announce_run(context, client, run)

    def _result(self, context: Context, client: AepClient, run: FlowRun) -> dict[str, Any]:
        self._running = None
        self._count_ended(context, run)
        self.keep_dataflow_lineage(context, client, run.flow_id, run, self._window)
        return self._with_window(task_result(client, run, self.policy, rerun=True, sample_rows=self.sample_rows))

    def _with_window(self, summary: dict[str, Any]) -> dict[str, Any]:
        return {**summary, "window": self._window}

    def on_kill(self) -> None:
        """AEP cannot cancel a run, and this says so."""
        run = self._running
        if run is None:
            self.log.info(
                "Killed when no flow run was known to be under way. If one was just being started, a retry finds it."
            )
            return
        leave_running(self.hook.get_conn(), run, self.kill_policy, self.log)
