"""What operators and sensors that wait for a flow run or a batch share: how long, what they announce, how they end."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, Self

from airflow_provider_aep.links import flow_run_url
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.models.times import iso_time
from airflow_provider_aep.runs.judge import SAMPLE_ROWS, SAMPLES_PATIENCE, EmptyRunError, row_limit, summary_or_fail
from airflow_provider_aep.runs.report import name_and_state, noun
from airflow_provider_aep.task.compat import AirflowSensorTimeout, AirflowSkipException, AirflowTaskTimeout
from airflow_provider_aep.task.events import batch_in, run_in
from airflow_provider_aep.task.xcom import Place, link_run, push

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

# Seconds that the last request of a worker may take.
_LAST_REQUEST = 10.0
# The trigger keeps the deadline and says so itself; Airflow's own limit is for a triggerer that is lost.
_LOST_TRIGGER_MARGIN = timedelta(minutes=10)


class Client(Place, Protocol):
    """What is needed here of an `AepClient`."""

    @property
    def host(self) -> str: ...
    @property
    def send(self) -> Callable[..., Any]: ...


@dataclass(frozen=True)
class Deadline:
    """When a wait ends: at the task's own time-out or at Airflow's `execution_timeout`, whichever comes first.

    :param begun: when the wait began, in wall-clock epoch seconds; of a deferred task, when its first part began.
    :param timeout: seconds that the task may wait.
    :param execution_timeout: Airflow's limit for the task, which counts the waiting, too; None where it has none.
    """

    begun: float
    timeout: float
    execution_timeout: timedelta | None = None

    @property
    def limit(self) -> float:
        """Seconds from the beginning of the wait to its end."""
        return min(self.timeout, self._execution_seconds)

    @property
    def at(self) -> float:
        """The end of the wait, in wall-clock epoch seconds: the deadline of a trigger."""
        return self.begun + self.limit

    @property
    def in_worker(self) -> float:
        """When a worker polls for the last time, in wall-clock epoch seconds: a little before `execution_timeout`, at
        which Airflow's alarm would cut off the request.

        (Of a rescheduled task, Airflow counts only the seconds that it runs: next to none.)
        """
        alarm = self._execution_seconds
        return self.begun + min(self.timeout, alarm - min(_LAST_REQUEST, alarm / 20))

    @property
    def passed(self) -> bool:
        """Whether the wait is over."""
        return time.time() >= self.at

    def as_kept_by(self, event: Mapping[str, Any]) -> Deadline:
        """The deadline that a trigger kept, as its event says it: a resumed task does not know when it began."""
        at = event.get("deadline")
        return self if at is None else replace(self, begun=at - self.limit)

    def defer_timeout(self) -> timedelta:
        """Airflow's limit for the triggerer: later than the deadline, which the trigger keeps."""
        return timedelta(seconds=max(1.0, self.at - time.time())) + _LOST_TRIGGER_MARGIN

    @property
    def is_execution_timeout(self) -> bool:
        """Whether the wait ends by `execution_timeout`."""
        return self._execution_seconds < self.timeout

    @property
    def _execution_seconds(self) -> float:
        return self.execution_timeout.total_seconds() if self.execution_timeout else math.inf


@dataclass(frozen=True)
class LastSeen:
    """What a wait knows when its time is up: the same words in every mode.

    :param run: the run or batch as last seen; None if there was none.
    :param nothing: what there was instead, as words: see `no_run_yet`.
    :param problem: why the last poll failed; None if it did not.
    """

    run: FlowRun | Batch | None = None
    nothing: str | None = None
    problem: str | None = None

    @classmethod
    def of_event(cls, event: Mapping[str, Any]) -> Self:
        """What the event of a trigger says."""
        return cls(run_in(event) or batch_in(event), event.get("nothing"), event.get("problem"))

    def __str__(self) -> str:
        state = name_and_state(self.run) if self.run else self.nothing or "nothing"
        return f"{state}; the last look failed: {self.problem.rstrip('.')}" if self.problem else state


def sensor_timed_out(deadline: Deadline, what: str, seen: LastSeen) -> BaseException:
    """The error of a sensor whose time is up.

    :param what: what it waited for, as words that begin with "for".
    """
    message = _time_is_up(deadline, what, seen)
    return AirflowTaskTimeout(message) if deadline.is_execution_timeout else AirflowSensorTimeout(message)


def run_timed_out(deadline: Deadline, what: str, seen: LastSeen, *, started: bool = True) -> BaseException:
    """The error of an operator that starts a run, and whose time is up.

    :param what: what it waited for, as words that begin with "for" or "to".
    :param started: whether there is a run of this task that goes on.
    """
    then = "The run goes on; a retry waits for it again." if started else "No run was started for this task."
    return AirflowTaskTimeout(f"{_time_is_up(deadline, what, seen)} {then}")


def _time_is_up(deadline: Deadline, what: str, seen: LastSeen) -> str:
    begun = "" if math.isinf(deadline.begun) else f", since {iso_time(int(deadline.begun) * 1000)},"
    return f"Still waiting after {timedelta(seconds=deadline.limit)}{begun} {what}; last seen: {seen}."


def for_end_of(run_id: str, flow_id: str | None) -> str:
    """What a task waits for that knows its run: words for `sensor_timed_out` and `run_timed_out`."""
    return f"for the end of flow run {run_id}" + (f" of dataflow {flow_id}" if flow_id else "")


def for_first(noun: str, of: str, since: int | None) -> str:
    """What a task waits for that does not know its run or batch yet.

    :param noun: ``flow run`` or ``batch``.
    :param of: whose, such as ``dataflow 8256...``.
    :param since: epoch milliseconds from which on one counts; None if that is not known here.
    """
    return f"for a {noun} of {of}" + (f" made since {iso_time(since)}" if since else "")


def no_run_yet(since: int, listed: Sequence[FlowRun]) -> str:
    """That a dataflow has no run made since then, and which is its newest older one.

    :param since: epoch milliseconds.
    :param listed: runs of the dataflow; where there are older ones, a list holds some of them.
    """
    made = [(run.created_at_or_started, run) for run in listed if run.created_at_or_started is not None]
    if not made:
        return f"no flow run made since {iso_time(since)}"
    at, newest = max(made, key=lambda one: one[0])
    return (
        f"no flow run made since {iso_time(since)}; the newest older one is {newest.id}, "
        f"made at {iso_time(int(at))}, status {newest.status}"
    )


def log_resumed(event: Mapping[str, Any]) -> None:
    """Say in the log of a resumed task what its trigger saw. Errors and time-outs say it themselves."""
    seen = run_in(event) or batch_in(event)
    if seen and not event.get("timeout"):
        log.info("Resumed: the triggerer saw %s %s: %s", noun(seen), seen.id, seen.status)
    elif event.get("answered"):
        log.info("Resumed: the platform answers")


def run_page(client: Client, run: FlowRun) -> str | None:
    """The run's page in Experience Platform's UI; None if the platform does not say whose run it is."""
    return flow_run_url(client.org_id, client.sandbox, run.flow_id, run.id) if run.flow_id else None


def announce_run(context: Context, client: Client, run: FlowRun) -> None:
    """Push as XComs which run the task waits for, so that it is known also if the run fails or never ends."""
    push(context, run_id=run.id)
    link_run(context, client, run.flow_id, run.id)


def task_result(
    client: Client, ended: FlowRun | Batch, policy: Any, *, rerun: bool = False, sample_rows: Any = SAMPLE_ROWS
) -> dict[str, Any]:
    """The summary of a run or batch that ended as its policy demands: what the task returns, in every mode.

    :param policy: see `RunPolicy`; a dict or None.
    :param rerun: whether a retry of the task runs a failed run again.
    :param sample_rows: how many rejected rows of a failed run are logged.
    :raises AepFlowRunFailedError: it did not end as its policy demands.
    :raises AirflowSkipException: it moved no records, and the policy is to skip then.
    """
    try:
        return summary_or_fail(
            ended,
            RunPolicy.of(policy),
            send=partial(client.send, patience=SAMPLES_PATIENCE),
            host=client.host,
            url=run_page(client, ended) if isinstance(ended, FlowRun) else None,
            rerun=rerun,
            sample_rows=row_limit(sample_rows),
        )
    except EmptyRunError as problem:
        raise AirflowSkipException(str(problem)) from None
