"""What operators and sensors that wait for a flow run or a batch share: how long, what they announce, how they end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_aep.links import RUN_URL_KEY, AepFlowRunLink, flow_run_url
from airflow_provider_aep.models.batch import Batch
from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.policy import RunPolicy
from airflow_provider_aep.runs.judge import SAMPLE_ROWS, SAMPLES_PATIENCE, EmptyRunError, row_limit, summary_or_fail
from airflow_provider_aep.task.compat import AirflowSensorTimeout, AirflowSkipException, AirflowTaskTimeout
from airflow_provider_aep.task.xcom import push

if TYPE_CHECKING:
    from airflow.sdk import Context

# Seconds that the last request of a worker may take.
_LAST_REQUEST = 10.0
# The trigger keeps the deadline and says so itself; Airflow's own limit is for a triggerer that is lost.
_LOST_TRIGGER_MARGIN = timedelta(minutes=10)


class Client(Protocol):
    """What is needed here of an `AepClient`."""

    @property
    def host(self) -> str: ...
    @property
    def org_id(self) -> str: ...
    @property
    def sandbox(self) -> str: ...
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


def sensor_timed_out(deadline: Deadline, seen: str) -> BaseException:
    """The error of a sensor whose time is up.

    :param seen: what was seen last, as words.
    """
    message = f"Still waiting after {timedelta(seconds=deadline.limit)}; {seen}."
    return AirflowTaskTimeout(message) if deadline.is_execution_timeout else AirflowSensorTimeout(message)


def run_timed_out(deadline: Deadline, what: str, seen: FlowRun | None = None, *, started: bool = True) -> BaseException:
    """The error of an operator that starts a run, and whose time is up.

    :param what: what it waited for, as words that begin with "for" or "before".
    :param seen: that run as last seen.
    :param started: whether there is a run of this task that goes on.
    """
    state = seen.summary() if seen else "nothing"
    then = "The run goes on; a retry waits for it again." if started else "No run was started for this task."
    return AirflowTaskTimeout(f"Waited {timedelta(seconds=deadline.limit)} {what}; last seen: {state}. {then}")


def run_page(client: Client, run: FlowRun) -> str | None:
    """The run's page in Experience Platform's UI; None if the platform does not say whose run it is."""
    return flow_run_url(client.org_id, client.sandbox, run.flow_id, run.id) if run.flow_id else None


def announce_run(context: Context, client: Client, run: FlowRun) -> None:
    """Push as XComs which run the task waits for, so that it is known also if the run fails or never ends."""
    url = run_page(client, run)
    # Airflow asks for the link when the task ends; with its key it is there while the task waits.
    push(context, run_id=run.id, **{RUN_URL_KEY: url, AepFlowRunLink().xcom_key: url})


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
