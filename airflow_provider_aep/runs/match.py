"""Which of a dataflow's runs is the one that a task asked for: decided from what is listed, without any request.

A run does not say which task asked for it. What it does say is its client, its creation time and, once its copying has
begun, its window:

    window              state          the run ...
    the requested one   under way      is the one; two such runs are ambiguous
    the requested one   ended well     is the one, if none is under way; two such runs are ambiguous
    the requested one   failed         is the one, if there is no other: the youngest
    not given yet       under way      may be the one: it is not confirmed before its window is given
    not given           ended well     may be the one, and nothing will confirm it: ambiguous
    not given           failed         is nobody's: there is nothing in it to go on with
    another one         any            is another task's
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from airflow_provider_aep.exceptions import AepConflictError
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.request import RunRef, RunRequest, run_ref, run_window

# Milliseconds after which a run that no list shows does not exist. How soon a list shows a new run is not published.
VISIBLE_MS = 30_000
# The platform's clock is known to the second.
_CLOCK_ERROR_MS = 5_000


@dataclass(frozen=True)
class RunMatch:
    """The run that a task asked for; or, if it is not confirmed, one that gives no window yet and may be that run."""

    run: FlowRun
    confirmed: bool = True


@dataclass(frozen=True)
class RunSearch:
    """What is known of a run that is searched for. Times are epoch milliseconds on the platform's clock.

    :param client_id: the API key that the run was asked for with.
    :param since_ms: when the run was asked for at the earliest.
    :param until_ms: when the run was asked for at the latest.
    :param repeats: the failed run that it runs again, if the task itself does so.
    """

    request: RunRequest
    client_id: str
    since_ms: int
    until_ms: int
    repeats: RunRef | None = None

    @property
    def created_since(self) -> int:
        """The earliest creation time that the run can have."""
        return self.since_ms - _CLOCK_ERROR_MS

    def candidates(self, listed: Iterable[FlowRun]) -> list[FlowRun]:
        """Those of a dataflow's runs that may be the one."""
        return [run for run in listed if self._is_ours(run) and self._may_be_requested(run)]

    def is_conclusive(self, listed: Iterable[FlowRun], now_ms: int) -> bool:
        """Whether another list would say no more: the run is visible by now, and every window is given."""
        candidates = self.candidates(listed)
        visible = now_ms >= self.until_ms + VISIBLE_MS or not all(run.failed for run in candidates)
        return visible and all(run.finished or run_window(run) for run in candidates)

    def match(self, listed: Iterable[FlowRun]) -> RunMatch | None:
        """The run that was asked for; None if there is none.

        :raises AepConflictError: several runs may be it, or one that will never be confirmed.
        """
        candidates = self.candidates(listed)
        with_window = [run for run in candidates if self.request.covers(run_window(run))]
        without_window = [run for run in candidates if run not in with_window]
        under_way = [run for run in with_window if not run.finished]
        ended_well = [run for run in with_window if run.finished and not run.failed]
        for group in (under_way, ended_well):
            if len(group) > 1:
                raise self._ambiguous(group, "several fit")
        if under_way or ended_well:
            return RunMatch((under_way or ended_well)[0])
        unconfirmed = [run for run in without_window if not run.finished]
        if unconfirmed and self.request.window is not None:
            return RunMatch(min(unconfirmed, key=_created_at), confirmed=False)
        if without_window:
            raise self._ambiguous(without_window, "its window is not told")
        return RunMatch(max(with_window, key=_created_at)) if with_window else None

    def _is_ours(self, run: FlowRun) -> bool:
        """Whether this client created the run, and late enough: a repetition is younger than the run it repeats."""
        id_, created_at = run_ref(run)
        older = [ref for ref in (self.request.repeats, self.repeats) if ref]
        return (
            created_at >= self.created_since
            and not any(id_ == ref.id or created_at < ref.created_at for ref in older)
            and run.created_client in (None, self.client_id)
        )

    def _may_be_requested(self, run: FlowRun) -> bool:
        window = run_window(run)
        if window is None or self.request.window is None:
            # A run that failed before it gave its window may be another task's, and has nothing to go on with.
            return not run.failed
        return self.request.covers(window)

    def _ambiguous(self, runs: list[FlowRun], why: str) -> AepConflictError:
        ids = ", ".join(run.id for run in runs)
        return AepConflictError(
            f"Flow runs of dataflow {self.request.flow_id} that may be the one this task asked for ({why}): {ids}. "
            "Nothing was started. Wait for the right one with AepFlowRunSensor(run_id=...).",
            status=409,
        )


def _created_at(run: FlowRun) -> int:
    return run_ref(run).created_at
