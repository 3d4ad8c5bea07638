"""Starts a run once: no crash, lost answer or retry makes a second one.

`POST /runs` has no idempotency key, and a run does not say which task asked for it. So the protocol is:

    1. write down the request                    a crash from here on: the next attempt searches
    2. POST                                      refused, or surely never sent: nothing was started
    3. write down the id of the run              a crash from here on: the next attempt reads the run by its id

    answer lost          search: the run is there  -> go on at 3
                                 it may be there   -> the caller waits for it and decides again
                                 it is not there   -> 1, three times at most
                                 several may be it -> an error; nothing more is started
    no store, no record  the next attempt searches among all runs since the DAG run began

A search looks through the dataflow's runs for this client, creation time and window; `runs/match.py` says which run is
the one. What an attempt does next is decided in `runs/next_step.py`.

https://experienceleague.adobe.com/en/docs/experience-platform/sources/api-tutorials/on-demand-ingestion
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from airflow_provider_aep.api import flow_service
from airflow_provider_aep.api.call import Call
from airflow_provider_aep.client.backoff import RUN_APPEARS, poll
from airflow_provider_aep.exceptions import (
    AepApiError,
    AepConflictError,
    AepError,
    AepNotFoundError,
    AepUnreachableError,
)
from airflow_provider_aep.models.base import Created
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.loaded import IfLoaded, earliest_creation_ms, run_that_loaded
from airflow_provider_aep.runs.match import VISIBLE_MS, RunMatch, RunSearch
from airflow_provider_aep.runs.next_step import (
    AttachTo,
    Attempt,
    Decision,
    FindEarlierRun,
    IfRunning,
    Known,
    ListRunsUnderWay,
    Refuse,
    ResumeWith,
    RunAgain,
    Start,
    WaitFor,
    attempt_by_record,
    next_step,
    why_not_resumed,
)
from airflow_provider_aep.runs.record import RunRecord, TaskStateStore
from airflow_provider_aep.runs.request import RunRef, RunRequest, run_ref
from airflow_provider_aep.runs.start_guard import LastStart, StartGuard
from airflow_provider_aep.runs.under_way import LONGEST_RUN_MS, runs_under_way

if TYPE_CHECKING:
    from airflow_provider_aep.client.http import AepClient

log = logging.getLogger(__name__)

_POSTS = 3
# Milliseconds after its start for which a run counts as started though it cannot be read by its id.
_UNREADABLE_MS = 300_000


class RunStarter:
    """Starts the run that one task asks for.

    :param store: None where Airflow has no task state store.
    :param generation: changes when a person clears the task, and not when Airflow retries it.
    :param guard: held from the list until the answer, so that tasks of this machine do not start runs together.
    :param pause: waits for seconds.
    """

    def __init__(
        self,
        client: AepClient,
        request: RunRequest,
        *,
        store: TaskStateStore | None,
        generation: int,
        guard: StartGuard | None = None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self._client = client
        self._request = request
        self._store = store
        self._generation = generation
        self._guard = guard or StartGuard(None)
        self._pause = pause or client.sleep

    @property
    def flow_id(self) -> str:
        return self._request.flow_id

    def decide(
        self, attempt: Attempt, if_running: IfRunning, *, since_ms: int, if_loaded: IfLoaded | None = None
    ) -> Decision:
        """What to do next. Only asks the platform and starts nothing, so nothing is lost if it fails.

        :param attempt: by the number of the try; a record knows better.
        :param since_ms: when the first try cannot have begun earlier, epoch milliseconds on the platform's clock.
        :param if_loaded: what the author wants if another run has loaded data of the window; None looks for none.
        :raises AepConflictError: it cannot be told which run an earlier attempt started, or another run is under way
            and `if_running` allows none.
        """
        record = RunRecord.read(self._store, self._request)
        attempt = attempt_by_record(attempt, record, self._generation)
        known = Known(attempt, if_running, attached=record is not None and record.attached)
        recent = cache(lambda: self._recent_runs(if_loaded))
        while True:
            step = next_step(known)
            if isinstance(step, FindEarlierRun):
                known = replace(known, searched=True, earlier=self._find_earlier(record, since_ms))
                reason = why_not_resumed(known)
                if reason:
                    log.info(reason)
            elif isinstance(step, ListRunsUnderWay):
                known = replace(known, others=self._under_way(recent()))
            elif isinstance(step, Refuse):
                raise self._refused(step.runs)
            else:
                self._write_record(step, known)
                if not (if_loaded and self._request.window and isinstance(step, Start | RunAgain)):
                    return step
                own = known.earlier.run.id if known.earlier else None
                return replace(step, loaded=run_that_loaded(self._request.window, recent(), own))

    def start(self, call: Call[Created], failed: FlowRun | None = None) -> RunMatch:
        """Start the run.

        :param call: starts it.
        :param failed: the run that it repeats, if that was this task's own.
        :raises AepApiError: the platform refused; nothing was started.
        :raises AepConflictError: the answer was lost, and several runs may be the one.
        :raises AepUnreachableError: no run was visible after the answer was lost; a retry searches again.
        """
        repeats = run_ref(failed) if failed else None
        if failed:
            log.info(
                "Flow run %s, which an earlier try of this task started, failed: running its window again.", failed.id
            )
        posts = 0
        while True:
            posts += 1
            at_ms = self._now_ms()
            self._write(at_ms, None, failed=repeats)
            try:
                found: RunMatch | None = self._run_with_id(self._client.send(call).id)
            except (AepApiError, AepUnreachableError) as problem:
                if not _may_have_started_it(problem):
                    raise
                log.warning("%s Looking whether the run was started before asking again.", problem)
                found = self._search(at_ms, self._now_ms(), repeats)
                if found is None and posts == _POSTS:
                    raise
            if found is not None:
                if found.confirmed:
                    self._write(at_ms, found.run.id)
                    self._guard.started(LastStart(found.run.id, at_ms))
                return found

    def read_back(self, started: FlowRun) -> FlowRun:
        """The run just started; it may take a moment until it can be read."""
        try:
            return self._client.send(flow_service.get_run(started.id))
        except AepError as problem:
            log.info("Flow run %s is not to be read yet: %s", started.id, problem)
            return started

    def _write_record(self, step: Decision, known: Known) -> None:
        """Write down which run the task goes on with, and say in the log what it does."""
        match step:
            case ResumeWith(run) | RunAgain(run):
                self._resume_with(run, known.attached)
            case WaitFor(run, may_be_own=True):
                log.info("Flow run %s may be this task's own; waiting until it tells.", run.id)
            case WaitFor() | AttachTo():
                log.info("Dataflow %s is running already: %s", self._request.flow_id, _ids(known.others or ()))
        if isinstance(step, AttachTo):
            self._write(self._now_ms(), step.run.id, attached=True)

    def _resume_with(self, run: FlowRun, attached: bool) -> None:
        self._write(self._now_ms(), run.id, attached=attached)
        did = "waited for" if attached else "started"
        log.info("Going on with flow run %s, which an earlier try of this task %s.", run.id, did)

    def _refused(self, under_way: Sequence[FlowRun]) -> AepConflictError:
        return AepConflictError(
            f"Dataflow {self._request.flow_id} is running already: {_ids(under_way)}. "
            "Pass if_running='wait' to start after it.",
            status=409,
        )

    def _find_earlier(self, record: RunRecord | None, since_ms: int) -> RunMatch | None:
        if record is None:
            # Also with a store: what was written there may have been cleaned up since.
            return self._search(since_ms, self._now_ms())
        found = self._by_id(record.run_id, record.at_ms)
        if found is None and not record.attached:
            return self._search(record.at_ms, record.at_ms, record.failed)
        return found

    def _by_id(self, run_id: str | None, at_ms: int) -> RunMatch | None:
        if run_id is None:
            return None
        try:
            return RunMatch(self._client.send(flow_service.get_run(run_id)))
        except AepNotFoundError:
            if self._now_ms() < at_ms + _UNREADABLE_MS:
                log.info("Flow run %s is not to be read yet.", run_id)
                return self._run_with_id(run_id)
            log.warning("Flow run %s is not to be found any more.", run_id)
            return None

    def _run_with_id(self, run_id: str) -> RunMatch:
        """A run of which only the id is known."""
        return RunMatch(FlowRun(id=run_id, flow_id=self._request.flow_id))

    def _search(self, since_ms: int, until_ms: int, failed: RunRef | None = None) -> RunMatch | None:
        """The run that this client asked for in that time, once a list shows it or would have to."""
        search = RunSearch(self._request, self._client.api_key, since_ms, until_ms, failed)
        list_runs = flow_service.list_runs(self._request.flow_id, created_since=search.created_since)
        listed = poll(
            lambda: self._client.send(list_runs),
            RUN_APPEARS,
            until=lambda runs: search.is_conclusive(runs, self._now_ms()),
            sleep=self._pause,
        )
        return search.match(listed)

    def _recent_runs(self, if_loaded: IfLoaded | None) -> list[FlowRun]:
        """The runs of the last days, which may be under way; or of as long as one may have loaded the window."""
        now_ms = since_ms = self._now_ms()
        if if_loaded in ("skip", "fail") and self._request.window:
            since_ms = earliest_creation_ms(self._request.window, now_ms)
        since_ms = min(since_ms, now_ms - LONGEST_RUN_MS)
        return self._client.send(flow_service.list_runs(self._request.flow_id, created_since=since_ms))

    def _under_way(self, listed: Sequence[FlowRun]) -> list[FlowRun]:
        """The runs that are under way, oldest first, with one that no list shows yet."""
        now_ms = self._now_ms()
        # A run that tells neither its status nor its age would be waited for for ever.
        readable = [run for run in listed if run.status is not None or run.created_at is not None]
        return runs_under_way([*readable, *self._unlisted(listed, now_ms)], now_ms)

    def _unlisted(self, listed: Sequence[FlowRun], now_ms: int) -> list[FlowRun]:
        """The run that a task of this machine has just started, if no list shows it yet."""
        last = self._guard.last_start()
        if last is None or abs(now_ms - last.at_ms) > VISIBLE_MS or any(run.id == last.run_id for run in listed):
            return []
        found = self._by_id(last.run_id, last.at_ms)
        return [found.run] if found else []

    def _write(self, at_ms: int, run_id: str | None, *, attached: bool = False, failed: RunRef | None = None) -> None:
        if self._store is not None:
            RunRecord(at_ms, run_id, self._generation, attached, failed).write(self._store, self._request)

    def _now_ms(self) -> int:
        return int(self._client.now() * 1000)


def _may_have_started_it(problem: AepApiError | AepUnreachableError) -> bool:
    """Whether a POST may have had its effect although this is what became of its answer."""
    if isinstance(problem, AepUnreachableError):
        return problem.sent
    return problem.retryable and problem.status != 429


def _ids(runs: Sequence[FlowRun]) -> str:
    return ", ".join(run.id for run in runs)
