"""What a task does about a window that another run of its dataflow has loaded already."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow_provider_aep import runs
from airflow_provider_aep.exceptions import AepConflictError
from airflow_provider_aep.task.compat import AirflowSkipException
from airflow_provider_aep.task.window import window_to_json

if TYPE_CHECKING:
    from airflow_provider_aep.runs.loaded import IfLoaded
    from airflow_provider_aep.runs.next_step import Decision
    from airflow_provider_aep.runs.request import RunRequest, Window

log = logging.getLogger(__name__)


def act_on_loaded(if_loaded: IfLoaded | None, request: RunRequest, step: Decision) -> None:
    """Where a run is to be started over a window that was loaded: warn that it is loaded again, or do not load it.

    :param if_loaded: what the author wants; None where that is not asked.
    :raises AirflowSkipException: the task is skipped.
    :raises AepConflictError: the task fails.
    """
    loaded = step.loaded if isinstance(step, runs.next_step.Start | runs.next_step.RunAgain) else None
    if loaded is None:
        return
    window = runs.request.run_window(loaded)
    found = (
        f"Flow run {loaded.id} of dataflow {request.flow_id} ended with status {loaded.status!r} and has loaded "
        f"{_in_words(window)}, so data of the window {_in_words(request.window)} is there already"
    )
    if if_loaded == "skip":
        raise AirflowSkipException(f"{found}. Skipped, as if_loaded='skip' says.")
    if if_loaded == "fail":
        raise AepConflictError(
            f"{found}. Nothing was started. Pass if_loaded='load' to load it again, or 'skip' to skip the task.",
            status=409,
        )
    log.warning("%s. It is loaded again, as if_loaded='load' says.", found)


def _in_words(window: Window | None) -> str:
    return "{start} to {end}".format(**window_to_json(window)) if window else "a window that is not known"
