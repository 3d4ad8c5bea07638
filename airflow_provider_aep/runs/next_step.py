"""What a task that runs a dataflow does next: a pure function of what it knows.

attempt     run of an earlier attempt           other runs    if_running   next step
FIRST       cannot exist                                                   as if none exists
another     not searched for                                               FindEarlierRun
CLEARED     ended                                                          as if none exists
any         was attached to, failed                                        as if none exists
any         not confirmed                                                  WaitFor it, as it may be this task's
any         failed                                                         RunAgain
any         under way, or ended otherwise                                  ResumeWith

any         none exists                         not listed    start        Start
any         none exists                         not listed    otherwise    ListRunsUnderWay
any         none exists                         none                       Start
any         none exists                         one or more   wait         WaitFor the oldest
any         none exists                         one           attach       AttachTo it
any         none exists                         several       attach       Refuse
any         none exists                         one or more   fail         Refuse
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.runs.match import RunMatch
from airflow_provider_aep.runs.record import RunRecord

IfRunning = Literal["wait", "attach", "fail", "start"]


class Attempt(Enum):
    """How this attempt came about, which says what an earlier one may have done."""

    FIRST = "nothing has been asked for yet"
    RETRIED = "an earlier attempt may have started the run: this one goes on with it"
    CLEARED = "a person cleared the task: it goes on with a run that is under way, and starts another one otherwise"
    CONFIRMING = "it has waited for a run that may be its own: it goes on with it, however that ended"


@dataclass(frozen=True)
class Known:
    """What an attempt knows.

    :param if_running: what the author wants while another run of the dataflow is under way.
    :param attached: whether the run of the earlier attempt was not started by this task.
    :param searched: whether that run was searched for.
    :param earlier: that run; None if there is none.
    :param others: the runs of the dataflow that are under way, oldest first; None if they have not been listed.
    """

    attempt: Attempt
    if_running: IfRunning
    attached: bool = False
    searched: bool = False
    earlier: RunMatch | None = None
    others: Sequence[FlowRun] | None = None


@dataclass(frozen=True)
class FindEarlierRun:
    """Search for the run that an earlier attempt started."""


@dataclass(frozen=True)
class ListRunsUnderWay:
    """List the runs of the dataflow that are under way."""


@dataclass(frozen=True)
class ResumeWith:
    """Wait for the end of a run that an earlier attempt started or attached to."""

    run: FlowRun


@dataclass(frozen=True)
class RunAgain:
    """Run the window of the task's own, failed run again.

    :param loaded: another run that has loaded data of the window; None if there is none, or nobody asked.
    """

    failed: FlowRun
    loaded: FlowRun | None = None


@dataclass(frozen=True)
class AttachTo:
    """Wait for the end of another run instead of starting one."""

    run: FlowRun


@dataclass(frozen=True)
class WaitFor:
    """Wait until a run has ended, and decide again.

    :param may_be_own: whether it may be the one that this task asked for.
    """

    run: FlowRun
    may_be_own: bool = False


@dataclass(frozen=True)
class Start:
    """Start a run.

    :param loaded: as of `RunAgain`.
    """

    loaded: FlowRun | None = None


@dataclass(frozen=True)
class Refuse:
    """Start nothing, because of the runs that are under way."""

    runs: Sequence[FlowRun]


# What a task can do once it knows enough.
Decision = ResumeWith | RunAgain | AttachTo | WaitFor | Start
Step = FindEarlierRun | ListRunsUnderWay | Refuse | Decision


def next_step(known: Known) -> Step:
    """The next step; see the table above."""
    if known.attempt is not Attempt.FIRST and not known.searched:
        return FindEarlierRun()
    earlier = known.earlier
    if earlier is not None and why_not_resumed(known) is None:
        if not earlier.confirmed:
            return WaitFor(earlier.run, may_be_own=True)
        return RunAgain(earlier.run) if earlier.run.failed else ResumeWith(earlier.run)
    return _step_beside(known.others, known.if_running)


def _step_beside(others: Sequence[FlowRun] | None, if_running: IfRunning) -> Step:
    """The next step where there is no earlier run to go on with."""
    if if_running == "start":
        return Start()
    if others is None:
        return ListRunsUnderWay()
    if not others:
        return Start()
    if if_running == "wait":
        return WaitFor(others[0])
    return AttachTo(others[0]) if if_running == "attach" and len(others) == 1 else Refuse(others)


def why_not_resumed(known: Known) -> str | None:
    """Why the task does not go on with the run of an earlier attempt; None if it does, or there is none."""
    if known.earlier is None:
        return None
    run = known.earlier.run
    if known.attempt is Attempt.CLEARED and run.finished:
        return f"The task was cleared after flow run {run.id} had ended: starting another one."
    if known.attached and run.failed:
        return f"Flow run {run.id} has failed; it was not started by this task, so it is not repeated."
    return None


def attempt_by_record(attempt: Attempt, record: RunRecord | None, generation: int) -> Attempt:
    """How this attempt came about, where a record knows better than the number of the try.

    :param attempt: by the number of the try.
    :param generation: changes when a person clears the task.
    """
    if record is None or attempt is Attempt.CONFIRMING:
        return attempt
    return Attempt.RETRIED if record.generation == generation else Attempt.CLEARED
