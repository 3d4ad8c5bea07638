"""Which of a dataflow's runs has loaded a window already: decided from what is listed, without any request.

Only a run that the platform calls a success and whose window it gives has loaded anything. Windows that touch have no
data in common.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from airflow_provider_aep.models.flow_run import FlowRun
from airflow_provider_aep.models.run_state import Phase
from airflow_provider_aep.runs.request import Window, run_ref, run_window

IfLoaded = Literal["load", "skip", "fail"]

_DAY_MS = 24 * 3600 * 1000


def run_that_loaded(window: Window, listed: Iterable[FlowRun], own: str | None = None) -> FlowRun | None:
    """The youngest successful run whose window overlaps; None if there is none.

    :param own: the id of the task's own run, which does not count.
    """
    loaded = [run for run in listed if run.id != own and run.phase is Phase.SUCCEEDED and _overlaps(window, run)]
    return max(loaded, key=lambda run: run_ref(run).created_at, default=None)


def earliest_creation_ms(window: Window, now_ms: int) -> int:
    """When a run that has loaded data of a window can have been created at the earliest, epoch milliseconds.

    A run copies what is in the source while it lasts, and data of a window is in the source after the window has begun:
    an older run has loaded nothing of it, whatever its own window. A day is added for runs that last long.

    :param now_ms: the platform's time, epoch milliseconds: a window may lie in the future.
    """
    return min(window[0] * 1000, now_ms) - _DAY_MS


def _overlaps(window: Window, run: FlowRun) -> bool:
    other = run_window(run)
    return other is not None and max(window[0], other[0]) < min(window[1], other[1])
